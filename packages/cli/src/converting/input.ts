import { createReadStream } from 'node:fs';
import { isatty } from 'node:tty';
import { AustinError } from '@austin-profiler/profile';
import { printable } from '../output/printable.js';
import { systemReason } from '../output/system-errors.js';

const STDIN = 0;

/**
 * The bytes of a file, or of standard input for `-`.
 *
 * @throws AustinError `ERR_INPUT_READ`, `ERR_USAGE_TERMINAL`
 */
export async function* readInput(path: string): AsyncGenerator<Uint8Array> {
  if (path === '-' && isatty(STDIN)) {
    throw new AustinError('ERR_USAGE_TERMINAL', 'a profile cannot be typed in at a terminal', {
      kind: 'usage',
      hint: 'name a file, or pipe one in: `austin record -o - ... | austin convert - ...`',
    });
  }
  try {
    yield* path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1 << 18 });
  } catch (error) {
    const shown = path === '-' ? 'standard input' : printable(path);
    throw new AustinError('ERR_INPUT_READ', `cannot read ${shown}: ${systemReason(error)}`, {
      kind: 'environment',
      cause: error,
    });
  }
}
