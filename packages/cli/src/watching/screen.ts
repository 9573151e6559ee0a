const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const ERASE_LINE_END = '\x1b[K';
const ERASE_BELOW = '\x1b[J';

/** The second screen of a terminal, without cursor: what is on the first one comes back at the end. */
export interface Screen {
  /** Shows a text from the top. What does not fit is left out, and the last line says so. */
  draw(text: string): Promise<void>;
  /** Gives the first screen back, if anything was drawn. */
  leave(): Promise<void>;
}

/** @param rows the height of the terminal now; 0 where it is unknown */
export function createScreen(write: (text: string) => Promise<void>, rows: () => number): Screen {
  let isEntered = false;
  return {
    async draw(text) {
      const lines = fitting(text.split('\n'), rows());
      const enter = isEntered ? '' : ENTER;
      isEntered = true;
      await write(`${enter}${HOME}${lines.join(`${ERASE_LINE_END}\r\n`)}${ERASE_LINE_END}${ERASE_BELOW}`);
    },
    async leave() {
      if (isEntered) await write(LEAVE);
      isEntered = false;
    },
  };
}

/** Longer lines need no care: the terminal cuts them. */
function fitting(lines: readonly string[], rows: number): readonly string[] {
  if (rows === 0 || lines.length <= rows) return lines;
  const shown = Math.max(rows - 1, 0);
  return [...lines.slice(0, shown), `… ${lines.length - shown} more lines`];
}
