import { SamplerError, type SamplerErrorCode } from './errors.js';
import type { NativeFailure } from './native.js';
import { remedy } from './remedies.js';

/** A failure of the addon as an error, with what to do about it on this machine. */
export function toSamplerError(failure: NativeFailure, pid: number): SamplerError {
  const code = failure.code as SamplerErrorCode;
  const hint = remedy(code, pid, failure.errno);
  return new SamplerError(code, failure.message, {
    ...(hint !== undefined && { hint }),
    ...(failure.errno !== 0 && { errno: failure.errno }),
  });
}
