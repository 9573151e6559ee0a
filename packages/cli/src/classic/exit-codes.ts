import { constants } from 'node:os';
import { isAustinError } from '@austin-profiler/profile';
import type { Generation } from './generation.js';

type Codes = Readonly<Record<Generation, number>>;

/** Everything went well, however the program itself ended. */
export const OK = 0;

/** Neither a command nor a process was given. */
export const NOTHING_TO_SAMPLE: Codes = { 3: 255, 4: 6 };

/** What shells show for a process that SIGPIPE ended. */
export const READER_GONE = 141;

const OUTPUT: Codes = { 3: 255, 4: 5 };
const START: Codes = { 3: 33, 4: 1 };
const USAGE: Codes = { 3: 64, 4: 64 };
const NO_PYTHON_CHILD: Codes = { 3: 39, 4: 1 };
/** What Austin has no code for. */
const OTHER: Codes = { 3: 255, 4: 1 };

const BY_ERROR: Readonly<Record<string, Codes>> = {
  ERR_COMMAND_NOT_FOUND: START,
  ERR_COMMAND_START: START,
  ERR_ENVIRONMENT: { 3: 64, 4: 7 },
  ERR_NOT_PYTHON: { 3: 32, 4: 11 },
  ERR_OUTPUT_CLOSED: { 3: READER_GONE, 4: READER_GONE },
  ERR_OUTPUT_OPEN: OUTPUT,
  ERR_OUTPUT_WRITE: OUTPUT,
  ERR_PERMISSION_PTRACE: { 3: 37, 4: 2 },
  ERR_PROCESS_GONE: { 3: 36, 4: 1 },
  ERR_PYTHON_LAYOUT: { 3: 3, 4: 12 },
  ERR_PYTHON_UNSUPPORTED: { 3: 3, 4: 10 },
};

/** @param children whether child processes were to be followed */
export function exitCodeOfError(error: unknown, generation: Generation, children: boolean): number {
  if (!isAustinError(error)) return OTHER[generation];
  if (error.code === 'ERR_NOT_PYTHON' && children) return NO_PYTHON_CHILD[generation];
  if (error.code === 'ERR_OUTPUT_WRITE' && errnoOf(error) === constants.errno.EPIPE) return READER_GONE;
  const codes = BY_ERROR[error.code] ?? (error.kind === 'usage' ? USAGE : OTHER);
  return codes[generation];
}

/** After a signal that ended the recording: the negative number of the signal, as a byte. */
export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 256 - (constants.signals[signal] ?? 1);
}

function errnoOf(error: Error): unknown {
  return 'errno' in error ? error.errno : undefined;
}
