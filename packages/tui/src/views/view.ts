import type { FunctionId } from '@austin-profiler/profile';
import type { SortColumn, ViewId } from '../model/state.js';
import type { Grid } from '../screen/grid.js';
import { Style } from '../screen/styles.js';

/** A way to go on from where the cursor is. */
export type Step = 'up' | 'down' | 'page-up' | 'page-down' | 'home' | 'end' | 'left' | 'right';

/** What a click does. */
export type Click =
  | { readonly kind: 'press'; readonly key: string }
  | { readonly kind: 'point'; readonly key: string }
  | { readonly kind: 'sort'; readonly column: SortColumn }
  | { readonly kind: 'view'; readonly view: ViewId }
  | { readonly kind: 'choose'; readonly row: number };

/** A stretch of cells that can be clicked on. */
export interface Hit {
  readonly y: number;
  readonly from: number;
  /** The first column behind it. */
  readonly to: number;
  readonly click: Click;
}

/** Where a row is drawn. */
export interface Canvas {
  readonly grid: Grid;
  readonly y: number;
  readonly hits: Hit[];
}

/** Rows to scroll through, one of which is chosen. */
export interface View {
  readonly count: number;
  /** The row to begin with. */
  readonly firstRow: number;
  /** What is shown where there are no rows. */
  readonly emptyText: string;
  /** -1 for what is not there (any more). */
  rowOf(key: string): number;
  keyAt(row: number): string | undefined;
  fnAt(key: string): FunctionId | undefined;
  /** Where a step leads that is not one along the rows; undefined if it is, or leads nowhere. */
  aside?(key: string, step: Step): string | undefined;
  drawHeading(canvas: Canvas): void;
  drawRow(row: number, canvas: Canvas, chosen: string | undefined): void;
}

/** Where a step leads from a row, with so many rows on the screen. */
export function stepped(row: number, step: Step, page: number, count: number): number {
  const last = Math.max(0, count - 1);
  switch (step) {
    case 'up':
      return Math.max(0, row - 1);
    case 'down':
      return Math.min(last, row + 1);
    case 'page-up':
      return Math.max(0, row - Math.max(1, page - 1));
    case 'page-down':
      return Math.min(last, row + Math.max(1, page - 1));
    case 'home':
      return 0;
    case 'end':
      return last;
    case 'left':
    case 'right':
      return row;
  }
}

/** Marks a row as the chosen one, or as one that can be chosen. */
export function finishRow({ grid, y, hits }: Canvas, key: string, chosen: string | undefined): void {
  if (key === chosen) grid.paint(0, y, grid.width, Style.Selected);
  hits.push({ y, from: 0, to: grid.width, click: { kind: 'point', key } });
}
