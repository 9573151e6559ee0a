import { fstatSync } from 'node:fs';
import { ChunkedFile } from './chunked-file.js';
import { type OutputFile, openOutput } from './output-file.js';
import { isGzipName } from './part-names.js';
import type { RecordingOutput } from './recording-output.js';
import { openRotatingOutput, type RotationLimit } from './rotating-output.js';
import { noSnapshot, writeSnapshot } from './snapshot-file.js';

/**
 * Opens what `-o` names, or else a new file called after `name` in the current folder. A name that ends in `.gz` is
 * compressed.
 *
 * @param options.rotation when to begin another file; the files are numbered and none is ever replaced
 * @throws AustinError `ERR_OUTPUT_OPEN`, `ERR_OUTPUT_EXISTS`, `ERR_USAGE_TERMINAL`, `ERR_USAGE_ROTATE`
 */
export function openRecordingOutput(options: {
  readonly path: string | undefined;
  readonly name: string;
  readonly rotation: RotationLimit | undefined;
}): RecordingOutput {
  const { path, name, rotation } = options;
  if (rotation !== undefined) return openRotatingOutput(path, name, rotation);
  return recordingOutput(openOutput(path, name));
}

/** A recording in one file that is open already. A name that ends in `.gz` is compressed. */
export function recordingOutput(file: OutputFile): RecordingOutput {
  return isGzipName(file.path) ? chunkedOutput(new ChunkedFile(file)) : directOutput(file);
}

function chunkedOutput(file: ChunkedFile): RecordingOutput {
  return {
    ...oneFile(file.path),
    sink: { onChunk: (chunk) => file.write(chunk) },
    empty: () => file.empty(),
    size: () => file.size,
    finish: () => file.finish(),
    discard: () => file.discard(),
    snapshot: ({ footer }) => file.snapshot(footer),
  };
}

function oneFile(path: string): Pick<RecordingOutput, 'path' | 'firstPath' | 'fileCount'> {
  return { path, firstPath: path, fileCount: 1 };
}

function directOutput(file: OutputFile): RecordingOutput {
  let size: number | undefined;
  return {
    ...oneFile(file.path),
    sink: { outputFd: file.fd },
    empty: () => file.empty(),
    size: () => size ?? fstatSync(file.fd).size,
    async finish() {
      size ??= fstatSync(file.fd).size;
      file.close();
    },
    discard() {
      size ??= 0;
      file.discard();
    },
    async snapshot({ bytes, footer }) {
      if (file.path === '-') throw noSnapshot('-', 'what has been written there cannot be read again');
      return writeSnapshot(file.path, bytes, footer);
    },
  };
}
