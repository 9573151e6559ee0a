import { type Profile, SampleFlag } from './profile.js';
import { EMPTY_STACK } from './tables.js';
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
  self: number;
  /** Weight of samples that pass through here, `self` included. */
  total: number;
  readonly children: Map<FunctionId, CallNode>;
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

/** One call tree per thread, in order of the threads' ids. Weight is conserved: a root's total is its thread's. */
export function aggregateCalls(profile: Profile, options: AggregateOptions): CallNode[] {
  const { tables, samples } = profile;
  const roots: CallNode[] = [];
  const nodes: Map<StackId, CallNode>[] = [];
  for (let thread = 0; thread < tables.threadCount; thread++) {
    roots.push(emptyNode(null, thread as ThreadId));
    nodes.push(new Map());
  }

  const nodeOf = (stack: StackId, thread: ThreadId): CallNode => {
    if (stack === EMPTY_STACK) return roots[thread]!;
    const known = nodes[thread]!.get(stack);
    if (known) return known;
    // Bottom-up without recursion: stacks may be ten thousand frames deep.
    const missing: StackId[] = [];
    let at = stack;
    while (at !== EMPTY_STACK && !nodes[thread]!.has(at)) {
      missing.push(at);
      at = tables.stackParent(at);
    }
    let node = at === EMPTY_STACK ? roots[thread]! : nodes[thread]!.get(at)!;
    for (const id of missing.reverse()) {
      const fn = tables.frameFunction(tables.stackFrame(id));
      let child = node.children.get(fn);
      if (!child) {
        child = emptyNode(fn, thread);
        node.children.set(fn, child);
      }
      nodes[thread]!.set(id, child);
      node = child;
    }
    return node;
  };

  for (let i = 0; i < samples.length; i++) {
    const weight = sampleWeight(profile, i, options.metric);
    if (weight === 0) continue;
    nodeOf(samples.stack[i]! as StackId, samples.thread[i]! as ThreadId).self += weight;
  }
  for (const root of roots) addTotals(root);
  return roots;
}

function emptyNode(fn: FunctionId | null, thread: ThreadId): CallNode {
  return { fn, thread, self: 0, total: 0, children: new Map() };
}

/** Fills `total` from `self`, children before parents, without recursion. */
function addTotals(root: CallNode): void {
  const order: CallNode[] = [root];
  for (let i = 0; i < order.length; i++) {
    for (const child of order[i]!.children.values()) order.push(child);
  }
  for (const node of order.reverse()) {
    node.total = node.self;
    for (const child of node.children.values()) node.total += child.total;
  }
}
