import { FrameKind, type Profile, type StackId, type ThreadId } from '@austin-profiler/profile';
import { SHOWN_ROOT, type ShownNode, ShownStacks } from '../../shown-stacks.js';
import { threadsInOrder } from '../../thread-ids.js';
import { samplesByThread, threadTitle } from '../../thread-samples.js';
import { type WeightType, weightOf } from '../../weights.js';

export interface FlameNode {
  readonly kind: 'root' | 'process' | 'thread' | 'function' | 'native' | 'kernel' | 'mark';
  /** What stands in the frame, and what its title begins with. */
  readonly name: string;
  readonly label: string;
  /** The file of a function, or else empty. */
  readonly file: string;
  self: number;
  total: number;
  /** Heaviest first. */
  readonly children: FlameNode[];
}

/** Sums one weight over processes, threads and stacks of functions. */
export function flameTree(profile: Profile, type: WeightType): FlameNode {
  const root = emptyNode('root', '', '', '');
  const processes = new Map<number, FlameNode>();
  const stacks = new ShownStacks(profile.tables, false);
  const rows = samplesByThread(profile);
  for (const thread of threadsInOrder(profile)) {
    const node = threadTree(profile, stacks, thread, rows[thread]!, type);
    if (node.total === 0) continue;
    const { pid } = profile.tables.thread(thread);
    let process = processes.get(pid);
    if (!process) {
      const name = pid === 0 ? 'all' : `process ${pid}`;
      process = emptyNode('process', name, name, '');
      processes.set(pid, process);
      root.children.push(process);
    }
    process.children.push(node);
    process.total += node.total;
    root.total += node.total;
  }
  return root;
}

function threadTree(
  profile: Profile,
  stacks: ShownStacks,
  thread: ThreadId,
  rows: Uint32Array,
  type: WeightType,
): FlameNode {
  const { stack, flags } = profile.samples;
  const title = threadTitle(profile, thread);
  const root = emptyNode('thread', title, title, '');
  const nodes = new Map<ShownNode, FlameNode>([[SHOWN_ROOT, root]]);
  for (const i of rows) {
    const weight = weightOf(profile, i, type);
    if (weight === 0) continue;
    nodeOf(stacks, nodes, stacks.node(stack[i]! as StackId, flags[i]!)).self += weight;
  }
  // Every node has a higher number than its parent.
  for (const at of [...nodes.keys()].sort((a, b) => b - a)) {
    const node = nodes.get(at)!;
    node.total += node.self;
    if (at !== SHOWN_ROOT) nodes.get(stacks.parent(at))!.total += node.total;
    node.children.sort((a, b) => b.total - a.total);
  }
  return root;
}

function nodeOf(stacks: ShownStacks, nodes: Map<ShownNode, FlameNode>, wanted: ShownNode): FlameNode {
  const missing: ShownNode[] = [];
  let at = wanted;
  for (; !nodes.has(at); at = stacks.parent(at)) missing.push(at);
  let node = nodes.get(at)!;
  for (const id of missing.reverse()) {
    const { name, file, kind, isMark } = stacks.fn(stacks.frameFunction(stacks.frame(id)));
    const label = file === '' ? name : `${name} (${file})`;
    const child = emptyNode(isMark ? 'mark' : KINDS[kind], name, label, file);
    nodes.set(id, child);
    node.children.push(child);
    node = child;
  }
  return node;
}

const KINDS = {
  [FrameKind.Python]: 'function',
  [FrameKind.Native]: 'native',
  [FrameKind.Kernel]: 'kernel',
} as const;

function emptyNode(kind: FlameNode['kind'], name: string, label: string, file: string): FlameNode {
  return { kind, name, label, file, self: 0, total: 0, children: [] };
}
