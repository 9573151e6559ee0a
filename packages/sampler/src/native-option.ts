import { SamplerError } from './errors.js';
import { requireFlag } from './validation.js';

/**
 * Whether native stacks are wanted, from an option that may name the way they are taken.
 *
 * @throws SamplerError `ERR_SAMPLER_OPTION`, `ERR_NATIVE_UNSUPPORTED`
 */
export function requireNative(native: boolean | 'exact'): boolean {
  if (typeof native !== 'boolean' && native !== 'exact') {
    throw new SamplerError(
      'ERR_SAMPLER_OPTION',
      `native is ${String(native)}; expected true, false or 'exact'`,
      { kind: 'usage' },
    );
  }
  if (native !== false) requirePlatform('native stacks');
  return native !== false;
}

/** @throws SamplerError `ERR_SAMPLER_OPTION`, `ERR_NATIVE_UNSUPPORTED` */
export function requireKernel(kernel: boolean): boolean {
  if (requireFlag('kernel', kernel)) requirePlatform('stacks of the kernel');
  return kernel;
}

const PLATFORMS: readonly string[] = ['linux-x64', 'linux-arm64'];

function requirePlatform(what: string): void {
  const platform = `${process.platform}-${process.arch}`;
  if (PLATFORMS.includes(platform)) return;
  throw new SamplerError(
    'ERR_NATIVE_UNSUPPORTED',
    `this is ${platform}; ${what} can be read on ${PLATFORMS.join(' and ')}`,
    { hint: 'record without them' },
  );
}
