import { type CallTree, childLists, NO_FUNCTION, ROOT } from './call-tree.js';

/** Weights per row, whatever its callers. */
export interface RowTotals {
  readonly self: Float64Array;
  /** Weight of samples with the row anywhere in their stack, each counted once. */
  readonly total: Float64Array;
}

/** Adds up the nodes of each row; one inside another of the same row adds nothing to its total. */
export function rowTotals(tree: CallTree, rowCount: number): RowTotals {
  const self = new Float64Array(rowCount);
  const total = new Float64Array(rowCount);
  if (tree.isNested) {
    for (let node = ROOT + 1; node < tree.size; node++) {
      const row = tree.fn[node]!;
      self[row]! += tree.self[node]!;
      if (!tree.isNested[node]) total[row]! += tree.total[node]!;
    }
    return { self, total };
  }
  const active = new Uint32Array(rowCount);
  const { start, list } = childLists(tree);
  const next = start.slice();
  let at = ROOT;
  for (;;) {
    const child = next[at]! < start[at + 1]! ? list[next[at]!++]! : undefined;
    if (child !== undefined) {
      const fn = tree.fn[child]!;
      self[fn]! += tree.self[child]!;
      if (active[fn]!++ === 0) total[fn]! += tree.total[child]!;
      at = child;
      continue;
    }
    if (at === ROOT) break;
    if (tree.fn[at] !== NO_FUNCTION) active[tree.fn[at]!]!--;
    at = tree.parent[at]!;
  }
  return { self, total };
}
