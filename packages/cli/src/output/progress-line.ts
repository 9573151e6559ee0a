import { saySome } from './stdio.js';

const ERASE_LINE = '\r\x1b[2K';

/** One line on a terminal that is written over and over, and gone at the end. */
export interface ProgressLine {
  /** Whether it shows anything at all. */
  readonly isWanted: boolean;
  show(text: string): void;
  clear(): void;
}

/** @param columns the width of the terminal now; a longer text is cut, as a wrapped line cannot be erased */
export function createProgressLine(
  isWanted: boolean,
  columns: () => number,
  write: (text: string) => void = saySome,
): ProgressLine {
  let isShown = false;
  return {
    isWanted,
    show(text) {
      if (!isWanted) return;
      isShown = true;
      write(ERASE_LINE + text.slice(0, columns() - 1));
    },
    clear() {
      if (isShown) write(ERASE_LINE);
      isShown = false;
    },
  };
}
