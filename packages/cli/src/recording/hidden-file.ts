import { randomBytes } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AustinError } from '@austin-profiler/profile';
import { printable } from '../output/printable.js';
import { systemReason } from '../output/system-errors.js';

/** A file without a name, which is gone when it is closed and read no more, or when this process ends, however it does. */
export interface HiddenFile {
  readonly fd: number;
  /** By which it can be opened once more while it is open here. */
  readonly path: string;
  size(): number;
  /** The first `size` bytes, or all. Goes on when the file is closed meanwhile. */
  read(size?: number): AsyncIterable<Uint8Array>;
  /** Doing so again does nothing. */
  close(): void;
}

/** @throws AustinError `ERR_OUTPUT_OPEN` */
export function openHiddenFile(): HiddenFile {
  const folder = tmpdir();
  const fd = open(folder);
  const path = `/proc/self/fd/${fd}`;
  let isOpen = true;
  return {
    fd,
    path,
    size: () => fstatSync(fd).size,
    async *read(size = Number.POSITIVE_INFINITY) {
      // By then the number may be that of another file.
      if (!isOpen) throw new Error('the recording has been thrown away');
      // With a position of its own: the one that is being written at stays where it is.
      if (size > 0) yield* createReadStream('', { fd: openSync(path, 'r'), start: 0, end: size - 1 });
    },
    close() {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
}

function open(folder: string): number {
  const path = join(folder, `austin-${randomBytes(8).toString('hex')}`);
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
