import { randomBytes } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AustinError } from '@austin-profiler/profile';
import { printable } from '../output/printable.js';
import { systemReason } from '../output/system-errors.js';

/** A file without a name, which is gone when it is closed, or when this process ends, however it does. */
export interface HiddenFile {
  readonly fd: number;
  size(): number;
  /** The first `size` bytes. */
  read(size: number): AsyncIterable<Uint8Array>;
  close(): void;
}

/** @throws AustinError `ERR_OUTPUT_OPEN` */
export function openHiddenFile(): HiddenFile {
  const folder = tmpdir();
  const fd = open(folder);
  return {
    fd,
    size: () => fstatSync(fd).size,
    async *read(size) {
      // The position that is being written at stays where it is.
      if (size > 0) yield* createReadStream('', { fd, start: 0, end: size - 1, autoClose: false });
    },
    close: () => closeSync(fd),
  };
}

function open(folder: string): number {
  const path = join(folder, `austin-top-${randomBytes(8).toString('hex')}`);
  try {
    const fd = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return fd;
  } catch (error) {
    throw new AustinError(
      'ERR_OUTPUT_OPEN',
      `cannot keep the recording in ${printable(folder)}: ${systemReason(error)}`,
      { kind: 'environment', hint: 'name another folder with TMPDIR', cause: error },
    );
  }
}
