import { AustinError } from '@austin-profiler/profile';
import type { Recording } from '@austin-profiler/sampler';
import { printable } from '../output/printable.js';
import { ChunkedFile } from './chunked-file.js';
import { createOutput, type OutputFile, openError } from './output-file.js';
import { existingPart, partPath, splitExtension } from './part-names.js';
import type { RecordingOutput } from './recording-output.js';

/** When a recording goes on in another file. */
export type RotationLimit = { readonly seconds: number } | { readonly bytes: number };

/**
 * Opens the first of a row of files: `app.0001.mojo`, `app.0002.mojo`, … for `-o app.mojo`. Each is a recording by itself.
 * None replaces a file: those that `-o` names must not exist, and a derived name counts up.
 *
 * @throws AustinError `ERR_OUTPUT_OPEN`, `ERR_OUTPUT_EXISTS`, `ERR_USAGE_ROTATE`
 */
export function openRotatingOutput(
  path: string | undefined,
  name: string,
  limit: RotationLimit,
): RecordingOutput {
  if (path === '-') {
    throw new AustinError('ERR_USAGE_ROTATE', '`--rotate` writes many files, and standard output is one', {
      kind: 'usage',
      hint: 'name a file with `-o`, or leave out `--rotate`',
    });
  }
  const row = openRow(path, name);
  let file = new ChunkedFile(row.first);
  let fileCount = 1;
  let sizeBefore = 0;
  let recording: Pick<Recording, 'rotate'> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isAsked = false;

  const ask = (): void => {
    if (!isAsked) recording?.rotate();
    isAsked = true;
  };
  const restartClock = (): void => {
    if (!('seconds' in limit)) return;
    clearTimeout(timer);
    // A recording that is over is not kept waiting by its clock.
    timer = setTimeout(ask, limit.seconds * 1000).unref();
  };
  /** Throws where there can be no next file, before anything is written to it. Settles when the full one is complete. */
  const beginFile = (): Promise<void> => {
    const full = file;
    file = new ChunkedFile(row.next());
    fileCount++;
    isAsked = false;
    return full.finish().finally(() => {
      sizeBefore += full.size;
    });
  };

  let isFirstChunk = true;
  return {
    firstPath: row.first.path,
    get path() {
      return file.path;
    },
    get fileCount() {
      return fileCount;
    },
    sink: {
      async onChunk(chunk, { startsFile }) {
        const finished = startsFile && !isFirstChunk ? beginFile() : undefined;
        isFirstChunk = false;
        if (startsFile) restartClock();
        const written = file;
        await Promise.all([finished, written.write(chunk)]);
        if ('bytes' in limit && written === file && file.size >= limit.bytes) ask();
      },
    },
    empty() {}, // they are new
    size: () => sizeBefore + file.size,
    follow(followed) {
      recording = followed;
    },
    async finish() {
      clearTimeout(timer);
      await file.finish();
    },
    discard() {
      clearTimeout(timer);
      file.discard();
    },
    snapshot: ({ footer }) => file.snapshot(footer),
  };
}

interface Row {
  readonly first: OutputFile;
  /** Creates the next file. Throws the system's error. */
  next(): OutputFile;
}

function openRow(path: string | undefined, name: string): Row {
  if (path !== undefined) {
    const { base, extension } = splitExtension(path);
    const row = tryRow(base, extension);
    if (typeof row !== 'string') return row;
    throw new AustinError('ERR_OUTPUT_EXISTS', `${printable(row)} is there already`, {
      kind: 'environment',
      hint: 'name another file with `-o`, or remove the files of the earlier recording; nothing has been started',
    });
  }
  for (let attempt = 1; ; attempt++) {
    const row = tryRow(attempt === 1 ? name : `${name}.${attempt}`, '.mojo');
    if (typeof row !== 'string') return row;
  }
}

/** A row of files, or the one that is in the way. */
function tryRow(base: string, extension: string): Row | string {
  const path = partPath(base, extension, 1);
  try {
    return existingPart(base, extension) ?? rowOf(createOutput(path), base, extension);
  } catch (error) {
    if (isExisting(error)) return path;
    throw openError(path, error);
  }
}

function rowOf(first: OutputFile, base: string, extension: string): Row {
  let number = 1;
  return {
    first,
    next() {
      for (;;) {
        try {
          return createOutput(partPath(base, extension, ++number));
        } catch (error) {
          // It has appeared since; it is stepped over.
          if (!isExisting(error)) throw error;
        }
      }
    },
  };
}

function isExisting(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}
