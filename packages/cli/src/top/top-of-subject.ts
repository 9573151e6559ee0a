import { closeSync, openSync } from 'node:fs';
import { CELL_LIMITS, LiveProfile } from '@austin-profiler/convert/live';
import { MojoReader } from '@austin-profiler/mojo';
import { AustinError } from '@austin-profiler/profile';
import type { Recording, RecordingResult, SamplerError } from '@austin-profiler/sampler';
import type { SaveFormat } from '@austin-profiler/tui';
import { SourceReader } from '../converting/source-reader.js';
import { ExitCode, exitCodeOf } from '../exit-codes.js';
import { reportError } from '../output/errors.js';
import { sayNotice } from '../output/notice.js';
import { printable } from '../output/printable.js';
import { shellWords } from '../output/shell-words.js';
import { progressText } from '../output/statistics.js';
import { say } from '../output/stdio.js';
import { systemReason } from '../output/system-errors.js';
import { sayNothingSampled } from '../recording/closing-words.js';
import { recordingName } from '../recording/file-name.js';
import { openHiddenFile } from '../recording/hidden-file.js';
import { commandOf } from '../recording/proc.js';
import { provenance } from '../recording/provenance.js';
import { type SamplingOptions, samplerOptions } from '../recording/sampling-options.js';
import { runSession, type SessionEnd, type SessionPlan, type Subject } from '../recording/session.js';
import { HANDLED_SIGNALS } from '../recording/signal-policy.js';
import { readVersion } from '../version.js';
import { openTerminal } from './open-terminal.js';
import { RecordingFacts } from './recording-facts.js';
import { type Watched, watch } from './watched.js';

export interface TopOptions extends SamplingOptions {
  /** Where what the program prints goes: a file, to be appended to. Without one it is thrown away. */
  readonly programOutput?: string;
  /** As Austin TUI shows it. */
  readonly isClassic?: boolean;
}

/** As `record`: a program that we start meets the signals it would meet without us. */
const MANNER = { killAt: 3, passTo: 'program' } as const;
/** How often the sampler tells its rate. */
const PROGRESS_MS = 500;

/**
 * Samples a program or a process and shows it until the person leaves. A program that was started ends then, as after Ctrl-C in
 * `record`; a process that was there before runs on. Answers with the exit code.
 */
export async function topOfSubject(subject: Subject, options: TopOptions): Promise<number> {
  const session = new TopSession(subject, options);
  return runSession(subject, MANNER, () => session.prepare());
}

class TopSession {
  readonly #command: readonly string[] | undefined;
  readonly #name: string;
  readonly #options: TopOptions;
  readonly #isSpawned: boolean;
  /** When a sample was taken does not matter here. */
  readonly #live = new LiveProfile({ ...CELL_LIMITS, slots: 1 });
  readonly #reader = new MojoReader(this.#live, { live: true });
  readonly #facts: RecordingFacts;
  readonly #file = openHiddenFile();
  #watched!: Watched;
  #recording: Recording | undefined;
  /** For when the screen is free again. */
  readonly #notices: SamplerError[] = [];
  #isOver = false;
  /** Whether it was a key that asked for the end. */
  #isQuit = false;

  constructor(subject: Subject, options: TopOptions) {
    this.#isSpawned = 'command' in subject;
    this.#command = 'command' in subject ? subject.command : commandOf(subject.pid);
    const name = recordingName(this.#command ?? []);
    this.#name = 'pid' in subject ? `${name}.${subject.pid}` : name;
    this.#options = options;
    this.#facts = new RecordingFacts(shellWords(this.#command ?? ['?']), this.#live, options);
  }

  async prepare(): Promise<SessionPlan> {
    const terminal = openTerminal();
    const sampler = await import('@austin-profiler/sampler');
    const programOutput = openProgramOutput(this.#options.programOutput);
    const sources = new SourceReader();
    this.#watched = watch(
      {
        live: this.#live,
        facts: () => this.#facts.read(),
        save: (format) => this.#save(format),
        readSource: (file) => sources.read(file, this.#live.profile()),
        quit: () => this.#quit(),
      },
      terminal,
      { classic: this.#options.isClassic ? { saveStats: () => this.#saveStats() } : undefined },
    );
    const signals = HANDLED_SIGNALS.filter((signal) => signal !== 'SIGQUIT' || !this.#isSpawned);
    for (const signal of signals) process.on(signal, this.#watched.leave);
    return {
      stdoutTo: programOutput ?? 'ignore',
      stderrTo: programOutput ?? 'ignore',
      hasStdin: false,
      followsChildren: this.#options.children,
      record: (pid) => this.#record(sampler, pid),
      conclude: (end) => this.#conclude(end),
      close: async () => {
        this.#watched.leave();
        for (const signal of signals) process.off(signal, this.#watched.leave);
        if (programOutput !== undefined) closeSync(programOutput);
        this.#file.close();
      },
    };
  }

  #record(sampler: typeof import('@austin-profiler/sampler'), pid: number): Recording {
    const { top } = this.#watched;
    const recording = sampler.startRecording({
      pid,
      ...samplerOptions(this.#options),
      outputFd: this.#file.fd,
      metadata: provenance({ command: this.#command, start: new Date(), version: readVersion() }),
      onChunk: (chunk) => {
        this.#reader.push(chunk);
        top.notify();
      },
      onAttached: (target) => {
        this.#facts.attached(target);
        top.notify();
      },
      onProgress: (statistics) => this.#facts.progress(statistics),
      onNotice: (notice) => this.#notices.push(notice),
      progressMs: PROGRESS_MS,
    });
    this.#recording = recording;
    return { ...recording, finished: this.#finish(recording) };
  }

  /** What was recorded stays on the screen until the person leaves, if there is anything to see. */
  async #finish(recording: Recording): Promise<RecordingResult> {
    const result = await recording.finished;
    if (this.#reader.version !== undefined) this.#reader.end();
    this.#isOver = true;
    this.#facts.ended(result);
    this.#watched.top.notify();
    if (result.statistics.samples === 0) this.#watched.leave();
    await this.#watched.left;
    return result;
  }

  #quit(): void {
    this.#isQuit = true;
    // The session knows what Ctrl-C means for the program.
    if (this.#isOver) this.#watched.leave();
    else process.kill(process.pid, 'SIGINT');
  }

  async #save(format: SaveFormat): Promise<string> {
    const chunks = await this.#recorded();
    const { save } = await import('./save.js');
    return save({ base: this.#name, isMojo: true, chunks }, format);
  }

  async #saveStats(): Promise<string> {
    const chunks = await this.#recorded();
    const { saveStats } = await import('./stats-file.js');
    return saveStats(chunks(), this.#facts.read().pid ?? 0);
  }

  /** What has been recorded until now. */
  async #recorded(): Promise<() => AsyncIterable<Uint8Array>> {
    const file = this.#file;
    const flushed = this.#isOver ? undefined : await this.#recording?.flush().catch(() => undefined);
    // A recording that ended meanwhile is complete in the file.
    if (!flushed) await this.#recording?.finished;
    const size = flushed?.bytes ?? file.size();
    if (size === 0)
      throw new AustinError('ERR_NOTHING_RECORDED', 'nothing has been recorded yet', { kind: 'usage' });
    return async function* () {
      yield* file.read(size);
      if (flushed) yield flushed.footer;
    };
  }

  #conclude(end: SessionEnd): number {
    this.#watched.leave();
    if (!this.#watched.isStuck()) this.#sayEnd(end);
    switch (end.kind) {
      case 'not-started':
        return end.error.exitCode;
      case 'failed':
        return ExitCode.Failure;
      case 'not-begun':
      case 'stuck':
      case 'recorded': {
        const { stopSignal } = end;
        return this.#isQuit || stopSignal === undefined ? ExitCode.Ok : exitCodeOf({ signal: stopSignal });
      }
    }
  }

  #sayEnd(end: SessionEnd): void {
    for (const notice of this.#notices) sayNotice(notice);
    switch (end.kind) {
      case 'not-begun':
        break;
      case 'not-started':
        reportError(end.error);
        break;
      case 'failed':
        reportError(end.result.error);
        break;
      case 'stuck':
        say('austin: the recording did not end in time');
        break;
      case 'recorded': {
        const { result, stopSignal } = end;
        if (result.statistics.samples === 0) sayNothingSampled(result, stopSignal !== undefined);
        else say(`austin: ${progressText(result.statistics, this.#options.intervalUs)}`);
        break;
      }
    }
  }
}

/** @throws AustinError `ERR_OUTPUT_OPEN` */
function openProgramOutput(path: string | undefined): number | undefined {
  if (path === undefined) return undefined;
  try {
    return openSync(path, 'a');
  } catch (error) {
    throw new AustinError('ERR_OUTPUT_OPEN', `cannot write ${printable(path)}: ${systemReason(error)}`, {
      kind: 'environment',
      hint: 'name another file with `--program-output`; nothing has been started',
      cause: error,
    });
  }
}
