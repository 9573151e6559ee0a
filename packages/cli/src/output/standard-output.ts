import { AustinError } from '@austin-profiler/profile';
import { writeAll } from './stdio.js';
import { systemReason } from './system-errors.js';

const STDOUT = 1;

/**
 * Writes data to standard output.
 *
 * @throws AustinError `ERR_OUTPUT_CLOSED` when the reader of the pipe has gone, `ERR_OUTPUT_WRITE`
 */
export async function writeStdout(bytes: Uint8Array): Promise<void> {
  try {
    await writeAll(STDOUT, bytes);
  } catch (error) {
    const isClosed = (error as NodeJS.ErrnoException).code === 'EPIPE';
    throw new AustinError(
      isClosed ? 'ERR_OUTPUT_CLOSED' : 'ERR_OUTPUT_WRITE',
      isClosed
        ? 'standard output was closed by its reader before everything was written'
        : `cannot write to standard output: ${systemReason(error)}`,
      { kind: 'environment', cause: error },
    );
  }
}
