import { EMPTY_STACK, InternTable, type Profile, SampleFlag, type StackId } from '@austin-profiler/profile';
import { GARBAGE_COLLECTION, INVALID_STACK, NO_FRAMES } from '../../synthetic-names.js';
import { type WeightType, weightOf } from '../../weights.js';
import type { FunctionRows } from './function-rows.js';
import type { TreeColumns } from './page/payload.js';

const ROOT = 0;
const UNKNOWN = -1;

/** What one thread adds to the table of threads; one number per metric in the arrays. */
export interface ThreadSums {
  readonly nodes: number;
  readonly samples: number[];
  readonly squares: number[];
}

/** Call paths of one thread after another, merged over samples: rows of functions, not stacks. */
export class TreeBuilder {
  readonly columns = {
    depth: [] as number[],
    fn: [] as number[],
    self: [] as number[][],
  } satisfies TreeColumns;
  readonly #profile: Profile;
  readonly #types: readonly WeightType[];
  readonly #rows: FunctionRows;
  /** Node of each stack in the thread at hand, for whole stacks and for those below `<invalid stack>`. */
  readonly #valid: Int32Array;
  readonly #invalid: Int32Array;

  constructor(profile: Profile, types: readonly WeightType[], rows: FunctionRows) {
    this.#profile = profile;
    this.#types = types;
    this.#rows = rows;
    this.columns.self.push(...types.map(() => []));
    this.#valid = new Int32Array(profile.tables.stackCount).fill(UNKNOWN);
    this.#invalid = new Int32Array(profile.tables.stackCount).fill(UNKNOWN);
  }

  addThread(samples: Uint32Array): ThreadSums {
    const types = this.#types;
    const sums: ThreadSums = { nodes: 0, samples: types.map(() => 0), squares: types.map(() => 0) };
    const nodes = new InternTable(2);
    const self: number[][] = types.map(() => []);
    const touched: StackId[] = [];
    for (const sample of samples) {
      let node = UNKNOWN;
      for (const [m, type] of types.entries()) {
        const weight = weightOf(this.#profile, sample, type);
        if (weight === 0) continue;
        if (node === UNKNOWN) node = this.#nodeOf(sample, nodes, touched);
        const column = self[m]!;
        column[node] = (column[node] ?? 0) + weight;
        sums.samples[m]!++;
        sums.squares[m]! += weight * weight;
      }
    }
    for (const stack of touched) {
      this.#valid[stack] = UNKNOWN;
      this.#invalid[stack] = UNKNOWN;
    }
    this.#append(nodes, self);
    return { ...sums, nodes: nodes.size };
  }

  #nodeOf(sample: number, nodes: InternTable, touched: StackId[]): number {
    const { samples } = this.#profile;
    const stack = samples.stack[sample]! as StackId;
    const flags = samples.flags[sample]!;
    const isInvalid = (flags & SampleFlag.Invalid) !== 0;
    let node: number = ROOT;
    if (isInvalid) node = child(nodes, ROOT, this.#rows.ofSynthetic(INVALID_STACK));
    else if (stack === EMPTY_STACK) node = child(nodes, ROOT, this.#rows.ofSynthetic(NO_FRAMES));
    if (stack !== EMPTY_STACK) {
      node = this.#stackNode(stack, node, isInvalid ? this.#invalid : this.#valid, nodes, touched);
    }
    if (flags & SampleFlag.Gc) node = child(nodes, node, this.#rows.ofSynthetic(GARBAGE_COLLECTION));
    return node;
  }

  /** Without recursion: stacks may be ten thousand frames deep. */
  #stackNode(
    stack: StackId,
    base: number,
    known: Int32Array,
    nodes: InternTable,
    touched: StackId[],
  ): number {
    const { tables } = this.#profile;
    const missing: StackId[] = [];
    let at = stack;
    while (at !== EMPTY_STACK && known[at] === UNKNOWN) {
      missing.push(at);
      at = tables.stackParent(at);
    }
    let node = at === EMPTY_STACK ? base : known[at]!;
    for (const id of missing.reverse()) {
      node = child(nodes, node, this.#rows.ofFrame(tables.stackFrame(id)));
      known[id] = node;
      touched.push(id);
    }
    return node;
  }

  /** Turns the thread's nodes into preorder, children in order of first appearance. */
  #append(nodes: InternTable, self: readonly number[][]): void {
    const count = nodes.size + 1;
    const firstChild = new Uint32Array(count);
    const nextSibling = new Uint32Array(count);
    for (let node = nodes.size; node > ROOT; node--) {
      const parent = nodes.get(node - 1, 0);
      nextSibling[node] = firstChild[parent]!;
      firstChild[parent] = node;
    }
    let node = firstChild[ROOT]!;
    let depth = 1;
    while (node !== ROOT) {
      this.columns.depth.push(depth);
      this.columns.fn.push(nodes.get(node - 1, 1));
      for (const [m, column] of self.entries()) this.columns.self[m]!.push(column[node] ?? 0);
      if (firstChild[node] !== ROOT) {
        node = firstChild[node]!;
        depth++;
        continue;
      }
      while (node !== ROOT && nextSibling[node] === ROOT) {
        node = nodes.get(node - 1, 0);
        depth--;
      }
      if (node !== ROOT) node = nextSibling[node]!;
    }
  }
}

/** The node of `fn` below `parent`; ids count from 1, since 0 is the root. */
function child(nodes: InternTable, parent: number, fn: number): number {
  return nodes.intern(parent, fn) + 1;
}
