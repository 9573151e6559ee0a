import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { writeAll } from '../output/stdio.js';
import type { RecordingOutput } from '../recording/recording-output.js';

/** Where lines go while they are sampled. */
export interface TextOutput {
  /** Settles when everything so far has been written. Rejects with the system's error, and from then on always. */
  write(text: string): Promise<void>;
  close(): void;
}

export function openTextOutput({ sink }: Pick<RecordingOutput, 'sink'>): TextOutput {
  const { outputFd, onChunk } = sink;
  if (outputFd !== undefined) return openDescriptor(outputFd);
  let written = Promise.resolve();
  return {
    write(text) {
      if (text !== '')
        written = Promise.resolve(onChunk?.(Buffer.from(text), { startsFile: false })).then(() => {});
      return written;
    },
    close() {},
  };
}

function openDescriptor(fd: number): TextOutput {
  const opened = openWithoutBlocking(fd);
  let written = Promise.resolve();
  return {
    write(text) {
      if (text !== '') written = written.then(() => writeAll(opened ?? fd, Buffer.from(text)));
      return written;
    },
    close() {
      if (opened !== undefined) closeSync(opened);
    },
  };
}

/**
 * The same pipe once more, not blocking: a thread that hangs in a full pipe would keep this process from exiting. Opened
 * anew and not switched, because others may write to the same descriptor.
 */
function openWithoutBlocking(fd: number): number | undefined {
  if (!fstatSync(fd).isFIFO()) return undefined;
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined; // another user's pipe, or a system without such paths: then writing blocks
  }
}
