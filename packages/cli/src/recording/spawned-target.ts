import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { AustinError } from '@austin-profiler/profile';
import { ExitCode, type ProcessEnd } from '../exit-codes.js';
import { printable } from '../output/printable.js';
import { systemReason } from '../output/system-errors.js';
import { isRunning, type ProcessIdentity, processTree } from './proc.js';

/** How long a target has to obey SIGTERM before it is killed. */
const GRACE_MS = 2_000;

/** The program we started in order to record it. */
export interface SpawnedTarget {
  readonly pid: number;
  /** Settles when the program has ended, and never rejects. */
  readonly ended: Promise<ProcessEnd>;
  hasEnded(): boolean;
  /** To the program alone, as if the sender had named it instead of us. */
  signal(signal: NodeJS.Signals): void;
  /** To the program and everything below it. */
  signalTree(signal: NodeJS.Signals): void;
  /** Waits for it and for all that has been signalled; after `graceMs` everything that is left is killed. */
  endWithin(graceMs: number): Promise<ProcessEnd>;
  /** Leaves nothing running: SIGTERM to the tree, and SIGKILL to what is left of it after two seconds. */
  terminate(): Promise<void>;
}

/** A command that could not be started; `exitCode` is what a shell would answer. */
export class StartError extends AustinError {
  readonly exitCode: number;

  constructor(command: string, error: NodeJS.ErrnoException) {
    const isMissing = error.code === 'ENOENT';
    const what = isMissing ? 'command not found' : systemReason(error);
    super(
      isMissing ? 'ERR_COMMAND_NOT_FOUND' : 'ERR_COMMAND_START',
      `cannot start ${printable(command)}: ${what}`,
      {
        kind: 'environment',
        ...(error.code === 'EACCES' && { hint: 'if it is a Python script, write `python3` before it' }),
        cause: error,
      },
    );
    this.exitCode = isMissing ? ExitCode.NotFound : ExitCode.NotExecutable;
  }
}

/** What becomes the program's standard output: a descriptor of ours, or `/dev/null`. */
export type StdoutTo = number | 'ignore';

/**
 * Starts a program in our own process group, environment and folder, with our standard streams.
 *
 * @throws StartError
 */
export async function spawnTarget(
  command: readonly string[],
  options: { stdoutTo: StdoutTo },
): Promise<SpawnedTarget> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: [0, options.stdoutTo, 2] });
  if (child.pid === undefined) {
    const [error] = (await once(child, 'error')) as [NodeJS.ErrnoException];
    throw new StartError(program, error);
  }
  return asTarget(child, child.pid);
}

function asTarget(child: ChildProcess, pid: number): SpawnedTarget {
  // `kill` of a process that is just ending may fail; its end is reported all the same.
  child.on('error', () => {});
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? { code: code ?? 0 } : { signal }));
  });
  const signalled = new Map<string, ProcessIdentity>();
  const signalTree = (signal: NodeJS.Signals) => {
    const tree = processTree(pid);
    for (const process of tree) signalled.set(`${process.pid} ${process.startTicks}`, process);
    sendTo(tree, signal);
  };
  const endWithin = async (graceMs: number): Promise<ProcessEnd> => {
    const running = () => [...signalled.values(), ...processTree(pid)].filter(isRunning);
    for (let waited = 0; waited < graceMs && running().length > 0; waited += 20) await delay(20);
    sendTo(running(), 'SIGKILL');
    return ended;
  };
  return {
    pid,
    ended,
    hasEnded,
    signal: (signal) => void child.kill(signal),
    signalTree,
    endWithin,
    async terminate() {
      signalTree('SIGTERM');
      await endWithin(GRACE_MS);
    },
  };
}

function sendTo(processes: readonly ProcessIdentity[], signal: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended in the meantime, or runs as another user and is not ours to end.
    }
  }
}
