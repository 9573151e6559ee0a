import { formatCount } from '../../../numbers.js';
import { button, byId, element } from './dom.js';
import { errorBar } from './error-bar.js';
import { type Measure, measure, type Whole } from './measures.js';
import { placeText } from './row-texts.js';
import type { RowTotals } from './row-totals.js';
import type { RowInfo, Rows } from './rows.js';
import { shorten } from './visible-text.js';

export type SortKey = 'name' | 'self' | 'total';

/** What the table of functions, lines or modules is made from. */
export interface TableModel {
  readonly infos: readonly RowInfo[];
  readonly by: Rows['by'];
  readonly totals: RowTotals;
  readonly whole: Whole;
  /** Says what is listed: the same as before means a later state of the same list, of which as much is shown. */
  readonly view: string;
  /** By function; null shows all. */
  readonly isMatch: Uint8Array | null;
  readonly onPick: (fn: number) => void;
}

const PAGE = 20;

/** Functions with their weights, whatever their callers: the graph as text. */
export class FunctionTable {
  readonly #body = byId('functions-body', HTMLTableSectionElement);
  readonly #note = byId('functions-note', HTMLParagraphElement);
  readonly #more = byId('functions-more', HTMLButtonElement);
  #model: TableModel | undefined;
  #key: SortKey = 'self';
  #isAscending = false;
  #limit = PAGE;

  constructor() {
    for (const key of ['name', 'self', 'total'] as const) {
      byId(`sort-${key}`, HTMLButtonElement).addEventListener('click', () => this.#sortBy(key));
    }
    this.#more.addEventListener('click', () => {
      this.#limit += 4 * PAGE;
      this.#render();
    });
  }

  show(model: TableModel): void {
    if (model.view !== this.#model?.view) this.#limit = PAGE;
    this.#model = model;
    this.#render();
  }

  #sortBy(key: SortKey): void {
    this.#isAscending = key === this.#key ? !this.#isAscending : key === 'name';
    this.#key = key;
    this.#render();
  }

  #render(): void {
    const model = this.#model!;
    const sorted = sortedFunctions(model, this.#key, this.#isAscending);
    const shown = sorted.slice(0, this.#limit);
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset.row : undefined;
    this.#body.replaceChildren(...shown.map((fn) => tableRow(fn, model)));
    if (focused !== undefined) {
      this.#body.querySelector<HTMLElement>(`[data-row="${focused}"]`)?.focus({ preventScroll: true });
    }
    this.#more.hidden = shown.length === sorted.length;
    const matching = model.isMatch ? ' that match the search' : '';
    this.#note.textContent = `${formatCount(shown.length)} of ${formatCount(sorted.length)} ${model.by}s${matching}`;
    for (const key of ['name', 'self', 'total'] as const) {
      const sort = this.#isAscending ? 'ascending' : 'descending';
      byId(`sort-${key}`, HTMLButtonElement).parentElement!.ariaSort = key === this.#key ? sort : 'none';
    }
  }
}

/** Functions with weight, in the order asked for; equals by their name. */
export function sortedFunctions(
  { infos, totals, isMatch }: Pick<TableModel, 'infos' | 'totals' | 'isMatch'>,
  key: SortKey,
  isAscending: boolean,
): number[] {
  const found: number[] = [];
  for (let fn = 0; fn < infos.length; fn++) {
    if (totals.total[fn]! > 0 && (!isMatch || isMatch[fn])) found.push(fn);
  }
  const byName = (a: number, b: number): number => compare(infos[a]!.name, infos[b]!.name) || a - b;
  const direction = isAscending ? 1 : -1;
  if (key === 'name') return found.sort((a, b) => direction * byName(a, b));
  const weights = totals[key];
  const other = totals[key === 'self' ? 'total' : 'self'];
  return found.sort(
    (a, b) => direction * (weights[a]! - weights[b]! || other[a]! - other[b]!) || byName(a, b),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function tableRow(fn: number, { infos, totals, whole, onPick }: TableModel): HTMLTableRowElement {
  const info = infos[fn]!;
  const name = button('link', shorten(info.name, 200), () => onPick(fn));
  name.title = 'Search for it';
  name.dataset.row = String(fn);
  const place = element('span', 'quiet place', shorten(placeText(info), 200));
  const head = element('th', '', name, place);
  head.scope = 'row';
  return element(
    'tr',
    '',
    head,
    weightCell(measure(totals.self[fn]!, whole)),
    weightCell(measure(totals.total[fn]!, whole)),
  );
}

function weightCell(shown: Measure): HTMLTableCellElement {
  return element(
    'td',
    '',
    element('span', 'percent', shown.percent),
    element('span', 'weight', shown.weight),
    element('span', 'quiet range', shown.interval),
    errorBar(shown),
  );
}
