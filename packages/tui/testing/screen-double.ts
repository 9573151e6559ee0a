const CSI = '\u001b[';

/** A terminal as far as the painter needs one: cells, a cursor, and styles as they were set. Anything else is refused. */
export class ScreenDouble {
  readonly width: number;
  readonly height: number;
  #cells: { text: string; style: string }[];
  #at = 0;
  #style = '';
  /** Characters that were written into cells. */
  written = 0;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#cells = this.#blank();
  }

  /** @param widthOf how wide the terminal takes a character to be, which need not be what others think */
  write(text: string, widthOf: (cluster: string) => number): void {
    let rest = text;
    while (rest !== '') {
      const sequence = rest.startsWith(CSI) && /^([?\d;]*)([A-Za-z])/.exec(rest.slice(CSI.length));
      if (sequence) {
        this.#control(sequence[1]!, sequence[2]!);
        rest = rest.slice(CSI.length + sequence[0].length);
        continue;
      }
      const [{ segment = '' } = {}] = new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(rest);
      if (/\p{Cc}/u.test(segment))
        throw new Error(`a control character: ${JSON.stringify(rest.slice(0, 20))}`);
      this.#put(segment, widthOf(segment));
      rest = rest.slice(segment.length);
    }
  }

  text(x: number, y: number): string {
    return this.#cells[y * this.width + x]!.text;
  }

  style(x: number, y: number): string {
    return this.#cells[y * this.width + x]!.style;
  }

  #put(cluster: string, cells: number): void {
    this.written++;
    this.#cells[this.#at] = { text: cluster, style: this.#style };
    if (cells === 2) this.#cells[this.#at + 1] = { text: '', style: this.#style };
    this.#at += cells;
  }

  #control(parameters: string, final: string): void {
    if (final === 'm') this.#style = parameters;
    else if (final === 'J' && parameters === '2') this.#cells = this.#blank();
    else if (final === 'H') {
      const [row = 1, column = 1] = parameters.split(';').map(Number);
      this.#at = (row - 1) * this.width + column - 1;
    } else if (!/^\?2026$/.test(parameters)) throw new Error(`unknown: ${parameters}${final}`);
  }

  #blank() {
    return Array.from({ length: this.width * this.height }, () => ({ text: ' ', style: '' }));
  }
}
