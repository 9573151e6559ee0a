import { SamplerError } from './errors.js';

/** Process ids, and milliseconds on the native side, are 32-bit numbers. */
export const MAX_INT32 = 2 ** 31 - 1;

/** @throws SamplerError `ERR_SAMPLER_OPTION` unless it is a whole number within the limits. */
export function requireInteger(name: string, value: number, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new SamplerError(
      'ERR_SAMPLER_OPTION',
      `${name} is ${value}; expected a whole number from ${least} to ${most}`,
      { kind: 'usage' },
    );
  }
  return value;
}

/** @throws SamplerError `ERR_SAMPLER_OPTION` unless it is a number within the limits. */
export function requireNumber(name: string, value: number, [least, most]: readonly [number, number]): number {
  if (!(value >= least && value <= most)) {
    throw new SamplerError(
      'ERR_SAMPLER_OPTION',
      `${name} is ${value}; expected a number from ${least} to ${most}`,
      {
        kind: 'usage',
      },
    );
  }
  return value;
}
