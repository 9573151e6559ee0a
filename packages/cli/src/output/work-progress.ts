import { isatty } from 'node:tty';
import { bytes, percent } from './numbers.js';
import { createProgressLine, type ProgressLine } from './progress-line.js';

/** Work that is over before this is not worth a line. */
const FIRST_AFTER_MS = 500;
const EVERY_MS = 100;

/** A line on a terminal that says how far some work has come. */
export interface WorkProgress {
  advance(byteCount: number): void;
  /** Takes the line away. */
  end(): void;
}

export interface WorkProgressOptions {
  readonly line?: ProgressLine;
  readonly now?: () => number;
}

/**
 * Shows how many bytes have been gone through, once that has taken half a second; nothing where standard error is no terminal.
 *
 * @param total in bytes; undefined if nobody knows
 */
export function createWorkProgress(
  what: string,
  total: number | undefined,
  { line = terminalLine(), now = () => performance.now() }: WorkProgressOptions = {},
): WorkProgress {
  let done = 0;
  let next = now() + FIRST_AFTER_MS;
  return {
    advance(byteCount) {
      done += byteCount;
      if (!line.isWanted) return;
      const time = now();
      if (time < next) return;
      next = time + EVERY_MS;
      line.show(`${what}: ${total ? `${percent(done, total)} of ${bytes(total)}` : bytes(done)}`);
    },
    end: () => line.clear(),
  };
}

function terminalLine(): ProgressLine {
  return createProgressLine(isatty(2), () => process.stderr.columns || 80);
}
