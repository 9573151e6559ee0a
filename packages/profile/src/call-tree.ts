import { float64Column, uint32Column } from './columns.js';
import { type Profile, SampleFlag } from './profile.js';
import { EMPTY_STACK, type ProfileTables } from './tables.js';
import type { FunctionId, StackId, ThreadId } from './units.js';

/**
 * A weight that samples of some mode carry, always counted as a number of 0 or more. `gil` is the time with the interpreter
 * lock.
 */
export type Metric = 'wall' | 'cpu' | 'gil' | 'allocated' | 'deallocated';

/** A call path, merged over all samples: functions, not lines. */
export interface CallNode {
  /** null for a root, whose children are the outermost functions of the thread. */
  readonly fn: FunctionId | null;
  readonly thread: ThreadId;
  /** Weight of samples that end here. */
  readonly self: number;
  /** Weight of samples that pass through here, `self` included. */
  readonly total: number;
  readonly children: ReadonlyMap<FunctionId, CallNode>;
}

export interface AggregateOptions {
  readonly metric: Metric;
}

/** The weight that sample `index` has in `metric`: µs for times, bytes for the others. */
export function sampleWeight(profile: Profile, index: number, metric: Metric): number {
  const { samples } = profile;
  switch (metric) {
    case 'wall':
      return samples.timeUs[index]!;
    case 'cpu':
      return samples.flags[index]! & SampleFlag.Idle ? 0 : samples.timeUs[index]!;
    case 'gil':
      return samples.flags[index]! & SampleFlag.HoldsGil ? samples.timeUs[index]! : 0;
    case 'allocated':
      return Math.max(samples.memoryBytes[index]!, 0);
    case 'deallocated':
      return Math.max(-samples.memoryBytes[index]!, 0);
  }
}

/** The place of a root among the stacks of its thread. It is nobody's child, so this also says that there is none. */
const ROOT = 0;

/**
 * One call tree per thread, in order of the threads' ids. Weight is conserved: a root's total is its thread's. A node makes its children
 * when they are first asked for: of a program with a million call paths a screen shows a hundred.
 */
export function aggregateCalls(profile: Profile, { metric }: AggregateOptions): CallNode[] {
  const { tables, samples } = profile;
  const rows = Array.from({ length: tables.threadCount }, () => uint32Column());
  for (let row = 0; row < samples.length; row++) rows[samples.thread[row]!]!.push(row);
  /** The place of each stack in the thread that is being made. */
  const places = new Uint32Array(tables.stackCount);
  return rows.map((column, thread) => {
    const stacks = new ThreadStacks(tables, places);
    for (const row of column.view()) {
      const weight = sampleWeight(profile, row, metric);
      if (weight !== 0) stacks.add(samples.stack[row]! as StackId, weight);
    }
    return stacks.tree(thread as ThreadId);
  });
}

/** The stacks of a thread, each after the one that it continues, by their places in this order. */
class ThreadStacks {
  readonly #tables: ProfileTables;
  readonly #places: Uint32Array;
  readonly #stacks = uint32Column();
  readonly #parents = uint32Column();
  readonly #self = float64Column();

  /** @param places 0 for every stack, and so again after `tree` */
  constructor(tables: ProfileTables, places: Uint32Array) {
    this.#tables = tables;
    this.#places = places;
    this.#append(EMPTY_STACK, ROOT);
  }

  add(stack: StackId, weight: number): void {
    this.#self.add(this.#place(stack), weight);
  }

  #place(stack: StackId): number {
    const missing: StackId[] = [];
    let at = stack;
    while (at !== EMPTY_STACK && this.#places[at] === ROOT) {
      missing.push(at);
      at = this.#tables.stackParent(at);
    }
    let place = at === EMPTY_STACK ? ROOT : this.#places[at]!;
    for (const one of missing.reverse()) place = this.#append(one, place);
    return place;
  }

  #append(stack: StackId, parent: number): number {
    const place = this.#stacks.length;
    this.#places[stack] = place;
    this.#stacks.push(stack);
    this.#parents.push(parent);
    this.#self.push(0);
    return place;
  }

  tree(thread: ThreadId): CallNode {
    const tables = this.#tables;
    const stacks = this.#stacks.view();
    const parents = this.#parents.view();
    const self = this.#self.view();
    const total = self.slice();
    const firstChild = new Uint32Array(parents.length);
    const nextSibling = new Uint32Array(parents.length);
    for (let place = parents.length - 1; place > ROOT; place--) {
      const parent = parents[place]!;
      total[parent]! += total[place]!;
      nextSibling[place] = firstChild[parent]!;
      firstChild[parent] = place;
      this.#places[stacks[place]!] = ROOT;
    }
    const fnOf = (place: number): FunctionId =>
      tables.frameFunction(tables.stackFrame(stacks[place]! as StackId));
    const root = new LazyNode(null, thread, { self, total, firstChild, nextSibling, fnOf });
    root.take(ROOT);
    return root;
  }
}

/** By place. */
interface Weights {
  readonly self: Float64Array;
  readonly total: Float64Array;
  readonly firstChild: Uint32Array;
  readonly nextSibling: Uint32Array;
  readonly fnOf: (place: number) => FunctionId;
}

class LazyNode implements CallNode {
  readonly fn: FunctionId | null;
  readonly thread: ThreadId;
  self = 0;
  total = 0;
  readonly #weights: Weights;
  /** The stacks that are this path: they differ in lines. */
  readonly #places: number[] = [];
  #children: Map<FunctionId, LazyNode> | undefined;

  constructor(fn: FunctionId | null, thread: ThreadId, weights: Weights) {
    this.fn = fn;
    this.thread = thread;
    this.#weights = weights;
  }

  take(place: number): void {
    this.#places.push(place);
    this.self += this.#weights.self[place]!;
    this.total += this.#weights.total[place]!;
  }

  get children(): Map<FunctionId, LazyNode> {
    this.#children ??= this.#open();
    return this.#children;
  }

  #open(): Map<FunctionId, LazyNode> {
    const children = new Map<FunctionId, LazyNode>();
    const { firstChild, nextSibling, fnOf } = this.#weights;
    for (const above of this.#places) {
      for (let place = firstChild[above]!; place !== ROOT; place = nextSibling[place]!) {
        const fn = fnOf(place);
        let child = children.get(fn);
        if (!child) {
          child = new LazyNode(fn, this.thread, this.#weights);
          children.set(fn, child);
        }
        child.take(place);
      }
    }
    return children;
  }
}
