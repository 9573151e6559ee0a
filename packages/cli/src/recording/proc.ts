import { readdirSync, readFileSync } from 'node:fs';

/** What the kernel says about a process. Every question has an answer that means "unknown". */

/** The command line of a process, or undefined when it is gone or hidden. */
export function commandOf(pid: number): string[] | undefined {
  const text = read(`/proc/${pid}/cmdline`);
  return text ? text.replace(/\0$/, '').split('\0') : undefined;
}

/** The state of a process as `ps` shows it: `R`, `S`, `Z`; undefined when it is gone. */
export function stateOf(pid: number): string | undefined {
  return statFields(pid)?.[0];
}

/** Whether this process is in the foreground of its terminal, and Ctrl-C there reaches our children too. */
export function isInForeground(): boolean {
  const [, , group, , , foregroundGroup] = statFields('self') ?? [];
  return group !== undefined && group === foregroundGroup;
}

/** A process that cannot be confused with a later one of the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: string;
}

/** The process and everything it started, and they started, that still runs. */
export function processTree(pid: number): ProcessIdentity[] {
  const startTicks = startOf(pid);
  if (startTicks === undefined) return [];
  return [{ pid, startTicks }, ...childrenOf(pid).flatMap(processTree)];
}

/** Whether it still runs; a zombie does not. */
export function isRunning({ pid, startTicks }: ProcessIdentity): boolean {
  return startOf(pid) === startTicks;
}

function startOf(pid: number): string | undefined {
  const fields = statFields(pid);
  return fields?.[0] === 'Z' || fields?.[0] === 'X' ? undefined : fields?.[19];
}

function childrenOf(pid: number): number[] {
  return list(`/proc/${pid}/task`).flatMap((tid) => {
    const text = read(`/proc/${pid}/task/${tid}/children`)?.trim();
    return text ? text.split(' ').map(Number) : [];
  });
}

/** The fields of `/proc/PID/stat` from the third (state) on; the second is a name that may hold anything. */
function statFields(pid: number | 'self'): string[] | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
