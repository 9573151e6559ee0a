import { open } from 'node:fs/promises';
import { isatty } from 'node:tty';
import { AustinError } from '@austin-profiler/profile';
import { printable } from '../output/printable.js';
import { systemReason } from '../output/system-errors.js';

const STDIN = 0;

/** A file is read in chunks of this many bytes, all into the same memory: what is filled once need not be made again. */
const CHUNK_BYTES = 1 << 19;

/**
 * The bytes of a file, or of standard input for `-`. A chunk may be overwritten as soon as the next is asked for.
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
    yield* path === '-' ? process.stdin : readFile(path);
  } catch (error) {
    const shown = path === '-' ? 'standard input' : printable(path);
    throw new AustinError('ERR_INPUT_READ', `cannot read ${shown}: ${systemReason(error)}`, {
      kind: 'environment',
      cause: error,
    });
  }
}

async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
