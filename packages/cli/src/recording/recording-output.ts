import type { Flushed, Recording, RecordingOptions } from '@austin-profiler/sampler';
import type { SnapshotFile } from './snapshot-file.js';

/** Where a recording goes, in one file or many. It is open before the target starts. */
export interface RecordingOutput {
  /** The file being written, or the last one; `-` for standard output. */
  readonly path: string;
  readonly firstPath: string;
  readonly fileCount: number;
  /** How the sampler hands over the stream: it writes by itself where it can. */
  readonly sink: Pick<RecordingOptions, 'outputFd' | 'onChunk'>;
  /** Takes away what a file held before: not until something is recorded into it. */
  empty(): void;
  /** Bytes in all files. */
  size(): number;
  /** Tells which recording it is that is written here. */
  follow?(recording: Pick<Recording, 'rotate'>): void;
  /** Completes and closes what is open. Rejects with the system's error; asking again does nothing. */
  finish(): Promise<void>;
  /** Closes what is open, and removes what was not there before. */
  discard(): void;
  /**
   * Writes what there is so far into a file beside the output.
   *
   * @throws AustinError `ERR_SNAPSHOT`
   */
  snapshot(flushed: Flushed): Promise<SnapshotFile>;
}
