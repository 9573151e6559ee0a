import { SamplerError } from './errors.js';
import { requireFlag } from './validation.js';

/**
 * How native stacks are taken: `exact` stops each thread for a moment to copy it, `undisturbed` has the kernel copy it while it runs.
 */
export type NativeWay = (typeof NATIVE_WAYS)[number];

export const NATIVE_WAYS = ['exact', 'undisturbed'] as const;

/**
 * The way in which native stacks are wanted, or an empty text for none.
 *
 * @throws SamplerError `ERR_SAMPLER_OPTION`, `ERR_NATIVE_UNSUPPORTED`
 */
export function requireNative(native: boolean | NativeWay): NativeWay | '' {
  if (typeof native !== 'boolean' && !NATIVE_WAYS.includes(native)) {
    throw new SamplerError(
      'ERR_SAMPLER_OPTION',
      `native is ${String(native)}; expected true, false, 'exact' or 'undisturbed'`,
      { kind: 'usage' },
    );
  }
  if (native === false) return '';
  requirePlatform('native stacks');
  return native === true ? 'exact' : native;
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
