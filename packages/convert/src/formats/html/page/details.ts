import { byId, element } from './dom.js';
import type { Measure } from './measures.js';

/** What is known of the frame under the pointer or the keyboard. */
export interface Details {
  readonly name: string;
  readonly place: string;
  readonly kind: string;
  readonly rows: readonly { readonly label: string; readonly measure: Measure }[];
  /** Share of the zoomed frame, when one is zoomed. */
  readonly zoomPercent?: string;
  readonly lines: readonly { readonly line: number; readonly self: Measure; readonly total: Measure }[];
  readonly hiddenLines: number;
}

export function showDetails(details: Details): void {
  const host = byId('details', HTMLDivElement);
  const rows = details.rows.map(({ label, measure }) =>
    element('tr', '', element('th', '', label), ...measureCells(measure)),
  );
  for (const row of rows) row.firstElementChild!.setAttribute('scope', 'row');
  host.replaceChildren(
    element('h3', 'frame-name', details.name),
    element('p', 'frame-place', [details.place, details.kind].filter((text) => text !== '').join(' · ')),
    element('table', 'measures', element('thead', '', measureHead()), element('tbody', '', ...rows)),
  );
  if (details.zoomPercent !== undefined) {
    host.append(element('p', 'quiet', `${details.zoomPercent} of the zoomed frame`));
  }
  if (details.lines.length > 0) host.append(lineTable(details));
}

function measureHead(): HTMLTableRowElement {
  const head = element('tr', '', element('td', ''));
  for (const title of ['Weight', 'Share', '95 % interval']) head.append(element('th', '', title));
  return head;
}

function measureCells({ weight, percent, interval }: Measure): HTMLTableCellElement[] {
  return [element('td', '', weight), element('td', '', percent), element('td', 'quiet', interval)];
}

function lineTable({ lines, hiddenLines }: Details): HTMLElement {
  const head = element('tr', '');
  for (const title of ['Line', 'Self', 'Total']) head.append(element('th', '', title));
  const body = element('tbody', '');
  for (const { line, self, total } of lines) {
    const cell = element('td', 'bar', total.percent);
    cell.style.setProperty('--share', String(total.share));
    body.append(element('tr', '', element('td', '', String(line)), element('td', '', self.percent), cell));
  }
  const caption = hiddenLines > 0 ? `Busiest lines; ${hiddenLines} more are lighter` : 'Lines';
  return element(
    'table',
    'lines',
    element('caption', '', `${caption} (all call paths)`),
    element('thead', '', head),
    body,
  );
}

export function hideTooltip(): void {
  byId('tooltip', HTMLDivElement).hidden = true;
}

/** A box beside the pointer; it never takes focus and repeats only what the panel says. */
export function showTooltip(details: Details | null, event: PointerEvent): void {
  const tooltip = byId('tooltip', HTMLDivElement);
  tooltip.hidden = details === null || event.pointerType !== 'mouse';
  if (!details || tooltip.hidden) return;
  const rows = details.rows.slice(0, 2).map(({ label, measure }) => {
    const text = `${label}: ${measure.weight}, ${measure.percent} (${measure.interval})`;
    return element('div', '', text);
  });
  tooltip.replaceChildren(
    element('strong', '', details.name),
    element('div', 'quiet', details.place),
    ...rows,
  );
  const { width, height } = tooltip.getBoundingClientRect();
  const left = Math.min(event.clientX + 12, document.documentElement.clientWidth - width - 4);
  const below = event.clientY + 18;
  const top = below + height > window.innerHeight ? event.clientY - height - 10 : below;
  tooltip.style.left = `${Math.max(4, left)}px`;
  tooltip.style.top = `${Math.max(4, top)}px`;
}
