import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import type { Recording, RecordingMode, RecordingResult, TargetInfo } from '@austin-profiler/sampler';
import { ExitCode, exitCodeOf, type ProcessEnd } from '../exit-codes.js';
import type { Logger } from '../logging/logger.js';
import { reportError } from '../output/errors.js';
import { createProgressLine, type ProgressLine } from '../output/progress-line.js';
import { progressText } from '../output/statistics.js';
import { say } from '../output/stdio.js';
import { outputError, sayClosing } from './closing-words.js';
import { recordingName } from './file-name.js';
import { createIntervalWatch } from './interval-watch.js';
import { openRecordingOutput } from './open-recording-output.js';
import { commandOf } from './proc.js';
import { provenance } from './provenance.js';
import { logAttached, logEnd, logStart } from './recording-log.js';
import type { RecordingOutput } from './recording-output.js';
import type { RotationLimit } from './rotating-output.js';
import { listenForSignals } from './signals.js';
import { snapshotOnSignal } from './snapshot-signal.js';
import { type SpawnedTarget, StartError, spawnTarget } from './spawned-target.js';

/** How long the kernel may take to report the end of a target that is already known to be gone. */
const REAP_MS = 1_000;

export interface RecordOptions {
  readonly intervalUs: number;
  readonly mode: RecordingMode;
  readonly children: boolean;
  readonly gc: boolean;
  readonly gilOnly: boolean;
  readonly tasks: boolean;
  readonly timeoutMs?: number;
  readonly exposureUs?: number;
  /** As given with `-o`; `-` is standard output. */
  readonly output?: string;
  /** Without a wish, the progress line shows where it cannot mix with what the target prints. */
  readonly progress?: boolean;
  /** When to go on in another file. */
  readonly rotation?: RotationLimit;
  readonly jitter?: boolean;
  /** In percent of one CPU. */
  readonly maxCpu?: number;
  readonly log: Logger;
  readonly version: string;
}

type Sampler = typeof import('@austin-profiler/sampler');

/** Starts a command and records it. Answers with the exit code of `austin`. */
export async function recordCommand(command: readonly string[], options: RecordOptions): Promise<number> {
  const sampler = await import('@austin-profiler/sampler');
  const output = openFor(recordingName(command), options);
  const stdoutTo = output.path === '-' ? 2 : 1;
  const progress = progressLine(options.progress ?? !isatty(stdoutTo));
  let target: SpawnedTarget | undefined;
  let recording: Recording | undefined;
  // From here to the start of the recording nothing waits: no signal can fall between the two.
  const signals = listenForSignals(true, { stop: () => recording?.stop(), target: () => target });
  const snapshots = snapshotOnSignal({ recording: () => recording, output, log: options.log });
  try {
    target = await spawnTarget(command, { stdoutTo });
    recording = start(sampler, { pid: target.pid, command, output, progress, options });
    // What the program started may outlive it.
    if (!options.children) void target.ended.then(() => recording?.stop());
    const result = await completed(sampler, recording, output);
    logEnd(options.log, result, output);
    progress.clear();
    if (await hasFailed(result, target)) return fail(result, output);
    const end = await awaitEnd(target, result, signals.isStopAsked());
    if (result.statistics.samples === 0) sayNothingSampled(result, signals.isStopAsked());
    sayClosing(result, output, options);
    return result.end === 'duration' && end.signal === 'SIGTERM' ? ExitCode.Ok : exitCodeOf(end);
  } catch (error) {
    progress.clear();
    output.discard();
    if (!(error instanceof StartError)) throw error;
    reportError(error);
    return error.exitCode;
  } finally {
    if (target && !target.hasEnded()) await target.terminate();
    await snapshots.close();
    signals.close();
    await output.finish();
  }
}

/** Records a process that is already running, and leaves it as it is. */
export async function recordProcess(pid: number, options: RecordOptions): Promise<number> {
  const sampler = await import('@austin-profiler/sampler');
  const command = commandOf(pid);
  const output = openFor(`${recordingName(command ?? [])}.${pid}`, options);
  const progress = progressLine(options.progress ?? true);
  let recording: Recording | undefined;
  const signals = listenForSignals(false, { stop: () => recording?.stop(), target: () => undefined });
  const snapshots = snapshotOnSignal({ recording: () => recording, output, log: options.log });
  try {
    recording = start(sampler, { pid, command, output, progress, options });
    const result = await completed(sampler, recording, output);
    logEnd(options.log, result, output);
    progress.clear();
    if (result.end === 'failed') return fail(result, output);
    if (result.statistics.samples === 0) sayNothingSampled(result, signals.isStopAsked());
    sayClosing(result, output, options);
    return ExitCode.Ok;
  } catch (error) {
    progress.clear();
    output.discard();
    throw error;
  } finally {
    await snapshots.close();
    signals.close();
    await output.finish();
  }
}

function openFor(name: string, options: RecordOptions): RecordingOutput {
  return openRecordingOutput({ path: options.output, name, rotation: options.rotation });
}

/** The result of a recording of which everything has been written, or that says why not. */
async function completed(
  sampler: Sampler,
  recording: Recording,
  output: RecordingOutput,
): Promise<RecordingResult> {
  const result = await recording.finished;
  try {
    await output.finish();
    return result;
  } catch (error) {
    return result.end === 'failed'
      ? result
      : { ...result, end: 'failed', error: sampler.outputWriteError(error) };
  }
}

function start(
  sampler: Sampler,
  recording: {
    pid: number;
    command: readonly string[] | undefined;
    output: RecordingOutput;
    progress: ProgressLine;
    options: RecordOptions;
  },
): Recording {
  const { command, options, output, progress } = recording;
  const { intervalUs, mode, children, gc, gilOnly, tasks, timeoutMs, exposureUs } = options;
  const { jitter, maxCpu, log, version } = options;
  const watchInterval = createIntervalWatch({ intervalUs, maxCpu, log, progress });
  logStart(log, { ...options, pid: recording.pid, command, output: output.path });
  const started = sampler.startRecording({
    pid: recording.pid,
    intervalUs,
    mode,
    children,
    gc,
    gilOnly,
    tasks,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(exposureUs !== undefined && { durationUs: exposureUs }),
    ...(jitter !== undefined && { jitter }),
    ...(maxCpu !== undefined && { maxCpuPercent: maxCpu }),
    ...output.sink,
    metadata: provenance({ command, start: new Date(), version }),
    onAttached(target) {
      logAttached(log, target);
      if (tasks) sayTasksOf(target);
    },
    ...((progress.isWanted || maxCpu !== undefined) && {
      onProgress: (statistics) => {
        watchInterval(statistics);
        progress.show(progressText(statistics, intervalUs));
      },
    }),
  });
  output.follow?.(started);
  return started;
}

/** Before 3.14 Python does not tell which task runs. */
function sayTasksOf(target: TargetInfo): void {
  const minor = /^3\.(\d+)/.exec(target.pythonVersion)?.[1];
  if (minor === undefined || Number(minor) >= 14) return;
  say(
    `austin: process ${target.pid} runs Python ${target.pythonVersion}, which does not tell its tasks (3.14 and later do): recorded without`,
  );
}

/** A program that ends before it could be found is no failure of ours: `austin record true` is just short. */
async function hasFailed(result: RecordingResult, target: SpawnedTarget): Promise<boolean> {
  if (result.end !== 'failed') return false;
  if (result.target !== undefined || result.error?.code === 'ERR_OUTPUT_WRITE') return true;
  if (result.error?.code === 'ERR_PROCESS_GONE') await Promise.race([target.ended, delay(REAP_MS)]);
  return !target.hasEnded();
}

/** Says why a recording failed. A file in which nothing was recorded is not left behind. */
function fail(result: RecordingResult, output: RecordingOutput): number {
  const { error } = result;
  const isOutput = error?.code === 'ERR_OUTPUT_WRITE';
  reportError(error && isOutput ? outputError(error, result, output) : error);
  if (result.target === undefined && !isOutput) output.discard();
  return ExitCode.Failure;
}

/** Waits for the program, which after a time limit is asked to end: nothing stays behind. */
async function awaitEnd(
  target: SpawnedTarget,
  result: RecordingResult,
  isStopAsked: boolean,
): Promise<ProcessEnd> {
  if (result.end === 'duration') target.signalTree('SIGTERM');
  const isEnding = result.end === 'duration' || isStopAsked;
  const notice = setTimeout(() => {
    say(
      `austin: the recording is complete; waiting for the program to end (pid ${target.pid}); the third Ctrl-C kills it`,
    );
  }, 1_000);
  if (!isEnding) clearTimeout(notice);
  const end = await target.ended;
  clearTimeout(notice);
  return end;
}

function sayNothingSampled(result: RecordingResult, isStopAsked: boolean): void {
  const when = isStopAsked ? 'the recording was stopped' : 'the program ended';
  const what = result.target ? 'its first sample' : 'a Python interpreter was found in it';
  say(`austin: nothing was sampled: ${when} before ${what}`);
}

function progressLine(isWanted: boolean): ProgressLine {
  return createProgressLine(isWanted && isatty(2), () => process.stderr.columns || 80);
}
