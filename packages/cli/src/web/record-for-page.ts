import type { RecordingResult } from '@austin-profiler/sampler';
import { ExitCode, exitCodeOf } from '../exit-codes.js';
import { reportError } from '../output/errors.js';
import { printable } from '../output/printable.js';
import { closingText } from '../output/statistics.js';
import { say } from '../output/stdio.js';
import { commandOf } from '../recording/proc.js';
import type { SamplingOptions } from '../recording/sampling-options.js';
import { runSession, type SessionEnd, type Subject } from '../recording/session.js';
import type { Recorder } from './recorder.js';
import type { RecordingFiles } from './recording-files.js';

/** A program we start meets the signals it would meet without us. */
const MANNER = { killAt: 3, passTo: 'program' } as const;

export interface PageRecording {
  /** What a shell is told. */
  readonly code: number;
  /** A signal asked for the end, or nothing could be recorded: there is no use in going on. */
  readonly isOver: boolean;
}

/** Records what the command line asks for, until it ends. A page shows it meanwhile, and may stop it and begin others. */
export async function recordForPage(
  subject: Subject,
  recorder: Recorder,
  { options, files }: { options: SamplingOptions; files: RecordingFiles },
): Promise<PageRecording> {
  let isOver = false;
  const code = await runSession(subject, MANNER, async () => ({
    stdoutTo: 1,
    followsChildren: options.children,
    record: (pid) =>
      recorder.recordForSession(pid, 'command' in subject ? subject.command : commandOf(subject.pid)),
    conclude(end) {
      isOver = end.kind !== 'recorded' || end.stopSignal !== undefined;
      return conclude(end, recorder, options, files);
    },
    async close() {},
  }));
  return { code, isOver };
}

function conclude(
  end: SessionEnd,
  recorder: Recorder,
  options: SamplingOptions,
  files: RecordingFiles,
): number {
  switch (end.kind) {
    case 'not-begun':
    case 'stuck':
      return exitCodeOf({ signal: end.stopSignal });
    case 'not-started':
      reportError(end.error);
      return end.error.exitCode;
    case 'failed':
      reportError(end.result.error);
      return ExitCode.Failure;
    case 'recorded':
      sayRecorded(end.result, recorder, options, files);
      if (end.targetEnd === undefined) return ExitCode.Ok;
      return end.result.end === 'duration' && end.targetEnd.signal === 'SIGTERM'
        ? ExitCode.Ok
        : exitCodeOf(end.targetEnd);
  }
}

function sayRecorded(
  { statistics }: RecordingResult,
  recorder: Recorder,
  options: SamplingOptions,
  files: RecordingFiles,
): void {
  const path = files.areKept ? recorder.take?.file.path : undefined;
  const where = path === undefined ? 'austin: recorded' : `austin: wrote ${printable(path)}`;
  say(closingText(statistics, { ...options, where }));
}
