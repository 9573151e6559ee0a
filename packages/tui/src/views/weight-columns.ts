import type { WeightType } from '@austin-profiler/convert/live';
import type { Hotness } from '@austin-profiler/profile';
import { shareText, uncertaintyText, weightText } from '../model/quantities.js';
import type { SortColumn } from '../model/state.js';
import { Style } from '../screen/styles.js';
import type { Canvas } from './view.js';

const VALUE_CELLS = 9;
const SHARE_CELLS = 8;
const UNCERTAINTY_CELLS = 7;
/** Narrower screens show shares alone. */
const WIDE = 90;

/** What shares are of, and how sure they are. */
export interface Whole {
  readonly total: number;
  /** See `wilson` of the profile package. */
  readonly effectiveSamples: number;
  readonly unit: WeightType['unit'];
}

/** The columns of self and total that all lists begin with. Returns the column behind them. */
export function drawWeights(canvas: Canvas, { self, total }: Hotness, whole: Whole): number {
  const at = drawWeight(canvas, 0, self, whole);
  return drawWeight(canvas, at, total, whole) + 1;
}

function drawWeight({ grid, y }: Canvas, from: number, value: number, whole: Whole): number {
  const share = whole.total > 0 ? value / whole.total : 0;
  const style = value === 0 ? Style.Dim : heat(share);
  let at = from;
  if (grid.width >= WIDE) {
    at += VALUE_CELLS;
    grid.putRight(at, y, value === 0 ? '' : weightText(value, whole.unit), style);
  }
  at += SHARE_CELLS;
  grid.putRight(at, y, value === 0 ? '0' : shareText(share), style);
  grid.put(at + 1, y, value === 0 ? '' : uncertaintyText(share, whole.effectiveSamples), Style.Dim);
  return at + UNCERTAINTY_CELLS;
}

/** What must weigh so much, to be listed, of a whole. */
export function leastWeight(threshold: number, total: number): number {
  return (threshold / 100) * total;
}

/** How a share is coloured. */
export function heat(share: number): Style {
  if (share < 0.05) return Style.Plain;
  if (share < 0.2) return Style.Heat1;
  return share < 0.5 ? Style.Heat2 : Style.Heat3;
}

/**
 * The headings of {@link drawWeights}. Returns the column behind them.
 *
 * @param sorted the column that the rows are sorted by, if they can be sorted
 */
export function drawWeightHeadings(canvas: Canvas, sorted?: SortColumn): number {
  const { grid, y, hits } = canvas;
  grid.clear(0, y, grid.width, Style.Heading);
  const cells = (grid.width >= WIDE ? VALUE_CELLS : 0) + SHARE_CELLS;
  for (const [index, column] of (['self', 'total'] as const).entries()) {
    const from = index * (cells + UNCERTAINTY_CELLS);
    const isSorted = sorted === column;
    grid.putRight(
      from + cells,
      y,
      `${column}${isSorted ? ' ▼' : ''}`,
      isSorted ? Style.SortedHeading : Style.Heading,
    );
    grid.put(from + cells + 1, y, '95 %', Style.Heading);
    if (sorted !== undefined) {
      hits.push({ y, from, to: from + cells + UNCERTAINTY_CELLS, click: { kind: 'sort', column } });
    }
  }
  return 2 * (cells + UNCERTAINTY_CELLS) + 1;
}
