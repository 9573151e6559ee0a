import { closeSync, constants, existsSync, fstatSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import { isatty } from 'node:tty';
import { AustinError } from '@austin-profiler/profile';
import { createFreeFile } from '../output/free-name.js';
import { printable } from '../output/printable.js';
import { systemReason } from '../output/system-errors.js';

const STDOUT = 1;

/** Where a recording goes. It is open before the target starts. */
export interface OutputFile {
  readonly fd: number;
  /** The path, or `-` for standard output. */
  readonly path: string;
  /** Takes away what a file held before: not until something is recorded into it. */
  empty(): void;
  close(): void;
  /** Closes it, and removes it if it was not there before. */
  discard(): void;
}

/**
 * Opens what `-o` names, or else a new file called after `name` in the current folder.
 *
 * @throws AustinError `ERR_OUTPUT_OPEN`, `ERR_USAGE_TERMINAL`
 */
export function openOutput(path: string | undefined, name: string): OutputFile {
  if (path === '-') return standardOutput();
  try {
    if (path === undefined) {
      const free = createFreeFile(name, '.mojo');
      return fileOutput(free.fd, free.path, true);
    }
    const isNew = !existsSync(path);
    return fileOutput(openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o666), path, isNew);
  } catch (error) {
    throw openError(path ?? `${name}.mojo`, error);
  }
}

/** Creates a file that does not exist yet. Throws the system's error. */
export function createOutput(path: string): OutputFile {
  return fileOutput(openSync(path, 'wx'), path, true);
}

/** The error of a file that cannot be opened for a recording, before anything is started. */
export function openError(path: string, error: unknown): AustinError {
  return new AustinError('ERR_OUTPUT_OPEN', `cannot write ${printable(path)}: ${systemReason(error)}`, {
    kind: 'environment',
    hint: 'name another file with `-o`; nothing has been started',
    cause: error,
  });
}

function standardOutput(): OutputFile {
  if (isatty(STDOUT)) {
    throw new AustinError('ERR_USAGE_TERMINAL', 'a recording is binary and is not written to a terminal', {
      kind: 'usage',
      hint: 'send it to a file or a program: `austin record -o - ... | ...`',
    });
  }
  return { fd: STDOUT, path: '-', empty() {}, close() {}, discard() {} };
}

function fileOutput(fd: number, path: string, isNew: boolean): OutputFile {
  // What is there already is not ours to remove, and neither is a device.
  const isFile = fstatSync(fd).isFile();
  let isOurs = isNew && isFile;
  let isOpen = true;
  const close = () => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  return {
    fd,
    path,
    empty() {
      if (isFile) ftruncateSync(fd);
    },
    close,
    discard() {
      close();
      if (isOurs) rmSync(path, { force: true });
      isOurs = false;
    },
  };
}
