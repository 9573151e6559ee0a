import { type CallTree, type ChildLists, childLists, NO_FUNCTION, ROOT } from './call-tree.js';

/** What the graph draws: a tree whose nodes are worked out when they are asked for. */
export interface ViewTree {
  fn(node: number): number;
  parent(node: number): number;
  /** Number of frames from the root, which has 0. */
  depth(node: number): number;
  total(node: number): number;
  /** Weight of samples that end here; of the inverted tree, of those with no further caller. */
  self(node: number): number;
  /** The heaviest first; none without weight. */
  children(node: number): readonly number[];
}

/** The call tree as it is: callers above what they call. */
export class ForwardTree implements ViewTree {
  readonly #tree: CallTree;
  readonly #lists: ChildLists;
  readonly #children = new Map<number, readonly number[]>();

  constructor(tree: CallTree) {
    this.#tree = tree;
    this.#lists = childLists(tree);
  }

  fn(node: number): number {
    return this.#tree.fn[node]!;
  }
  parent(node: number): number {
    return this.#tree.parent[node]!;
  }
  depth(node: number): number {
    let depth = 0;
    for (let at = node; at !== ROOT; at = this.parent(at)) depth++;
    return depth;
  }
  total(node: number): number {
    return this.#tree.total[node]!;
  }
  self(node: number): number {
    return this.#tree.self[node]!;
  }
  children(node: number): readonly number[] {
    let children = this.#children.get(node);
    if (!children) {
      const { start, list } = this.#lists;
      const { total } = this.#tree;
      children = [...list.subarray(start[node], start[node + 1])]
        .filter((child) => total[child]! > 0)
        .sort((a, b) => total[b]! - total[a]! || a - b);
      this.#children.set(node, children);
    }
    return children;
  }
}

/** Call paths that reach the same inverted node: where each stands in the call tree, and its weight. */
interface Paths {
  readonly at: Uint32Array;
  readonly weight: Float64Array;
}

/**
 * The call tree from the leaves: functions with weight of their own, and below each its callers. A whole
 * inverted tree can be far larger than the call tree, so nodes are made when their parent is opened.
 */
export class InvertedTree implements ViewTree {
  readonly #tree: CallTree;
  readonly #fn: number[] = [NO_FUNCTION];
  readonly #parent: number[] = [ROOT];
  readonly #depth: number[] = [0];
  readonly #total: number[];
  readonly #self: number[] = [0];
  readonly #paths: (Paths | undefined)[];
  readonly #children: (readonly number[] | undefined)[] = [];

  constructor(tree: CallTree) {
    this.#tree = tree;
    this.#total = [tree.total[ROOT]!];
    const at: number[] = [];
    for (let node = 1; node < tree.size; node++) if (tree.self[node]! > 0) at.push(node);
    this.#paths = [{ at: Uint32Array.from(at), weight: Float64Array.from(at, (node) => tree.self[node]!) }];
  }

  fn(node: number): number {
    return this.#fn[node]!;
  }
  parent(node: number): number {
    return this.#parent[node]!;
  }
  depth(node: number): number {
    return this.#depth[node]!;
  }
  total(node: number): number {
    return this.#total[node]!;
  }
  self(node: number): number {
    this.children(node);
    return this.#self[node]!;
  }
  children(node: number): readonly number[] {
    let children = this.#children[node];
    if (!children) {
      children = this.#open(node);
      this.#children[node] = children;
      this.#paths[node] = undefined;
    }
    return children;
  }

  #open(node: number): number[] {
    const { parent, fn } = this.#tree;
    const { at, weight } = this.#paths[node]!;
    const groups = new Map<number, Map<number, number>>();
    for (let i = 0; i < at.length; i++) {
      const next = node === ROOT ? at[i]! : parent[at[i]!]!;
      if (next === ROOT) {
        this.#self[node]! += weight[i]!;
        continue;
      }
      let group = groups.get(fn[next]!);
      if (!group) {
        group = new Map();
        groups.set(fn[next]!, group);
      }
      group.set(next, (group.get(next) ?? 0) + weight[i]!);
    }
    const children: number[] = [];
    for (const [callerFn, group] of groups) children.push(this.#add(node, callerFn, group));
    return children.sort((a, b) => this.#total[b]! - this.#total[a]! || a - b);
  }

  #add(parent: number, fn: number, group: ReadonlyMap<number, number>): number {
    const paths = { at: Uint32Array.from(group.keys()), weight: Float64Array.from(group.values()) };
    const node = this.#fn.push(fn) - 1;
    this.#parent[node] = parent;
    this.#depth[node] = this.#depth[parent]! + 1;
    this.#total[node] = paths.weight.reduce((sum, weight) => sum + weight, 0);
    this.#self[node] = 0;
    this.#paths[node] = paths;
    return node;
  }
}

/** Functions on the way from the root to a node, the root left out. */
export function pathOf(tree: ViewTree, node: number): number[] {
  const path: number[] = [];
  for (let at = node; at !== ROOT; at = tree.parent(at)) path.push(tree.fn(at));
  return path.reverse();
}

/** The node at the end of a path, or as far as the tree has it. */
export function followPath(tree: ViewTree, path: readonly number[]): number {
  let node = ROOT;
  for (const fn of path) {
    const next = tree.children(node).find((child) => tree.fn(child) === fn);
    if (next === undefined) break;
    node = next;
  }
  return node;
}
