import type { ColourDepth } from './colour-depth.js';
import { type Grid, RIGHT_HALF } from './grid.js';
import { palette } from './palette.js';

/** Terminals that know it show what stands between the two at once (mode 2026); the others ignore them. */
const BEGIN = '\x1b[?2026h';
const END = '\x1b[0m\x1b[?2026l';
const CLEAR = '\x1b[0m\x1b[2J';

/** Only ASCII surely moves the cursor by one: terminals differ in how wide they take the rest to be. */
const SURE = /^[\x20-\x7e]$/;

/** Turns a grid into what a terminal has to be sent. */
export class Painter {
  readonly #styles: readonly string[];

  constructor(depth: ColourDepth) {
    this.#styles = palette(depth);
  }

  /**
   * What makes a terminal that shows `before` show `after`: one text, to be written at once; empty if nothing differs.
   *
   * @param before undefined, or of another size, if nobody knows what the terminal shows
   */
  paint(after: Grid, before: Grid | undefined): string {
    const known = before?.width === after.width && before.height === after.height ? before : undefined;
    let text = '';
    let style = -1;
    /** Where the cursor surely is. */
    let cursor = -1;
    for (let y = 0; y < after.height; y++) {
      for (let x = 0; x < after.width; x++) {
        const cell = after.text(x, y);
        if (cell === RIGHT_HALF || !differs(after, known, x, y)) continue;
        const at = y * after.width + x;
        if (cursor !== at) text += `\x1b[${y + 1};${x + 1}H`;
        if (style !== after.style(x, y)) {
          style = after.style(x, y);
          text += this.#styles[style]!;
        }
        text += cell;
        // Behind the last column the cursor stays where it is.
        cursor = SURE.test(cell) && x + 1 < after.width ? at + 1 : -1;
      }
    }
    if (known) return text === '' ? '' : BEGIN + text + END;
    return BEGIN + CLEAR + text + END;
  }
}

function differs(after: Grid, before: Grid | undefined, x: number, y: number): boolean {
  // A cleared terminal is blank.
  if (!before) return after.text(x, y) !== ' ' || after.style(x, y) !== 0;
  const isSame = (column: number): boolean =>
    after.text(column, y) === before.text(column, y) && after.style(column, y) === before.style(column, y);
  if (!isSame(x)) return true;
  return x + 1 < after.width && after.text(x + 1, y) === RIGHT_HALF && !isSame(x + 1);
}
