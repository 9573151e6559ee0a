/** The first line of a sample of `perf script`. */
export interface PerfHeader {
  readonly command: string;
  /** 0 when the line has only a thread. */
  readonly pid: number;
  readonly tid: string;
  /** How much of the event the sample stands for. */
  readonly period: number | undefined;
  /** Without the colon at its end; modifiers stay, as in `cycles:u`. */
  readonly event: string;
  /** What follows the event: its only frame, where no call chains were recorded, or fields of a tracepoint. */
  readonly rest: string;
}

/**
 * `comm pid/tid [cpu] time: period event: …`, where perf leaves out what it was not asked for; `pid/` is not there by
 * default. The command may contain blanks.
 */
const HEADER =
  /^(\S.*?) +(\d{1,15})(?:\/(\d{1,15}))?(?: +\[(\d+)\])?(?: +\d+\.\d+:)(?: +(\d+))? +([A-Za-z_][^ ]*):(?: +(.*)| *)$/;

/** Longer lines are none: the expression would take time as the square of their length. */
const MAX_LENGTH = 4096;

/** Reads the first line of a sample; undefined if it is none. */
export function parseHeader(line: string): PerfHeader | undefined {
  const match = line.length <= MAX_LENGTH ? HEADER.exec(line) : null;
  if (!match) return undefined;
  const [, command, first, second, , period, event, rest] = match;
  return {
    command: command!,
    pid: second === undefined ? 0 : Number(first),
    tid: second ?? first!,
    period: period === undefined ? undefined : Number(period),
    event: event!.replace(/:$/, ''),
    rest: rest ?? '',
  };
}

/** Tells whether an event's period is a time in nanoseconds. */
export function isClock(event: string): boolean {
  return /^(cpu-clock|task-clock)(:|$)/.test(event);
}
