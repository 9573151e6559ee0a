import { SamplerError } from './errors.js';
import { remedy } from './remedies.js';

/** The error of a recording whose receiver could not write it. */
export function outputWriteError(cause: unknown): SamplerError {
  const { message, errno = 0 } = cause as NodeJS.ErrnoException;
  const hint = remedy('ERR_OUTPUT_WRITE', 0, Math.abs(errno));
  return new SamplerError('ERR_OUTPUT_WRITE', `cannot write the recording: ${message}`, {
    ...(hint !== undefined && { hint }),
    ...(errno !== 0 && { errno: Math.abs(errno) }),
    cause,
  });
}
