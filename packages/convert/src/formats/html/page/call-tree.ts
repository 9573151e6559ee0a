/** The root of every tree; it stands for the whole selection. */
export const ROOT = 0;
/** Function of the root. */
export const NO_FUNCTION = -1;

/** Call paths as columns. A parent comes before its children. `fn` is what nodes are merged by: a row of any kind. */
export interface CallTree {
  readonly size: number;
  readonly parent: Uint32Array;
  readonly fn: Int32Array;
  readonly self: Float64Array;
  readonly total: Float64Array;
  /** Whether a node is inside another of the same row, if that has been worked out: {@link nestedNodes}. */
  readonly isNested?: Uint8Array;
}

/** Tells of each node whether it is inside another of the same row; those in `known` are known already. */
export function nestedNodes(
  parent: Uint32Array,
  row: Int32Array,
  known: Uint8Array = new Uint8Array(1),
): Uint8Array {
  const isNested = new Uint8Array(parent.length);
  isNested.set(known);
  for (let node = known.length; node < parent.length; node++) {
    let above = parent[node]!;
    while (above !== ROOT && row[above] !== row[node]) above = parent[above]!;
    if (above !== ROOT) isNested[node] = 1;
  }
  return isNested;
}

/** Adds each node's weight to those it is part of. */
export function totalsOf(parent: Uint32Array, self: Float64Array): Float64Array {
  const total = self.slice();
  for (let node = total.length - 1; node > ROOT; node--) total[parent[node]!]! += total[node]!;
  return total;
}

/** Children of each node in one array: those of `node` are `list[start[node]]` up to `list[start[node + 1]]`. */
export interface ChildLists {
  readonly start: Uint32Array;
  readonly list: Uint32Array;
}

export function childLists(tree: Pick<CallTree, 'size' | 'parent'>): ChildLists {
  const start = new Uint32Array(tree.size + 1);
  for (let node = 1; node < tree.size; node++) start[tree.parent[node]! + 1]!++;
  for (let node = 0; node < tree.size; node++) start[node + 1]! += start[node]!;
  const list = new Uint32Array(tree.size - 1);
  const next = start.slice();
  for (let node = 1; node < tree.size; node++) list[next[tree.parent[node]!]!++] = node;
  return { start, list };
}
