import { closeSync, createReadStream } from 'node:fs';
import { createFreeFile } from '../output/free-name.js';
import { openHiddenFile } from '../recording/hidden-file.js';
import { openOutput } from '../recording/output-file.js';
import { splitExtension } from '../recording/part-names.js';

/** A file that is open for a recording. */
export interface RecordingFile {
  readonly fd: number;
  /** By which it can be opened once more, until it is discarded. */
  readonly path: string;
  /** The first `size` bytes, or all. */
  read(size?: number): AsyncIterable<Uint8Array>;
  /** It is complete. */
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
      if (!isFirst) return keptFile(createFreeFile(base, extension));
      isFirst = false;
      output.empty();
      return {
        fd: output.fd,
        path,
        read: (size) => readNamed(path, size),
        close: () => output.close(),
        discard() {},
      };
    },
    close: () => (isFirst ? output.discard() : output.close()),
  };
}

/** Files without names, which are gone when this process is, however it ends. */
export function temporaryFiles(): RecordingFiles {
  const open = new Set<RecordingFile>();
  return {
    areKept: false,
    next() {
      const hidden = openHiddenFile();
      const file: RecordingFile = {
        fd: hidden.fd,
        path: hidden.path,
        read: (size) => hidden.read(size),
        // Closed it would be gone, and it can still be downloaded.
        close() {},
        discard() {
          hidden.close();
          open.delete(file);
        },
      };
      open.add(file);
      return file;
    },
    close() {
      for (const file of open) file.discard();
    },
  };
}

function keptFile({ fd, path }: { fd: number; path: string }): RecordingFile {
  let isOpen = true;
  return {
    fd,
    path,
    read: (size) => readNamed(path, size),
    close() {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
    discard() {
      this.close();
    },
  };
}

async function* readNamed(path: string, size = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
  if (size > 0) yield* createReadStream(path, { end: size - 1 });
}
