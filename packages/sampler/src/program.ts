import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { SamplerError } from './errors.js';
import { loadAddon } from './load-addon.js';
import type { NativeAddon, NativeProgramGuard } from './native.js';
import { type ProgramEnd, untilEnd } from './program-end.js';

export type ProgramOptions = Pick<SpawnOptions, 'cwd' | 'env' | 'stdio'>;

/** A program we started, which never outlives us. What is below it is remembered once it was seen. */
export interface Program {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Settles when it has ended. Never rejects. */
  readonly ended: Promise<ProgramEnd>;
  hasEnded(): boolean;
  /** To the program alone. */
  signal(signal: NodeJS.Signals): void;
  /** To the program and everything below it. */
  signalTree(signal: NodeJS.Signals): void;
  /** Waits for it and for everything below it, and after `graceMs` kills what is left. */
  endWithin(graceMs: number): Promise<ProgramEnd>;
  /** Leaves nothing of it running: SIGTERM to it and all below it, and SIGKILL to what is left after two seconds. */
  end(): Promise<ProgramEnd>;
}

const GRACE_MS = 2000;
/** How long the kernel may take to end a process after SIGKILL, which one in an uninterruptible wait delays. */
const REAP_MS = 1000;

/**
 * The programs that run. Whoever exits without waiting for them ends them: of a process that exits, unlike of a worker
 * that is terminated, Node runs none of the addon's hooks. One listener for all, for Node warns of many.
 */
const running = new Set<NativeProgramGuard>();

function endAll(): void {
  for (const guard of running) guard.end();
}

/**
 * A program of ten milliseconds is over before a busy machine would let us go on after its start. So this thread does not
 * wait for a processor until it has done what follows the start at once, which is to start a recording.
 */
function hurry(addon: NativeAddon): void {
  if (addon.beginHurry()) setImmediate(() => addon.endHurry());
}

/**
 * Starts a program, by default with our standard streams, and in any case in our process group. It is ended, and all that
 * is below it, when the worker that started it is terminated, or the process exits.
 *
 * Between the start and the answer nothing waits: whoever awaits it can start a recording before the program has run.
 *
 * @throws SamplerError `ERR_COMMAND_NOT_FOUND`, `ERR_COMMAND_START`, `ERR_SAMPLER_OPTION`, `ERR_ADDON_LOAD`
 */
export async function startProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Program> {
  const addon = loadAddon();
  hurry(addon);
  const child = startChild(command, args, options);
  if (child.pid === undefined) {
    const [error] = (await once(child, 'error')) as [NodeJS.ErrnoException];
    throw startError(command, error);
  }
  const { pid } = child;
  const guard = addon.guard(pid);
  if (running.size === 0) process.on('exit', endAll);
  running.add(guard);
  // `kill` by the user of a process that is just ending may fail; its end is reported all the same.
  child.on('error', () => {});
  let isForgottenByNode = false;
  const ended = untilEnd(addon, child, () => {
    isForgottenByNode = true;
  }).then((end) => {
    running.delete(guard);
    if (running.size === 0) process.off('exit', endAll);
    guard.release();
    return end;
  });
  const endWithin = async (graceMs: number, first = 0): Promise<ProgramEnd> => {
    if (!(await isGoneAfter(guard, first, graceMs))) {
      await isGoneAfter(guard, constants.signals.SIGKILL, REAP_MS);
    }
    return ended;
  };
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    pid,
    ended,
    hasEnded,
    signal(signal) {
      if (!isForgottenByNode) child.kill(signal);
      // Its number is its own until its end has been told.
      else if (!hasEnded()) process.kill(pid, signal);
    },
    signalTree: (signal) => void guard.signal(constants.signals[signal]),
    endWithin: (graceMs) => endWithin(graceMs),
    end: () => endWithin(GRACE_MS, constants.signals.SIGTERM),
  };
}

/** Sends a signal and tells whether it, within that time, has ended all there was. */
async function isGoneAfter(guard: NativeProgramGuard, signal: number, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  let isRunning = guard.signal(signal);
  while (isRunning && performance.now() < deadline) {
    await delay(10);
    isRunning = guard.signal(0);
  }
  return !isRunning;
}

function startChild(command: string, args: readonly string[], options: ProgramOptions): ChildProcess {
  try {
    return spawn(command, args, {
      stdio: options.stdio ?? 'inherit',
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      ...(options.env !== undefined && { env: options.env }),
    });
  } catch (error) {
    throw startError(command, error as NodeJS.ErrnoException);
  }
}

function startError(command: string, error: NodeJS.ErrnoException): SamplerError {
  if (error instanceof TypeError) {
    return new SamplerError('ERR_SAMPLER_OPTION', error.message, { kind: 'usage', cause: error });
  }
  const isMissing = error.code === 'ENOENT';
  return new SamplerError(
    isMissing ? 'ERR_COMMAND_NOT_FOUND' : 'ERR_COMMAND_START',
    isMissing
      ? `cannot start ${command}: no such command or folder`
      : `cannot start ${command}: ${error.message}`,
    {
      ...(error.errno !== undefined && { errno: Math.abs(error.errno) }),
      ...(isMissing && { hint: 'check the PATH of `env`, and that the folder `cwd` is there' }),
      ...(error.code === 'EACCES' && { hint: 'if it is a Python script, start `python3` with it' }),
      cause: error,
    },
  );
}
