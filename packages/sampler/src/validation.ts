import { fstatSync } from 'node:fs';
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

/** @throws SamplerError `ERR_SAMPLER_OPTION` */
export function requireFlag(name: string, value: boolean): boolean {
  if (typeof value === 'boolean') return value;
  throw new SamplerError('ERR_SAMPLER_OPTION', `${name} is ${String(value)}; expected true or false`, {
    kind: 'usage',
  });
}

/** @throws SamplerError `ERR_SAMPLER_OPTION` */
export function requireFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return;
  throw new SamplerError('ERR_SAMPLER_OPTION', `${name} is not a function`, { kind: 'usage' });
}

/** @throws SamplerError `ERR_SAMPLER_OPTION` */
export function requireOpen(name: string, fd: number): number {
  try {
    fstatSync(fd);
    return fd;
  } catch (cause) {
    throw new SamplerError('ERR_SAMPLER_OPTION', `${name} is ${fd}, which is not an open descriptor`, {
      kind: 'usage',
      cause,
    });
  }
}

/**
 * The format ends each text with a zero byte.
 *
 * @throws SamplerError `ERR_SAMPLER_OPTION`
 */
export function requireText([key, value]: [string, string]): [string, string] {
  if (typeof value === 'string' && !`${key}${value}`.includes('\0')) return [key, value];
  throw new SamplerError(
    'ERR_SAMPLER_OPTION',
    `metadata ${JSON.stringify(key)} is ${JSON.stringify(value)}; expected text without a zero byte`,
    { kind: 'usage' },
  );
}
