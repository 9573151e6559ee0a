import { count } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import type { LookUps } from './look-ups.js';

/** What came of looking addresses up, a line each. Nothing where there were none. */
export function resolveReport({ files, unmapped, hasMaps }: LookUps): string[] {
  const lines: string[] = [];
  for (const { path, addresses, found, problem } of files) {
    if (found === addresses) continue;
    const why = problem ?? 'it has no line numbers for them';
    lines.push(
      `${addressesText(addresses - found)} in ${printable(path)} became its offset there: ${printable(why)}`,
    );
  }
  if (unmapped > 0) {
    const why = hasMaps ? 'no file was mapped there' : 'the recording has no `map` metadata';
    lines.push(`${addressesText(unmapped)} stayed as they are: ${why}`);
  }
  return lines;
}

/** How many addresses there were, and how many of them have a line now. */
export function resolveCounts({ files, unmapped }: LookUps): string {
  const all = files.reduce((sum, { addresses }) => sum + addresses, unmapped);
  const found = files.reduce((sum, file) => sum + file.found, 0);
  return all === 0
    ? 'no addresses to resolve'
    : `${count(found)} of ${addressesText(all)} resolved to source lines`;
}

function addressesText(number: number): string {
  return number === 1 ? '1 address' : `${count(number)} addresses`;
}
