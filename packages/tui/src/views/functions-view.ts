import type { HotFunction } from '@austin-profiler/profile';
import { functionFile, functionName } from '../model/names.js';
import type { Shown } from '../model/shown.js';
import type { SortColumn, ViewState } from '../model/state.js';
import { Style } from '../screen/styles.js';
import { drawFunction } from './function-cell.js';
import { createMatcher } from './matcher.js';
import { finishRow, type View } from './view.js';
import { drawWeightHeadings, drawWeights, leastWeight } from './weight-columns.js';

/** Self and total of every function. A search leaves the others out. */
export function functionsView(
  shown: Shown,
  { sort, search, threshold }: Pick<ViewState, 'sort' | 'search' | 'threshold'>,
): View {
  const { profile, summary, weight } = shown;
  const matches = createMatcher(profile, search);
  const least = leastWeight(threshold, summary.total);
  const isListed = ({ fn, total }: HotFunction): boolean => total >= least && (search === '' || matches(fn));
  const found = search === '' && least === 0 ? summary.functions : summary.functions.filter(isListed);
  const rows = sorted(found, shown, sort);
  const whole = { total: summary.total, effectiveSamples: summary.effectiveSamples, unit: weight.unit };
  return {
    count: rows.length,
    firstRow: 0,
    emptyText: summary.functions.length === 0 ? 'no sample yet' : 'nothing found',
    rowOf: (key) => rows.findIndex(({ fn }) => String(fn) === key),
    keyAt: (row) => rows[row] && String(rows[row].fn),
    fnAt: (key) => rows.find(({ fn }) => String(fn) === key)?.fn,
    drawHeading(canvas) {
      const from = drawWeightHeadings(canvas, sort.column);
      const { grid, y, hits } = canvas;
      const heading = (column: SortColumn, x: number): number => {
        const isSorted = sort.column === column;
        const text = `${column}${isSorted ? ' ▼' : ''}`;
        const end = grid.put(x, y, text, isSorted ? Style.SortedHeading : Style.Heading);
        hits.push({ y, from: x, to: end, click: { kind: 'sort', column } });
        return end + 2;
      };
      heading('file', heading('function', from));
    },
    drawRow(row, canvas, chosen) {
      const hot = rows[row]!;
      drawFunction(canvas, drawWeights(canvas, hot, whole), profile, hot.fn);
      finishRow(canvas, String(hot.fn), chosen);
    },
  };
}

/** Numbers begin with the largest, names with A; `isReversed` turns either round. */
function sorted(
  rows: readonly HotFunction[],
  { profile }: Shown,
  { column, isReversed }: ViewState['sort'],
): readonly HotFunction[] {
  const order = (a: HotFunction, b: HotFunction): number => {
    switch (column) {
      case 'self':
        return b.self - a.self || b.total - a.total || a.fn - b.fn;
      case 'total':
        return b.total - a.total || b.self - a.self || a.fn - b.fn;
      case 'function':
        return compare(functionName(profile, a.fn), functionName(profile, b.fn)) || a.fn - b.fn;
      case 'file':
        return (
          compare(functionFile(profile, a.fn), functionFile(profile, b.fn)) || b.self - a.self || a.fn - b.fn
        );
    }
  };
  if (column === 'self' && !isReversed) return rows; // they come so
  return rows.toSorted(isReversed ? (a, b) => order(b, a) : order);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
