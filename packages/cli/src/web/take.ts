import { LiveProfile } from '@austin-profiler/convert/live';
import { MojoReader } from '@austin-profiler/mojo';
import type { Recording, RecordingMode, RecordingResult, Statistics } from '@austin-profiler/sampler';
import { sayNotice } from '../output/notice.js';
import { stateOf } from '../recording/proc.js';
import { UsageMeter } from '../recording/process-usage.js';
import { provenance } from '../recording/provenance.js';
import { type SamplingOptions, samplerOptions } from '../recording/sampling-options.js';
import { readVersion } from '../version.js';
import { LIVE_LIMITS } from './live-limits.js';
import type { RecordingFile } from './recording-files.js';

type Sampler = typeof import('@austin-profiler/sampler');

const PROGRESS_MS = 250;

/** Whether there is such a process that has not ended. */
export function isRunning(pid: number): boolean {
  const state = stateOf(pid);
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** One recording that is looked at while it is made: it goes into a file, and into a profile in memory. */
export class Take {
  readonly pid: number;
  readonly command: readonly string[] | undefined;
  readonly mode: RecordingMode;
  readonly live = new LiveProfile(LIVE_LIMITS);
  readonly file: RecordingFile;
  readonly usage: UsageMeter;
  readonly recording: Recording;
  /** Settles when the file is complete. */
  readonly finished: Promise<RecordingResult>;
  /** As the sampler told it last. */
  statistics: Statistics | undefined;
  /** How it ended; undefined while it goes on. */
  result: RecordingResult | undefined;
  /** Somebody has asked for its end, and not for that of the program. */
  isStoppedByPage = false;

  constructor(
    sampler: Sampler,
    options: SamplingOptions,
    subject: { pid: number; command: readonly string[] | undefined; file: RecordingFile },
  ) {
    this.pid = subject.pid;
    this.command = subject.command;
    this.mode = options.mode;
    this.file = subject.file;
    this.usage = new UsageMeter(() => [this.pid]);
    const reader = new MojoReader(this.live, { live: true });
    this.recording = sampler.startRecording({
      ...samplerOptions(options),
      pid: this.pid,
      outputFd: this.file.fd,
      metadata: provenance({ command: this.command, start: new Date(), version: readVersion() }),
      onChunk: (chunk) => reader.push(chunk),
      onNotice: sayNotice,
      progressMs: PROGRESS_MS,
      onProgress: (statistics) => {
        this.statistics = statistics;
      },
    });
    this.finished = this.recording.finished.then((result) => {
      if (reader.version !== undefined) reader.end();
      this.file.close();
      this.statistics = result.statistics;
      // We may notice the end of the program before the sampler does, and stop it.
      const isStoppedByEnd = result.end === 'stopped' && !this.isStoppedByPage && !isRunning(this.pid);
      this.result = isStoppedByEnd ? { ...result, end: 'target-ended' } : result;
      return this.result;
    });
  }

  /** The stream so far, as a recording that is complete. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    const part = this.result ? undefined : await this.#flushed();
    yield* this.file.read(part?.bytes);
    if (part) yield part.footer;
  }

  /** Undefined if it ends before everything so far has been written: then all of it has. */
  async #flushed() {
    try {
      return await this.recording.flush();
    } catch (error) {
      await this.finished;
      if (this.result) return undefined;
      throw error;
    }
  }
}
