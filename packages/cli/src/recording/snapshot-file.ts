import { closeSync, unlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { AustinError } from '@austin-profiler/profile';
import { createFreeFile } from '../output/free-name.js';
import { printable } from '../output/printable.js';
import { writeAll } from '../output/stdio.js';
import { systemReason } from '../output/system-errors.js';
import { splitExtension } from './part-names.js';

/** A copy of a recording that goes on. */
export interface SnapshotFile {
  readonly path: string;
  readonly bytes: number;
}

const COPY_BYTES = 1 << 20;

/**
 * Writes the first `size` bytes of a file, and `end` after them, into a new file beside it: `app.snapshot.mojo`,
 * `app.snapshot.2.mojo`, … An existing file is never replaced, and a failed one not left behind.
 *
 * @throws AustinError `ERR_SNAPSHOT`
 */
export async function writeSnapshot(source: string, size: number, end: Uint8Array): Promise<SnapshotFile> {
  const { base, extension } = splitExtension(source);
  let input: FileHandle | undefined;
  try {
    input = await open(source, 'r');
    if (!(await input.stat()).isFile()) throw noSnapshot(source, 'it is not a file');
    const { fd, path } = createFreeFile(`${base}.snapshot`, extension);
    try {
      await copy(input, fd, size);
      await writeAll(fd, end);
    } catch (error) {
      unlinkSync(path);
      throw error;
    } finally {
      closeSync(fd);
    }
    return { path, bytes: size + end.length };
  } catch (error) {
    if (error instanceof AustinError) throw error;
    throw noSnapshot(source, systemReason(error), error);
  } finally {
    await input?.close();
  }
}

/** Why there is none, said so that it can stand in a running recording. */
export function noSnapshot(source: string, reason: string, cause?: unknown): AustinError {
  const shown = source === '-' ? 'standard output' : printable(source);
  return new AustinError('ERR_SNAPSHOT', `no snapshot of ${shown} was written: ${reason}`, {
    kind: 'environment',
    hint: 'the recording goes on',
    ...(cause !== undefined && { cause }),
  });
}

async function copy(input: FileHandle, fd: number, size: number): Promise<void> {
  const buffer = Buffer.alloc(Math.min(size, COPY_BYTES));
  for (let at = 0; at < size; ) {
    const { bytesRead } = await input.read(buffer, 0, Math.min(buffer.length, size - at), at);
    if (bytesRead === 0) throw new Error('the file has become shorter');
    await writeAll(fd, buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
