import type { Payload } from './payload.js';

/** Weights of one line of a function in the selected threads. */
export interface LineWeight {
  readonly line: number;
  readonly self: number;
  readonly total: number;
}

/** Rows of the table of lines, by function. */
export type LineIndex = ReadonlyMap<number, readonly number[]>;

export function indexLines(payload: Payload): LineIndex {
  const index = new Map<number, number[]>();
  for (const [row, fn] of payload.lines.fn.entries()) {
    const rows = index.get(fn);
    if (rows) rows.push(row);
    else index.set(fn, [row]);
  }
  return index;
}

/** The lines of a function, heaviest total first. */
export function hotLines(
  payload: Payload,
  index: LineIndex,
  fn: number,
  threads: ReadonlySet<number>,
  metric: number,
): LineWeight[] {
  const { lines } = payload;
  const sums = new Map<number, { line: number; self: number; total: number }>();
  for (const row of index.get(fn) ?? []) {
    if (!threads.has(lines.thread[row]!)) continue;
    const line = lines.line[row]!;
    const sum = sums.get(line) ?? { line, self: 0, total: 0 };
    sum.self += lines.self[metric]![row]!;
    sum.total += lines.total[metric]![row]!;
    sums.set(line, sum);
  }
  return [...sums.values()]
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.total - a.total || a.line - b.line);
}
