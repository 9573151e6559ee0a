import { constants } from 'node:os';
import type { ProgramEnd } from '@austin-profiler/sampler';

/** What `austin` answers to its shell. `record` answers with the status of the program it ran instead. */
export const ExitCode = {
  Ok: 0,
  /** The profiler could not do what was asked. */
  Failure: 1,
  /** The command line makes no sense. */
  Usage: 2,
  /** The command to record exists but cannot be executed, as a shell says it. */
  NotExecutable: 126,
  /** The command to record does not exist, as a shell says it. */
  NotFound: 127,
} as const;

/** The status a shell shows for a process that ended so: 128 and the number of the signal. */
export function exitCodeOf(end: ProgramEnd): number {
  if (end.signal === undefined) return end.code;
  return 128 + (constants.signals[end.signal] ?? 0);
}
