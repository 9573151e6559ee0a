import { button, byId, element } from './dom.js';
import { errorBar } from './error-bar.js';
import type { Measure } from './measures.js';
import { placeTooltip } from './tooltip.js';
import { shorten } from './visible-text.js';

/** What is known of the frame under the pointer or the keyboard. */
export interface Details {
  readonly name: string;
  readonly place: string;
  readonly kind: string;
  readonly rows: readonly { readonly label: string; readonly measure: Measure }[];
  /** Share of the zoomed frame, when one is zoomed. */
  readonly zoomPercent?: string;
}

/** The busiest lines of a function. */
export interface FunctionLines {
  readonly lines: readonly { readonly line: number; readonly self: Measure; readonly total: Measure }[];
  /** How many lighter lines are not among them. */
  readonly hidden: number;
  /** Shows a line in its file. */
  readonly open: (line: number) => void;
}

export function showDetails(details: Details, lines: FunctionLines): void {
  const host = byId('details', HTMLDivElement);
  // Somebody is about to press one of its buttons.
  if (host.contains(document.activeElement) && host.dataset.name === details.name) return;
  host.dataset.name = details.name;
  const rows = details.rows.flatMap(({ label, measure }) => {
    const head = element('th', '', label);
    head.scope = 'row';
    const bar = element('td', 'error-bar-cell', errorBar(measure));
    bar.colSpan = 4;
    return [element('tr', '', head, ...measureCells(measure)), element('tr', 'bars', bar)];
  });
  for (const row of rows) if (row.className === 'bars') row.ariaHidden = 'true';
  host.replaceChildren(
    element('h3', 'frame-name', details.name),
    element('p', 'frame-place', [details.place, details.kind].filter((text) => text !== '').join(' · ')),
    element('table', 'measures', element('thead', '', measureHead()), element('tbody', '', ...rows)),
  );
  if (details.zoomPercent !== undefined) {
    host.append(element('p', 'quiet', `${details.zoomPercent} of the zoomed frame`));
  }
  if (lines.lines.length > 0) host.append(lineTable(lines));
}

function measureHead(): HTMLTableRowElement {
  const head = element('tr', '', element('td', ''));
  for (const title of ['Weight', 'Share', '95 % interval']) head.append(element('th', '', title));
  return head;
}

function measureCells({ weight, percent, interval }: Measure): HTMLTableCellElement[] {
  return [element('td', '', weight), element('td', '', percent), element('td', 'quiet', interval)];
}

function lineTable({ lines, hidden, open }: FunctionLines): HTMLElement {
  const head = element('tr', '');
  for (const title of ['Line', 'Self', 'Total']) head.append(element('th', '', title));
  const body = element('tbody', '');
  for (const { line, self, total } of lines) {
    const cell = element('td', 'bar', total.percent);
    cell.style.setProperty('--share', String(total.share));
    const link = button('link', String(line), () => open(line));
    link.ariaLabel = `Line ${line} in its file`;
    body.append(element('tr', '', element('td', '', link), element('td', '', self.percent), cell));
  }
  const caption = hidden > 0 ? `Busiest lines; ${hidden} more are lighter` : 'Lines';
  return element(
    'table',
    'lines',
    element('caption', '', `${caption} (all call paths)`),
    element('thead', '', head),
    body,
  );
}

export function showTooltip(details: Details | null, event: PointerEvent): void {
  if (!details) {
    placeTooltip(null, event);
    return;
  }
  const rows = details.rows.slice(0, 2).map(({ label, measure }) => {
    const text = `${label}: ${measure.weight}, ${measure.percent} (${measure.interval})`;
    return element('div', '', text);
  });
  const name = element('strong', '', shorten(details.name, 200));
  placeTooltip([name, element('div', 'quiet', shorten(details.place, 200)), ...rows], event);
}
