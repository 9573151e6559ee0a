import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFreeFile } from '../output/free-name.js';
import { openOutput } from '../recording/output-file.js';
import { splitExtension } from '../recording/part-names.js';

/** A file that is open for a recording. */
export interface RecordingFile {
  readonly fd: number;
  readonly path: string;
  close(): void;
  /** Nobody needs what is in it any more. */
  discard(): void;
}

/** Where recordings go that are looked at while they are made. */
export interface RecordingFiles {
  /** Whether the user has asked for them, and keeps them. */
  readonly areKept: boolean;
  /** Opens the file of the next recording. Throws the system's error. */
  next(): RecordingFile;
  close(): void;
}

/**
 * Files beside the one that `-o` names, which is the first: `app.mojo`, `app.2.mojo`, … None but the first replaces another.
 *
 * @throws AustinError `ERR_OUTPUT_OPEN`
 */
export function keptFiles(path: string): RecordingFiles {
  const output = openOutput(path, 'austin');
  const { base, extension } = splitExtension(path);
  let isFirst = true;
  return {
    areKept: true,
    next() {
      if (!isFirst) return openFile(createFreeFile(base, extension), false);
      isFirst = false;
      output.empty();
      return { fd: output.fd, path, close: () => output.close(), discard() {} };
    },
    close: () => (isFirst ? output.discard() : output.close()),
  };
}

/** Files in a folder of their own, which goes when they are closed. Only we can read them. */
export function temporaryFiles(): RecordingFiles {
  const folder = mkdtempSync(join(tmpdir(), 'austin-web-'));
  let count = 0;
  return {
    areKept: false,
    next() {
      const path = join(folder, `recording.${++count}.mojo`);
      return openFile({ fd: openSync(path, 'wx', 0o600), path }, true);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function openFile({ fd, path }: { fd: number; path: string }, isTemporary: boolean): RecordingFile {
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  return {
    fd,
    path,
    close,
    discard() {
      close();
      if (isTemporary) rmSync(path, { force: true });
    },
  };
}
