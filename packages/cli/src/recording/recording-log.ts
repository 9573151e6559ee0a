import type { RecordingResult, TargetInfo } from '@austin-profiler/sampler';
import type { Logger } from '../logging/logger.js';
import { shellWords } from '../output/shell-words.js';
import type { RecordingOutput } from './recording-output.js';

/** What the log says of a recording. */

export function logStart(
  log: Logger,
  facts: {
    readonly pid: number;
    readonly command: readonly string[] | undefined;
    readonly intervalUs: number;
    readonly exposureUs?: number;
    readonly timeoutMs?: number;
    readonly jitter?: boolean;
    readonly maxCpu?: number;
    readonly output: string;
    readonly version: string;
  },
): void {
  const { command, version, pid, intervalUs, exposureUs, timeoutMs, jitter, maxCpu, output } = facts;
  log.log('info', 'start', { version, node: process.version, pid: process.pid });
  log.log('info', 'recording', {
    pid,
    command: command && shellWords(command),
    intervalUs,
    exposureUs,
    timeoutMs,
    jitter,
    maxCpu,
    output,
  });
}

export function logAttached(log: Logger, target: TargetInfo): void {
  const { pid, pythonVersion, executable, freeThreaded } = target;
  log.log('info', 'attached', { pid, python: pythonVersion, executable, freeThreaded });
}

export function logEnd(log: Logger, result: RecordingResult, output: RecordingOutput): void {
  const { statistics, end, error } = result;
  if (error) log.log('error', 'failed', { code: error.code, message: error.message });
  const { samples, rounds, exact, retried, between, cut, invalid, lateRounds, missedRounds } = statistics;
  const { durationUs, busyUs, cpuUs, intervalUs, bytes } = statistics;
  log.log('info', 'end', {
    end,
    samples,
    rounds,
    exact,
    retried,
    between,
    cut,
    invalid,
    lateRounds,
    missedRounds,
    durationUs,
    busyUs: Math.round(busyUs),
    cpuUs,
    intervalUs,
    bytes,
    files: output.fileCount,
    output: output.path,
  });
}
