import {
  type App,
  byId,
  element,
  formatPercent,
  formatWeight,
  type PageData,
  placeText,
  shorten,
  type WeighedRows,
} from '@austin-profiler/convert/page';
import { type Change, changesBetween } from './changes.js';

const MOST_ROWS = 30;

/**
 * Marks moments of a recording. From the second one on it shows how what came between the last two differs from what came before
 * the first of them, back to the mark before or the beginning.
 */
export class Moments {
  readonly #section = byId('moments', HTMLElement);
  readonly #note = byId('moments-note', HTMLParagraphElement);
  readonly #rows = byId('changes', HTMLTableSectionElement);
  readonly #button = byId('mark', HTMLButtonElement);
  #app: App | undefined;
  #time: PageData['time'] | undefined;
  /** In the unit of the time line. */
  #marks: number[] = [];

  constructor() {
    this.#button.addEventListener('click', () => this.#mark());
  }

  /** Goes on with what the page shows now. */
  show(app: App, time: PageData['time'], isOther: boolean): void {
    this.#app = app;
    this.#time = time;
    if (isOther) {
      this.#marks = [];
      this.#section.hidden = true;
    }
    this.#button.hidden = time.slots < 2;
  }

  #mark(): void {
    if (!this.#app || !this.#time) return;
    const now = this.#time.slots * this.#time.slotLength;
    if (now <= (this.#marks.at(-1) ?? 0)) return;
    this.#marks.push(now);
    this.#section.hidden = false;
    const [start, first, second] = [0, 0, ...this.#marks].slice(-3) as [number, number, number];
    const table = this.#rows.parentElement!;
    table.hidden = this.#marks.length < 2;
    if (this.#marks.length < 2) {
      this.#note.textContent = `Marked at ${this.#at(now)}. Mark another moment to see what has changed since.`;
      return;
    }
    const before = this.#app.weighTime(start, first);
    const after = this.#app.weighTime(first, second);
    this.#note.textContent = `From ${this.#at(start)} to ${this.#at(first)} (before) and from there to ${this.#at(second)} (after), of what is chosen above. A * is more than chance would explain, 19 times out of 20.`;
    const changes = changesBetween(before, after).slice(0, MOST_ROWS);
    this.#rows.replaceChildren(...changes.map((change) => row(change, after)));
  }

  #at(position: number): string {
    return this.#time!.unit === 'samples' ? `sample ${position}` : formatWeight(position, 'microseconds');
  }
}

function row({ row: index, before, after, interval, isClear }: Change, { infos }: WeighedRows): HTMLElement {
  const info = infos[index]!;
  const head = element(
    'th',
    '',
    element('code', '', shorten(info.name, 200)),
    element('span', 'quiet place', shorten(placeText(info), 200)),
  );
  head.scope = 'row';
  const limits = interval === null ? 'unknown' : `${points(interval.low)} to ${points(interval.high)}`;
  const mark = element('span', 'clear', isClear ? '*' : '');
  if (isClear) mark.ariaLabel = 'clear';
  return element(
    'tr',
    '',
    head,
    element('td', '', formatPercent(before)),
    element('td', '', formatPercent(after)),
    element(
      'td',
      '',
      element('span', 'percent', points(after - before), mark),
      element('span', 'quiet range', limits),
    ),
  );
}

/** A difference of shares, in percentage points. */
function points(difference: number): string {
  const text = (100 * difference).toFixed(1);
  return difference > 0 ? `+${text}` : text.replace('-', '\u2212');
}
