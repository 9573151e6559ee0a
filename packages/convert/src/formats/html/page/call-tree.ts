import { InternTable } from '@austin-profiler/profile';
import type { Payload } from './payload.js';

/** The root of every tree; it stands for the whole selection. */
export const ROOT = 0;
/** Function of the root. */
export const NO_FUNCTION = -1;

/** Call paths as columns. A parent comes before its children. */
export interface CallTree {
  readonly size: number;
  readonly parent: Uint32Array;
  readonly fn: Int32Array;
  readonly self: Float64Array;
  readonly total: Float64Array;
}

/** What part of the payload to show. */
export interface Selection {
  /** Rows of the table of threads. */
  readonly threads: readonly number[];
  readonly metric: number;
  /** Show threads as outermost frames: thread t is function (number of functions + t). */
  readonly splitByThread: boolean;
}

/** Merges the call paths of the selected threads. */
export function mergeThreads(payload: Payload, selection: Selection): CallTree {
  const { depth, fn } = payload.tree;
  const weights = payload.tree.self[selection.metric]!;
  const starts = threadStarts(payload.threads.nodes);
  const nodes = new InternTable(2);
  const self: number[] = [];
  for (const thread of selection.threads) {
    const isSplit = selection.splitByThread && starts[thread]! < starts[thread + 1]!;
    const top = isSplit ? nodes.intern(ROOT, payload.functions.name.length + thread) + 1 : ROOT;
    const path = [top];
    for (let row = starts[thread]!; row < starts[thread + 1]!; row++) {
      const node = nodes.intern(path[depth[row]! - 1]!, fn[row]!) + 1;
      path[depth[row]!] = node;
      self[node] = (self[node] ?? 0) + weights[row]!;
    }
  }
  const size = nodes.size + 1;
  const tree: CallTree = {
    size,
    parent: new Uint32Array(size),
    fn: new Int32Array(size),
    self: Float64Array.from({ length: size }, (_, node) => self[node] ?? 0),
    total: new Float64Array(size),
  };
  tree.fn[ROOT] = NO_FUNCTION;
  for (let node = 1; node < size; node++) {
    tree.parent[node] = nodes.get(node - 1, 0);
    tree.fn[node] = nodes.get(node - 1, 1);
  }
  for (let node = size - 1; node > ROOT; node--) {
    tree.total[node]! += tree.self[node]!;
    tree.total[tree.parent[node]!]! += tree.total[node]!;
  }
  return tree;
}

/** Where the rows of each thread start, and after the last one where they end. */
export function threadStarts(counts: readonly number[]): number[] {
  const starts = [0];
  for (const count of counts) starts.push(starts.at(-1)! + count);
  return starts;
}

/** Children of each node in one array: those of `node` are `list[start[node]]` up to `list[start[node + 1]]`. */
export interface ChildLists {
  readonly start: Uint32Array;
  readonly list: Uint32Array;
}

export function childLists(tree: CallTree): ChildLists {
  const start = new Uint32Array(tree.size + 1);
  for (let node = 1; node < tree.size; node++) start[tree.parent[node]! + 1]!++;
  for (let node = 0; node < tree.size; node++) start[node + 1]! += start[node]!;
  const list = new Uint32Array(tree.size - 1);
  const next = start.slice();
  for (let node = 1; node < tree.size; node++) list[next[tree.parent[node]!]!++] = node;
  return { start, list };
}
