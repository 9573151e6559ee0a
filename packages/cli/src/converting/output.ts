import {
  closeSync,
  fchmodSync,
  fstatSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isatty } from 'node:tty';
import { AustinError } from '@austin-profiler/profile';
import { createFreeFile } from '../output/free-name.js';
import { printable } from '../output/printable.js';
import { writeStdout } from '../output/standard-output.js';
import { writeAll } from '../output/stdio.js';
import { systemReason } from '../output/system-errors.js';
import { extensionOf, withoutExtension } from './names.js';
import { isText, type WritableFormat } from './target-format.js';

/** Where converted bytes go. A file appears, or changes, only when everything has been written. */
export interface ConvertOutput {
  /** As shown to people; undefined for standard output. */
  readonly path: string | undefined;
  write(bytes: Uint8Array): Promise<void>;
  commit(): void;
  /** Leaves everything as it was. Does nothing after `commit`. */
  abort(): void;
}

/**
 * Where a converted profile goes: the file named, `-` for standard output, or else a new file beside the input.
 *
 * @param addition stands in the name of that file before its ending
 * @throws AustinError `ERR_OUTPUT_OPEN`, `ERR_USAGE_TERMINAL` for bytes that a terminal cannot show
 */
export function openOutput(
  input: string,
  path: string | undefined,
  target: WritableFormat,
  addition = '',
): ConvertOutput {
  if (path !== '-' && path !== undefined) return namedOutput(path);
  if (path === undefined && input !== '-') {
    return freeOutput(withoutExtension(input) + addition, extensionOf(target));
  }
  if (isText(target) || !isatty(1)) return standardOutput();
  throw new AustinError('ERR_USAGE_TERMINAL', `${target.title} is binary and is not written to a terminal`, {
    kind: 'usage',
    hint: 'name a file with `-o`',
  });
}

/** Standard output. */
export function standardOutput(): ConvertOutput {
  return { path: undefined, write: writeStdout, commit() {}, abort() {} };
}

/**
 * The file named with `-o`, which is replaced; a device or a pipe is written to directly.
 *
 * @throws AustinError `ERR_OUTPUT_OPEN`
 */
export function namedOutput(path: string): ConvertOutput {
  return guarded('ERR_OUTPUT_OPEN', path, () => {
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing && !existing.isFile()) return directOutput(path);
    const replaced = existing ? realpathSync(path) : path;
    return replacingOutput(path, replaced, existing?.mode);
  });
}

/**
 * A file that does not exist yet: `base.ext`, or else `base.2.ext` and so on.
 *
 * @throws AustinError `ERR_OUTPUT_OPEN`
 */
export function freeOutput(base: string, extension: string): ConvertOutput {
  return guarded('ERR_OUTPUT_OPEN', `${base}${extension}`, () => {
    const { fd, path } = createFreeFile(base, extension);
    closeSync(fd);
    try {
      const output = replacingOutput(path, path, undefined);
      let isPlaceholder = true;
      return {
        ...output,
        commit() {
          output.commit();
          isPlaceholder = false;
        },
        abort() {
          output.abort();
          if (isPlaceholder) unlinkSync(path);
          isPlaceholder = false;
        },
      };
    } catch (error) {
      unlinkSync(path);
      throw error;
    }
  });
}

function directOutput(path: string): ConvertOutput {
  const fd = openSync(path, 'w');
  const close = once(() => closeSync(fd));
  return {
    path,
    write: (bytes) => writeGuarded(fd, bytes, path),
    commit: () => guarded('ERR_OUTPUT_WRITE', path, close),
    abort: close,
  };
}

/** Writes beside the file and takes its place at the end. */
function replacingOutput(path: string, replaced: string, mode: number | undefined): ConvertOutput {
  const temporary = join(dirname(replaced), `.${basename(replaced)}.${process.pid}.tmp`);
  const fd = openSync(temporary, 'wx');
  if (mode !== undefined) keepMode(fd, mode);
  const close = once(() => closeSync(fd));
  let isTemporary = true;
  return {
    path,
    write: (bytes) => writeGuarded(fd, bytes, path),
    commit: () =>
      guarded('ERR_OUTPUT_WRITE', path, () => {
        close();
        renameSync(temporary, replaced);
        isTemporary = false;
      }),
    abort() {
      close();
      if (isTemporary) unlinkSync(temporary);
      isTemporary = false;
    },
  };
}

/** A descriptor closed twice may be another file's by then. */
function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}

function keepMode(fd: number, mode: number): void {
  if (fstatSync(fd).mode !== mode) fchmodSync(fd, mode & 0o7777);
}

async function writeGuarded(fd: number, bytes: Uint8Array, path: string): Promise<void> {
  try {
    await writeAll(fd, bytes);
  } catch (error) {
    throw outputError('ERR_OUTPUT_WRITE', path, error);
  }
}

function guarded<T>(code: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw outputError(code, path, error);
  }
}

function outputError(code: string, path: string, error: unknown): AustinError {
  return new AustinError(code, `cannot write ${printable(path)}: ${systemReason(error)}`, {
    kind: 'environment',
    hint: 'name another file with `-o`',
    cause: error,
  });
}
