import { LiveProfile, type SourceText } from '@austin-profiler/convert/live';
import { AustinError } from '@austin-profiler/profile';
import type { Recording, RecordingResult } from '@austin-profiler/sampler';
import type {
  Download,
  ProcessEntry,
  RecordingRequest,
  SessionStatus,
  WebSession,
} from '@austin-profiler/web';
import { requireProcess } from '../classic/sampling.js';
import { SourceReader } from '../converting/source-reader.js';
import { recordingName } from '../recording/file-name.js';
import { commandOf } from '../recording/proc.js';
import type { SamplingOptions } from '../recording/sampling-options.js';
import { readVersion } from '../version.js';
import { endText } from './end-text.js';
import { pythonProcesses } from './python-processes.js';
import type { RecordingFiles } from './recording-files.js';
import { isRunning, Take } from './take.js';

type Sampler = typeof import('@austin-profiler/sampler');

/** Makes the recordings that a page shows, one after the other, and tells the page of them. */
export class Recorder implements WebSession {
  readonly #sampler: Sampler;
  readonly #options: SamplingOptions;
  readonly #files: RecordingFiles;
  readonly #nothing = new LiveProfile();
  readonly #sources = new SourceReader();
  #take: Take | undefined;
  /** The recording that the command line asked for. */
  #session: { readonly pid: number; readonly settle: (result: RecordingResult) => void } | undefined;
  #onCommandAsked: (() => void) | undefined;
  /** Settles when what was asked for so far has been done, or has failed. */
  #controls: Promise<void> = Promise.resolve();

  constructor(sampler: Sampler, options: SamplingOptions, files: RecordingFiles) {
    this.#sampler = sampler;
    this.#options = options;
    this.#files = files;
  }

  get take(): Take | undefined {
    return this.#take;
  }

  /**
   * Records what the command line asked for. The recording that is returned ends with the process, or when it is stopped
   * through it; that somebody at the page stops it, or begins another, is no end.
   */
  recordForSession(pid: number, command: readonly string[] | undefined): Recording {
    let settle: (result: RecordingResult) => void = () => {};
    const finished = new Promise<RecordingResult>((resolve) => {
      settle = resolve;
    });
    this.#session = { pid, settle };
    let own = this.#begin(pid, command, this.#options);
    return {
      ...own.recording,
      finished,
      stop: () => {
        if (this.#take?.pid === pid) own = this.#take;
        own.recording.stop();
        void own.finished.then(settle);
      },
    };
  }

  /** Settles when somebody asks for the command of the session to be started again, after it has ended. */
  commandAsked(): Promise<void> {
    return new Promise((resolve) => {
      this.#onCommandAsked = resolve;
    });
  }

  live(): LiveProfile {
    return this.#take?.live ?? this.#nothing;
  }

  status(): SessionStatus {
    const take = this.#take;
    if (!take) return { title: 'austin', phase: 'idle', can: ['attach'] };
    const { statistics, result, live } = take;
    const common = {
      title: recordingName(take.command ?? []).replace(/^austin\./, ''),
      pid: take.pid,
      ...(statistics && {
        elapsedUs: statistics.durationUs,
        rateGot: statistics.durationUs > 0 ? (statistics.rounds / statistics.durationUs) * 1e6 : 0,
      }),
      ...(this.#options.intervalUs > 0 && { rateAsked: 1e6 / this.#options.intervalUs }),
    };
    if (!result) {
      const phase = live.sampleNumber > 0 ? 'running' : 'waiting';
      return { ...common, ...take.usage.read(), phase, can: ['stop', 'restart', 'attach'] };
    }
    const canAgain = isRunning(take.pid) || this.#onCommandAsked !== undefined;
    return {
      ...common,
      phase: result.end === 'failed' ? 'failed' : 'ended',
      message: endText(result, take.isStoppedByPage),
      can: canAgain ? ['restart', 'attach'] : ['attach'],
    };
  }

  /** One after the other: each begins with what the one before has left. */
  control(request: RecordingRequest): Promise<void> {
    const done = this.#controls.then(() => this.#control(request));
    this.#controls = done.catch(() => {});
    return done;
  }

  async #control(request: RecordingRequest): Promise<void> {
    switch (request.action) {
      case 'stop':
        await this.#stop();
        return;
      case 'restart':
        await this.#again(request);
        return;
      case 'attach': {
        requireProcess(request.pid);
        if (request.pid === process.pid) throw ourselves();
        await this.#stop();
        this.#begin(request.pid, commandOf(request.pid), this.#with(request));
      }
    }
  }

  async download(format: string): Promise<Download> {
    const take = this.#take;
    if (!take) {
      throw new AustinError('ERR_NOTHING_RECORDED', 'nothing has been recorded yet', {
        kind: 'usage',
        hint: 'choose a process to record',
      });
    }
    const name = recordingName(take.command ?? []);
    if (format === 'mojo') return { name, chunks: take.bytes() };
    // Nobody waits for what is needed only for downloads.
    const { convertProfile, formatById } = await import('@austin-profiler/convert');
    const sources = formatById(format)?.embedsSources ? new SourceReader() : undefined;
    const chunks = convertProfile(take.bytes(), format, {
      name,
      exporter: `austin-profiler@${readVersion()}`,
      ...(sources && { readSource: sources.read }),
    });
    return { name, chunks };
  }

  readSource(file: string): SourceText {
    return this.#sources.read(file, this.live().head());
  }

  async processes(): Promise<readonly ProcessEntry[]> {
    return pythonProcesses(this.#sampler);
  }

  /** Ends what runs. */
  async close(): Promise<void> {
    await this.#stop();
    this.#files.close();
  }

  async #stop(): Promise<void> {
    const take = this.#take;
    if (!take || take.result) return;
    take.isStoppedByPage = true;
    take.recording.stop();
    await take.finished;
  }

  async #again(request: Extract<RecordingRequest, { action: 'restart' }>): Promise<void> {
    const take = this.#take;
    if (take && isRunning(take.pid)) {
      await this.#stop();
      this.#begin(take.pid, take.command, this.#with({ mode: take.mode, ...request }));
    } else if (this.#onCommandAsked) {
      const start = this.#onCommandAsked;
      this.#onCommandAsked = undefined;
      start();
    } else {
      throw new AustinError('ERR_PROCESS_GONE', `process ${take?.pid ?? ''} has ended`, {
        kind: 'environment',
        hint: 'start it again, and choose it from the list of processes',
      });
    }
  }

  #with({ mode }: { mode?: SamplingOptions['mode'] }): SamplingOptions {
    return { ...this.#options, ...(mode && { mode }) };
  }

  #begin(pid: number, command: readonly string[] | undefined, options: SamplingOptions): Take {
    const before = this.#take;
    const take = new Take(this.#sampler, options, { pid, command, file: this.#files.next() });
    this.#take = take;
    before?.file.discard();
    void take.finished.then((result) => {
      if (this.#session?.pid === pid && !take.isStoppedByPage) this.#session.settle(result);
    });
    return take;
  }
}

function ourselves(): AustinError {
  return new AustinError('ERR_NOT_PYTHON', `process ${process.pid} is austin itself`, {
    kind: 'usage',
  });
}
