import { ROOT } from './call-tree.js';
import type { ViewTree } from './view-tree.js';

/** Stands for siblings that are too narrow to draw one by one. */
export const REST = -1;

/** Rectangles side by side, from left to right, in pixels. */
export interface LayoutRow {
  readonly node: number[];
  readonly left: number[];
  readonly width: number[];
}

/** What is drawn: row 0 is the root, and the row of the zoomed node spans the whole width like those above. */
export interface Layout {
  readonly rows: readonly LayoutRow[];
  /** Row of the zoomed node. */
  readonly zoomRow: number;
}

/** Gives the zoomed node the whole width and the nodes below it their part, if that is `minWidth` or more. */
export function layOut(tree: ViewTree, zoom: number, width: number, minWidth = 1): Layout {
  const rows: LayoutRow[] = [];
  for (let at = zoom; ; at = tree.parent(at)) {
    rows.push({ node: [at], left: [0], width: [width] });
    if (at === ROOT) break;
  }
  rows.reverse();
  const zoomRow = rows.length - 1;
  const scale = tree.total(zoom) > 0 ? width / tree.total(zoom) : 0;
  for (let above = rows.at(-1)!; scale > 0; ) {
    const row: LayoutRow = { node: [], left: [], width: [] };
    for (let i = 0; i < above.node.length; i++) {
      if (above.node[i] !== REST) addChildren(tree, above.node[i]!, above.left[i]!, scale, minWidth, row);
    }
    if (!row.node.some((node) => node !== REST)) {
      if (row.node.length > 0) rows.push(row);
      break;
    }
    rows.push(row);
    above = row;
  }
  return { rows, zoomRow };
}

function addChildren(
  tree: ViewTree,
  parent: number,
  start: number,
  scale: number,
  minWidth: number,
  row: LayoutRow,
): void {
  let left = start;
  let rest = 0;
  for (const child of tree.children(parent)) {
    const width = tree.total(child) * scale;
    // The heaviest come first: all that follow are too narrow as well.
    if (width < minWidth) {
      rest += width;
      continue;
    }
    row.node.push(child);
    row.left.push(left);
    row.width.push(width);
    left += width;
  }
  if (rest < minWidth) return;
  row.node.push(REST);
  row.left.push(left);
  row.width.push(rest);
}

/** The node at a place of a row, in pixels; null beside all nodes and on the rest. */
export function nodeAt(layout: Layout, row: number, x: number): number | null {
  const at = layout.rows[row];
  if (!at) return null;
  let low = 0;
  let high = at.left.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (at.left[middle]! <= x) low = middle;
    else high = middle - 1;
  }
  const node = at.node[low];
  if (node === undefined || node === REST) return null;
  return x >= at.left[low]! && x < at.left[low]! + at.width[low]! ? node : null;
}

/** Where a node is drawn, or null when it is too narrow or outside of the zoomed node. */
export function placeOf(layout: Layout, tree: ViewTree, node: number): Place | null {
  const row = tree.depth(node);
  const at = layout.rows[row];
  const index = at ? at.node.indexOf(node) : -1;
  return at && index >= 0 ? { row, left: at.left[index]!, width: at.width[index]! } : null;
}

export interface Place {
  readonly row: number;
  readonly left: number;
  readonly width: number;
}
