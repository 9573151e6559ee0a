import { MERGED_SAMPLES_KEY } from '@austin-profiler/profile';
import { formatCount, formatDuration, formatPercent } from '../../../numbers.js';
import { byId, element } from './dom.js';
import type { Facts, PageData } from './payload.js';
import { shorten, visible } from './visible-text.js';

const MODES: Record<string, string> = {
  wall: 'wall time',
  cpu: 'CPU time',
  memory: 'resident memory',
  full: 'wall and CPU time, resident memory',
};

/** The head of the page: where the profile comes from and how far to trust it. */
export class Header {
  /** What the parts were filled with: one that stays as it is can be read, and text in it selected. */
  readonly #contents = new Map<HTMLElement, string>();

  show(payload: PageData): void {
    const { facts } = payload;
    const title = shorten(visible(payload.title), 200);
    document.title = `${title} – flame graph`;
    byId('title', HTMLHeadingElement).textContent = title;
    this.#fill(byId('facts', HTMLDListElement), factRows(facts), ([term, value, className]) => [
      element('div', className, element('dt', '', term), element('dd', '', shorten(visible(value), 2000))),
    ]);
    const notes = byId('notes', HTMLUListElement);
    this.#fill(notes, noteTexts(payload), (text) => [element('li', '', text)]);
    notes.hidden = notes.children.length === 0;
    showDetail(payload);
    this.#fill(byId('metadata', HTMLDListElement), facts.metadata, ([key, value]) => [
      element('dt', '', shorten(visible(key), 200)),
      element('dd', '', shorten(visible(value), 2000)),
    ]);
    byId('metadata-box', HTMLDetailsElement).hidden = facts.metadata.length === 0;
  }

  #fill<T>(host: HTMLElement, rows: readonly T[], make: (row: T) => HTMLElement[]): void {
    const content = JSON.stringify(rows);
    if (this.#contents.get(host) === content) return;
    this.#contents.set(host, content);
    host.replaceChildren(...rows.flatMap(make));
  }
}

function noteTexts({ facts, sources }: PageData): string[] {
  const notes = facts.notes.map(({ message, count }) => {
    const text = shorten(visible(message), 500);
    return count > 1 ? `${text} (${formatCount(count)} times)` : text;
  });
  const missing = sources.text.filter((text) => text === null).length;
  return missing > 0 ? [...notes, `${formatCount(missing)} source files could not be embedded.`] : notes;
}

/** Says how samples were added up, which is as fine as anything below can be. */
function showDetail({ time, foldedBelow, facts }: PageData): void {
  const slot =
    time.unit === 'samples' ? `${formatCount(time.slotLength)} samples` : formatDuration(time.slotLength);
  const detail = [
    time.slots > 1
      ? `Samples of a thread with the same stack are added up in slots of ${slot}: time is selected in steps of that.`
      : 'Samples of a thread with the same stack are added up.',
  ];
  if (foldedBelow > 0) {
    const share = formatPercent(foldedBelow);
    detail.push(
      `Stacks below ${share} of the whole are cut where they leave heavier ones, at <lighter paths>.`,
    );
  }
  const merged = Number(facts.metadata.find(([key]) => key === MERGED_SAMPLES_KEY)?.[1]);
  if (merged > facts.samples) {
    detail.push(
      `Equal samples had been merged: ${formatCount(merged)} became ${formatCount(facts.samples)}, which intervals are those of.`,
    );
  }
  const before = facts.metadata.find(([key]) => key === 'x-added-up')?.[1];
  if (before !== undefined)
    detail.push(`The recording is long: while it was read, ${shorten(visible(before), 500)}.`);
  byId('detail-note', HTMLParagraphElement).textContent = detail.join(' ');
}

function factRows(facts: Facts): [term: string, value: string, className: string][] {
  const known = <T>(value: T | undefined, format: (value: T) => string): string =>
    value === undefined ? 'unknown' : format(value);
  return [
    ['Command', facts.command ?? 'unknown', 'wide'],
    ['Python', facts.python ?? 'unknown', ''],
    ['Measured', MODES[facts.mode] ?? 'unknown', ''],
    ['Duration', known(facts.durationUs, formatDuration), ''],
    ['Interval asked', known(facts.intervalUs, formatDuration), ''],
    ['Samples', formatCount(facts.samples), ''],
    ['Invalid stacks', invalidText(facts), facts.invalid > 0.01 * facts.samples ? 'bad' : ''],
  ];
}

function invalidText({ invalid, samples, reported }: Facts): string {
  const share = (part: number, whole: number): string =>
    whole > 0 ? `${formatCount(part)} (${formatPercent(part / whole)})` : formatCount(part);
  const own = share(invalid, samples);
  return reported ? `${own}; sampler counted ${share(reported.invalid, reported.total)}` : own;
}
