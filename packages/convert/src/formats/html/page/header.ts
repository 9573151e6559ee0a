import { byId, element } from './dom.js';
import { formatCount, formatDuration, formatPercent } from './numbers.js';
import type { Facts, Payload } from './payload.js';

const MODES: Record<string, string> = {
  wall: 'wall time',
  cpu: 'CPU time',
  memory: 'resident memory',
  full: 'wall and CPU time, resident memory',
};

/** Fills the head of the page: where the profile comes from and how far to trust it. */
export function showHeader(payload: Payload): void {
  const { facts } = payload;
  document.title = `${payload.title} – flame graph`;
  byId('title', HTMLHeadingElement).textContent = payload.title;
  const list = byId('facts', HTMLDListElement);
  for (const [term, value, className] of factRows(facts)) {
    list.append(element('div', className, element('dt', '', term), element('dd', '', value)));
  }
  const notes = byId('notes', HTMLUListElement);
  for (const { message, count } of facts.notes) {
    notes.append(element('li', '', count > 1 ? `${message} (${formatCount(count)} times)` : message));
  }
  notes.hidden = facts.notes.length === 0;
  const metadata = byId('metadata', HTMLDListElement);
  for (const [key, value] of facts.metadata) {
    metadata.append(element('dt', '', key), element('dd', '', value));
  }
  byId('metadata-box', HTMLDetailsElement).hidden = facts.metadata.length === 0;
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
