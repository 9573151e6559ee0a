import { readFileSync } from 'node:fs';

// What the kernel says about a process. Every question has an answer that means "unknown".

/** Of the times that the kernel tells of processes. */
export const TICKS_PER_SECOND = 100;

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

/** What a process has used until now. */
export interface Usage {
  /** CPU time of all its threads, in ticks: hundredths of a second. */
  readonly cpuTicks: number;
  /** Its resident set, in bytes. */
  readonly residentBytes: number;
}

/** What a process has used; undefined when it is gone. */
export function usageOf(pid: number): Usage | undefined {
  const fields = statFields(pid);
  const resident = /^VmRSS:\s*(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  if (!fields || resident === undefined) return undefined;
  return { cpuTicks: Number(fields[11]) + Number(fields[12]), residentBytes: Number(resident) * 1024 };
}

/** How long the system has been up, in seconds; undefined where it does not tell. */
export function systemUptime(): number | undefined {
  const seconds = Number.parseFloat(read('/proc/uptime') ?? '');
  return Number.isNaN(seconds) ? undefined : seconds;
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
