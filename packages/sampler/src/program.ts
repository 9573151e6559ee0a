import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { SamplerError } from './errors.js';
import { loadAddon } from './load-addon.js';
import type { NativeProgramGuard } from './native.js';

export type ProgramOptions = Pick<SpawnOptions, 'cwd' | 'env' | 'stdio'>;

/** A program we started, which never outlives us. */
export interface Program {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Settles when it has ended. Never rejects. */
  readonly ended: Promise<void>;
  hasEnded(): boolean;
  /** Leaves nothing of it running: SIGTERM to it and all below it, and SIGKILL to what is left after two seconds. */
  end(): Promise<void>;
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

/** @throws SamplerError `ERR_COMMAND_NOT_FOUND`, `ERR_COMMAND_START`, `ERR_SAMPLER_OPTION`, `ERR_ADDON_LOAD` */
export async function startProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<Program> {
  const addon = loadAddon();
  const child = startChild(command, args, options);
  if (child.pid === undefined) {
    const [error] = (await once(child, 'error')) as [NodeJS.ErrnoException];
    throw startError(command, error);
  }
  const guard = addon.guard(child.pid);
  if (running.size === 0) process.on('exit', endAll);
  running.add(guard);
  // `kill` by the user of a process that is just ending may fail; its end is reported all the same.
  child.on('error', () => {});
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      running.delete(guard);
      if (running.size === 0) process.off('exit', endAll);
      guard.release();
      resolve();
    });
  });
  return {
    child,
    pid: child.pid,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async end() {
      if (await isGoneAfter(guard, constants.signals.SIGTERM, GRACE_MS)) return ended;
      await isGoneAfter(guard, constants.signals.SIGKILL, REAP_MS);
      return ended;
    },
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
