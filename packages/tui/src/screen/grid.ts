import { Style } from './styles.js';
import { cellWidth, clusters, isNarrow } from './text.js';

/** What stands in the right half of a wide character. */
export const RIGHT_HALF = '';

/** A screenful of cells. Rows and columns count from 0; what is put outside of it is cut off. */
export class Grid {
  readonly width: number;
  readonly height: number;
  readonly #texts: string[];
  readonly #styles: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#texts = Array.from<string>({ length: width * height }).fill(' ');
    this.#styles = new Uint8Array(width * height);
  }

  /** What stands in a cell; {@link RIGHT_HALF} behind a wide character. */
  text(x: number, y: number): string {
    return this.#texts[y * this.width + x]!;
  }

  style(x: number, y: number): Style {
    return this.#styles[y * this.width + x] as Style;
  }

  /** Writes a text into at most `cells` cells. Returns the column behind it. */
  put(x: number, y: number, text: string, style: Style = Style.Plain, cells = this.width - x): number {
    if (y < 0 || y >= this.height || x < 0) return x;
    const end = Math.min(x + cells, this.width);
    if (end <= x) return x;
    if (text !== '') this.#breakOff(x, y);
    if (isNarrow(text, end - x)) return this.#putNarrow(x, y, text, style, end);
    let at = x;
    for (const cluster of clusters(text, end - x)) {
      if (at + cluster.width > end) break;
      this.#set(at, y, cluster.text, style);
      if (cluster.width === 2) this.#set(at + 1, y, RIGHT_HALF, style);
      at += cluster.width;
    }
    this.#mend(at, y);
    return at;
  }

  /** As {@link put}, so that the text ends before column `end`. Returns the column that it begins in. */
  putRight(end: number, y: number, text: string, style: Style = Style.Plain): number {
    const x = end - cellWidth(text, this.width);
    this.put(Math.max(x, 0), y, text, style, end - Math.max(x, 0));
    return x;
  }

  /** Makes cells blank. */
  clear(x: number, y: number, cells: number, style: Style = Style.Plain): void {
    this.put(x, y, ' '.repeat(Math.max(0, Math.min(cells, this.width - x))), style);
  }

  /** Gives cells another style. */
  paint(x: number, y: number, cells: number, style: Style): void {
    if (y < 0 || y >= this.height) return;
    const start = y * this.width;
    this.#styles.fill(style, start + Math.max(x, 0), start + Math.min(x + cells, this.width));
  }

  /** A row as text, without the blanks at its end. */
  row(y: number): string {
    return this.#texts
      .slice(y * this.width, (y + 1) * this.width)
      .join('')
      .trimEnd();
  }

  #putNarrow(x: number, y: number, text: string, style: Style, end: number): number {
    const behind = Math.min(x + text.length, end);
    for (let at = x; at < behind; at++) this.#set(at, y, text[at - x]!, style);
    this.#mend(behind, y);
    return Math.max(behind, x);
  }

  #set(x: number, y: number, text: string, style: Style): void {
    const at = y * this.width + x;
    this.#texts[at] = text;
    this.#styles[at] = style;
  }

  /** Of a wide character that is about to lose its right half, the left one is worth nothing either. */
  #breakOff(x: number, y: number): void {
    const at = y * this.width + x;
    if (x > 0 && this.#texts[at] === RIGHT_HALF) this.#texts[at - 1] = ' ';
  }

  /** The other way round: behind what was written. */
  #mend(x: number, y: number): void {
    const at = y * this.width + x;
    if (x < this.width && this.#texts[at] === RIGHT_HALF) this.#texts[at] = ' ';
  }
}
