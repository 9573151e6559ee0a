import { isatty } from 'node:tty';
import type { Recording, RecordingResult, TargetInfo } from '@austin-profiler/sampler';
import { ExitCode, exitCodeOf } from '../exit-codes.js';
import type { Logger } from '../logging/logger.js';
import { reportError } from '../output/errors.js';
import { sayNotice } from '../output/notice.js';
import { createProgressLine, type ProgressLine } from '../output/progress-line.js';
import { progressText } from '../output/statistics.js';
import { say } from '../output/stdio.js';
import { outputError, sayClosing, sayNothingSampled } from './closing-words.js';
import { completed } from './completion.js';
import { recordingName } from './file-name.js';
import { createIntervalWatch } from './interval-watch.js';
import { openRecordingOutput } from './open-recording-output.js';
import { commandOf } from './proc.js';
import { provenance } from './provenance.js';
import { logAttached, logEnd, logStart } from './recording-log.js';
import type { RecordingOutput } from './recording-output.js';
import type { RotationLimit } from './rotating-output.js';
import { type SamplingOptions, samplerOptions } from './sampling-options.js';
import { runSession, type SessionEnd, type SessionPlan } from './session.js';
import { snapshotOnSignal } from './snapshot-signal.js';

export interface RecordOptions extends SamplingOptions {
  /** As given with `-o`; `-` is standard output. */
  readonly output?: string;
  /** Without a wish, the progress line shows where it cannot mix with what the target prints. */
  readonly progress?: boolean;
  /** When to go on in another file. */
  readonly rotation?: RotationLimit;
  readonly log: Logger;
  readonly version: string;
}

type Sampler = typeof import('@austin-profiler/sampler');

/** A program we start meets the signals it would meet without us. */
const MANNER = { killAt: 3, passTo: 'program' } as const;

/** Starts a command and records it. Answers with the exit code of `austin`: that of the command. */
export function recordCommand(command: readonly string[], options: RecordOptions): Promise<number> {
  return runSession({ command }, MANNER, async () => {
    const sampler = await import('@austin-profiler/sampler');
    const output = openFor(recordingName(command), options);
    const stdoutTo = output.path === '-' ? 2 : 1;
    const progress = progressLine(options.progress ?? !isatty(stdoutTo));
    return { ...planOf(sampler, { command, output, progress, options }), stdoutTo };
  });
}

/** Records a process that is already running, and leaves it as it is. */
export function recordProcess(pid: number, options: RecordOptions): Promise<number> {
  return runSession({ pid }, MANNER, async () => {
    const sampler = await import('@austin-profiler/sampler');
    const command = commandOf(pid);
    const output = openFor(`${recordingName(command ?? [])}.${pid}`, options);
    const progress = progressLine(options.progress ?? true);
    return { ...planOf(sampler, { command, output, progress, options }), stdoutTo: 'ignore' };
  });
}

interface Parts {
  readonly command: readonly string[] | undefined;
  readonly output: RecordingOutput;
  readonly progress: ProgressLine;
  readonly options: RecordOptions;
}

function openFor(name: string, options: RecordOptions): RecordingOutput {
  return openRecordingOutput({ path: options.output, name, rotation: options.rotation });
}

function planOf(sampler: Sampler, parts: Parts): Omit<SessionPlan, 'stdoutTo'> {
  const { output, options } = parts;
  let recording: Recording | undefined;
  const snapshots = snapshotOnSignal({ recording: () => recording, output, log: options.log });
  return {
    followsChildren: options.children,
    record(pid) {
      recording = start(sampler, pid, parts);
      return { ...recording, finished: concluded(sampler, recording, parts) };
    },
    conclude: (end) => conclude(end, output, options),
    async close() {
      await snapshots.close();
      await output.finish();
    },
  };
}

function start(sampler: Sampler, pid: number, parts: Parts): Recording {
  const { command, options, output, progress } = parts;
  const { intervalUs, tasks, maxCpu, log, version } = options;
  const watchInterval = createIntervalWatch({ intervalUs, maxCpu, log, progress });
  logStart(log, { ...options, pid, command, output: output.path });
  output.empty();
  const started = sampler.startRecording({
    pid,
    ...samplerOptions(options),
    ...output.sink,
    metadata: provenance({ command, start: new Date(), version }),
    onNotice: sayNotice,
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

async function concluded(sampler: Sampler, recording: Recording, parts: Parts): Promise<RecordingResult> {
  const result = await completed(sampler, recording, () => parts.output.finish());
  parts.progress.clear();
  return result;
}

function conclude(end: SessionEnd, output: RecordingOutput, options: RecordOptions): number {
  if ('result' in end) logEnd(options.log, end.result, output);
  switch (end.kind) {
    case 'not-begun':
      output.discard();
      return exitCodeOf({ signal: end.stopSignal });
    case 'not-started':
      output.discard();
      reportError(end.error);
      return end.error.exitCode;
    case 'failed':
      return fail(end.result, output);
    case 'stuck':
      say('austin: the reader of the recording takes nothing any more: its end is lost');
      return exitCodeOf({ signal: end.stopSignal });
    case 'recorded': {
      const { result, targetEnd } = end;
      if (result.statistics.samples === 0) sayNothingSampled(result, end.stopSignal !== undefined);
      sayClosing(result, output, options);
      if (targetEnd === undefined) return ExitCode.Ok;
      const isEndedByUs = result.end === 'duration' && targetEnd.signal === 'SIGTERM';
      return isEndedByUs ? ExitCode.Ok : exitCodeOf(targetEnd);
    }
  }
}

/** Says why a recording failed. A file in which nothing was recorded is not left behind. */
function fail(result: RecordingResult, output: RecordingOutput): number {
  const { error } = result;
  const isOutput = error?.code === 'ERR_OUTPUT_WRITE';
  reportError(error && isOutput ? outputError(error, result, output) : error);
  if (result.target === undefined && !isOutput) output.discard();
  return ExitCode.Failure;
}

function progressLine(isWanted: boolean): ProgressLine {
  return createProgressLine(isWanted && isatty(2), () => process.stderr.columns || 80);
}
