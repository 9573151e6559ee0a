import { readFileSync } from 'node:fs';

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

/** When a process started, in ticks of the system's clock since boot; 0 when it is gone. */
export function startTicksOf(pid: number): number {
  return Number(statFields(pid)?.[19] ?? 0);
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
