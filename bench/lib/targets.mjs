import { number, table } from './table.mjs';

/** Collects what is promised and what was measured. A promise is not kept by a value that is no number. */
export function createTargets() {
  const rows = [];
  const add = (what, value, isKept, asked, unit) =>
    rows.push({ what, value, asked: `${asked}${unit}`, isKept: Number.isFinite(value) && isKept, unit });
  return {
    /** @param unit with a space before it, if it needs one */
    atMost: (what, value, limit, unit = '') => add(what, value, value <= limit, `≤ ${number(limit)}`, unit),
    atLeast: (what, value, limit, unit = '') => add(what, value, value >= limit, `≥ ${number(limit)}`, unit),
    list: rows,
    text: () =>
      table(
        ['target', 'measured', 'asked', 'met'],
        rows.map(({ what, value, asked, isKept, unit }) => [
          what,
          `${number(value)}${unit}`,
          asked,
          isKept ? 'yes' : 'NO',
        ]),
      ),
  };
}
