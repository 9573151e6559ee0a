import type { SourceText } from '../../../format.js';
import { formatPercent } from '../../../numbers.js';
import { codeKind } from './colours.js';
import { button, byId, element } from './dom.js';
import type { LineTables, LineWeights } from './line-weights.js';
import { measure, type Whole } from './measures.js';
import { type PageData, RowKind } from './payload.js';
import { sourceFiles, spansOf } from './source-lines.js';
import { VirtualRows } from './virtual-rows.js';
import { shorten, visible } from './visible-text.js';

const HOTTEST = 10;
/** More letters of a line than this are not shown. */
const MOST_LETTERS = 2000;

export interface SourceModel {
  readonly weights: LineWeights;
  readonly whole: Whole;
}

/** Gives the text of a file that the profile names. Never rejects. */
export type SourceLoader = (file: string) => Promise<SourceText>;

/** A line of the file on show; `row` is that of the table of lines, or -1 when no sample was in it. */
interface ShownLine {
  readonly line: number;
  readonly row: number;
  readonly text: string;
}

/** The files of the profile with the weight of each line: a heat map. */
export class SourceView {
  #payload: PageData;
  #tables: LineTables;
  readonly #load: SourceLoader | undefined;
  readonly #asked = new Set<number>();
  readonly #menu = byId('file', HTMLSelectElement);
  readonly #note = byId('source-note', HTMLParagraphElement);
  readonly #hottest = byId('hottest', HTMLOListElement);
  readonly #host = byId('source', HTMLDivElement);
  readonly #rows: VirtualRows;
  #files: readonly number[] = [];
  /** Rows of the table of lines, by file and line. */
  readonly #rowsOfFile = new Map<number, Map<number, number>>();
  readonly #framesOfRow = new Map<number, number[]>();
  readonly #texts = new Map<number, readonly string[]>();
  #model: SourceModel | undefined;
  #file = -1;
  #lines: ShownLine[] = [];
  #marked = 0;
  /** Somebody has said which file to look at: of a recording that is being made, it is the hottest of the moment until then. */
  #isChosen = false;
  #isInView = false;
  /** What is shown is that of an earlier state. */
  #isStale = false;

  /** @param load gives the text of a file that is not in the page, when it is looked at */
  constructor(payload: PageData, tables: LineTables, load?: SourceLoader) {
    this.#payload = payload;
    this.#tables = tables;
    this.#load = load;
    this.#rows = new VirtualRows(this.#host, byId('source-content', HTMLDivElement));
    this.update(payload, tables, false);
    this.#menu.addEventListener('change', () => {
      this.#isChosen = true;
      this.#openFile(Number(this.#menu.value));
    });
    new IntersectionObserver((entries) => {
      this.#isInView = entries.some(({ isIntersecting }) => isIntersecting);
      if (!this.#isInView || !this.#isStale || !this.#model) return;
      this.#isStale = false;
      this.#render(this.#model);
    }).observe(byId('source-section', HTMLElement));
    this.#host.addEventListener('pointerdown', () => {
      this.#isChosen = true;
    });
    byId('hotter-up', HTMLButtonElement).addEventListener('click', () => this.#step(-1));
    byId('hotter-down', HTMLButtonElement).addEventListener('click', () => this.#step(1));
    this.#host.addEventListener('keydown', (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === 'n') this.#step(1);
      else if (event.key === 'p') this.#step(-1);
    });
  }

  /** Goes on with a later state of the recording, or with another one. */
  update(payload: PageData, tables: LineTables, isOther: boolean): void {
    this.#payload = payload;
    this.#tables = tables;
    this.#files = sourceFiles(payload);
    this.#rowsOfFile.clear();
    this.#framesOfRow.clear();
    for (const [row, file] of tables.lines.file.entries()) {
      const known = this.#rowsOfFile.get(file) ?? new Map<number, number>();
      this.#rowsOfFile.set(file, known.set(tables.lines.line[row]!, row));
    }
    for (const [frame, row] of tables.lines.ofFrame.entries()) {
      const known = this.#framesOfRow.get(row);
      if (known) known.push(frame);
      else this.#framesOfRow.set(row, [frame]);
    }
    if (isOther) {
      this.#file = -1;
      this.#isChosen = false;
      this.#asked.clear();
      this.#texts.clear();
    }
    byId('source-section', HTMLElement).hidden = this.#files.length === 0;
  }

  show(model: SourceModel): void {
    const isFirst = this.#model === undefined;
    this.#model = model;
    // It costs more than all else: of a recording that goes on, nobody works it out who does not look.
    this.#isStale = this.#load !== undefined && !isFirst && !this.#isInView;
    if (!this.#isStale) this.#render(model);
  }

  #render(model: SourceModel): void {
    if (this.#files.length === 0) return;
    const { total } = model.weights.files;
    const files = [...this.#files].sort((a, b) => total[b]! - total[a]! || a - b);
    // Not while it may be open.
    if (document.activeElement !== this.#menu || this.#menu.options.length === 0)
      this.#fillMenu(files, model);
    this.#showHottest(model);
    const isToFollow = this.#file < 0 || (this.#load !== undefined && !this.#isChosen);
    this.#openFile(isToFollow ? this.#hottestFile(model, files) : this.#file);
  }

  #fillMenu(files: readonly number[], model: SourceModel): void {
    const { total } = model.weights.files;
    this.#menu.replaceChildren(
      ...files.map((file) => {
        const share = formatPercent(model.whole.total > 0 ? total[file]! / model.whole.total : 0);
        const option = element(
          'option',
          '',
          `${share}  ${shorten(visible(this.#payload.strings[file]!), 120)}`,
        );
        option.value = String(file);
        return option;
      }),
    );
  }

  /** Shows a line of a file, or the file from its hottest line when the line is 0. */
  reveal(file: string, line: number): void {
    const id = this.#files.find((known) => this.#payload.strings[known] === file);
    if (id === undefined) return;
    this.#isChosen = true;
    this.#openFile(id);
    if (line > 0) this.#mark(line);
    byId('source-section', HTMLElement).scrollIntoView({ block: 'start' });
  }

  /** The file of one's own where the most time was spent itself: that with the most total often only starts it all. */
  #hottestFile({ weights }: SourceModel, all: readonly number[]): number {
    const { self, total } = weights.files;
    const isOwn = (file: number): boolean =>
      codeKind(RowKind.Python, this.#payload.strings[file]!) === 'own' && total[file]! > 0;
    const files = all.some(isOwn) ? all.filter(isOwn) : all;
    return files.reduce((best, file) => (self[file]! > self[best]! ? file : best), files[0]!);
  }

  #showHottest({ weights, whole }: SourceModel): void {
    const { self } = weights.lines;
    const { file, line } = this.#tables.lines;
    const isSource = new Set(this.#files);
    const rows = [...line.keys()]
      .filter((row) => line[row]! > 0 && self[row]! > 0 && isSource.has(file[row]!))
      .sort((a, b) => self[b]! - self[a]! || a - b);
    this.#hottest.replaceChildren(
      ...rows.slice(0, HOTTEST).map((row) => {
        const name = visible(this.#payload.strings[file[row]!]!);
        const { percent, interval } = measure(self[row]!, whole);
        const link = button('link', `${shorten(fileName(name), 80)}:${line[row]!}`, () => {
          this.#openFile(file[row]!);
          this.#mark(line[row]!);
        });
        link.title = name;
        return element(
          'li',
          '',
          element('span', 'percent', percent),
          link,
          element('span', 'quiet', ` ${interval}`),
        );
      }),
    );
  }

  #openFile(file: number): void {
    const model = this.#model!;
    const isOther = file !== this.#file;
    this.#file = file;
    this.#menu.value = String(file);
    const source = this.#payload.sources.file.indexOf(file);
    const problem = source < 0 ? undefined : this.#payload.sources.problem[source];
    const text = source < 0 ? null : this.#payload.sources.text[source]!;
    this.#lines = this.#linesOf(file, text);
    if (source < 0) this.#request(file);
    this.#note.textContent = this.#noteOf(text !== null, problem, source >= 0);
    if (isOther) this.#marked = 0;
    const widest = this.#lines.reduce((most, line) => Math.max(most, line.text.length), 0);
    this.#host.style.setProperty('--letters', String(Math.min(widest, MOST_LETTERS)));
    this.#host.ariaRowCount = String(this.#lines.length);
    this.#rows.show(this.#lines.length, (index) => this.#row(index, model));
    if (isOther) this.#scrollToHottest();
  }

  /** Asks for the text of a file, once. */
  #request(file: number): void {
    if (!this.#load || this.#asked.has(file)) return;
    this.#asked.add(file);
    const { sources } = this.#payload;
    void this.#load(this.#payload.strings[file]!).then((source) => {
      // The recording may be another one by now.
      if (this.#payload.sources !== sources) return;
      sources.file.push(file);
      sources.text.push('text' in source ? source.text : null);
      sources.problem.push('text' in source ? (source.warning ?? '') : source.problem);
      if (this.#file !== file) return;
      this.#openFile(file);
      if (this.#marked > 0) this.#mark(this.#marked);
      else this.#scrollToHottest();
    });
  }

  #noteOf(hasText: boolean, problem: string | undefined, isKnown: boolean): string {
    if (hasText) return problem ?? '';
    if (problem) {
      const done = this.#load ? 'read' : 'embedded';
      return `This file could not be ${done}: ${problem}. Its lines with samples are shown without their text.`;
    }
    if (this.#load && !isKnown) return 'The file is being read.';
    return this.#payload.sources.file.length > 0
      ? 'There is no file of this name: its lines with samples are shown without text.'
      : 'The text of the files is not in this page; austin convert --sources embeds it. Lines with samples are shown.';
  }

  #linesOf(file: number, text: string | null): ShownLine[] {
    const rows = this.#rowsOfFile.get(file)!;
    const { functions, strings } = this.#payload;
    if (text === null) {
      const known = [...rows].filter(([line]) => line > 0).sort(([a], [b]) => a - b);
      return known.map(([line, row]) => {
        const name = strings[functions.name[this.#tables.lines.fn[row]!]!]!;
        return { line, row, text: `in ${shorten(visible(name), 200)}` };
      });
    }
    let texts = this.#texts.get(file);
    if (!texts) {
      texts = text.replace(/\r?\n$/, '').split(/\r\n|\r|\n/);
      this.#texts.set(file, texts);
    }
    // A file that was changed can be shorter than the lines that samples were in.
    const last = Math.max(texts.length, ...rows.keys());
    return Array.from({ length: Math.min(last, texts.length + 1000) }, (_, index) => ({
      line: index + 1,
      row: rows.get(index + 1) ?? -1,
      text: texts[index] ?? '',
    }));
  }

  #row(index: number, { weights, whole }: SourceModel): HTMLElement {
    const { line, row, text } = this.#lines[index]!;
    const self = measure(row < 0 ? 0 : weights.lines.self[row]!, whole);
    const total = measure(row < 0 ? 0 : weights.lines.total[row]!, whole);
    const cell = (className: string, ...children: (Node | string)[]): HTMLElement => {
      const made = element('div', className, ...children);
      made.role = 'cell';
      return made;
    };
    const shown = (text: string, share: number): string => (share > 0 ? text : '');
    const made = element(
      'div',
      line === this.#marked ? 'source-line marked' : 'source-line',
      cell('number', String(line)),
      cell('share', shown(self.percent, self.share)),
      cell('share', shown(total.percent, total.share)),
      cell('code', ...this.#code(row, text, weights, whole)),
    );
    made.role = 'row';
    made.ariaRowIndex = String(index + 1);
    made.style.setProperty('--heat', heat(self.share).toFixed(3));
    made.style.setProperty('--warmth', heat(total.share).toFixed(3));
    if (total.share > 0) {
      made.title = `Self ${self.weight}, ${self.percent} (${self.interval}); total ${total.weight}, ${total.percent} (${total.interval})`;
    }
    return made;
  }

  #code(row: number, text: string, { frames }: LineWeights, whole: Whole): (Node | string)[] {
    const cut = text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text;
    const isText = this.#payload.sources.text[this.#payload.sources.file.indexOf(this.#file)] != null;
    if (!isText || row < 0) return [visibleCode(cut)];
    const spans = spansOf(cut, this.#framesOfRow.get(row) ?? [], this.#payload.frames, frames.total);
    return spans.map(({ text: part, weight }) => {
      if (weight === 0 || spans.length === 1) return visibleCode(part);
      const mark = element('span', 'column', visibleCode(part));
      mark.style.setProperty('--heat', heat(weight / whole.total).toFixed(3));
      return mark;
    });
  }

  #mark(line: number): void {
    this.#isChosen = true;
    this.#marked = line;
    this.#rows.show(this.#lines.length, (index) => this.#row(index, this.#model!));
    const index = this.#lines.findIndex((shown) => shown.line === line);
    if (index >= 0) this.#rows.reveal(index);
  }

  #scrollToHottest(): void {
    const { self, total } = this.#model!.weights.lines;
    let best = 0;
    const weight = (index: number): number => {
      const { row } = this.#lines[index]!;
      return row < 0 ? -1 : self[row]! + total[row]! * 1e-6;
    };
    for (let index = 1; index < this.#lines.length; index++) if (weight(index) > weight(best)) best = index;
    this.#rows.reveal(best);
  }

  /** Goes to the next line below or above with at least a tenth of the weight that the file's hottest line has. */
  #step(direction: 1 | -1): void {
    const { self } = this.#model!.weights.lines;
    const weight = ({ row }: ShownLine): number => (row < 0 ? 0 : self[row]!);
    const most = this.#lines.reduce((max, line) => Math.max(max, weight(line)), 0);
    const hot = this.#lines.filter((line) => weight(line) > 0 && weight(line) >= most / 10);
    const next =
      direction > 0
        ? (hot.find(({ line }) => line > this.#marked) ?? hot[0])
        : (hot.findLast(({ line }) => line < this.#marked) ?? hot.at(-1));
    if (next) this.#mark(next.line);
  }
}

/** The last folder and the name of a file. */
function fileName(path: string): string {
  return path.split(/[\\/]/).slice(-2).join('/');
}

/** A tab stays one: it is how the file is written. */
function visibleCode(text: string): string {
  return text.split('\t').map(visible).join('\t');
}

/** A share as warmth from 0 to 1: small shares are told apart as well. */
function heat(share: number): number {
  return share > 0 ? Math.min(1, 0.12 + Math.sqrt(share)) : 0;
}
