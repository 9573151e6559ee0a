import { FrameKind, InternTable, type Profile, type StackId, type ThreadId } from '@austin-profiler/profile';
import { oneOfEach } from '../../call-graph.js';
import type { WriteOptions } from '../../format.js';
import { type ShownFunction, type ShownNode, ShownStacks } from '../../shown-stacks.js';
import { threadIdText, threadsInOrder } from '../../thread-ids.js';
import { samplesByThread } from '../../thread-samples.js';
import { type WeightType, weightOf, weightTypes } from '../../weights.js';
import { NameList, oneLine } from './names.js';

/** Event names; what follows the colon is shown to people. */
const EVENTS: Readonly<Record<WeightType['metric'], string>> = {
  cpu: 'CPU : CPU time, µs',
  wall: 'Wall : wall time, µs',
  allocated: 'Allocated : memory allocated, bytes',
  deallocated: 'Deallocated : memory deallocated, bytes',
  samples: 'Samples : samples',
};

/** What a function weighs by itself at a line, or what a call from there weighs: a number for each event. */
interface Cost {
  readonly line: number;
  /** The function called; undefined for the weight of the line itself. */
  readonly callee?: number;
  samples: number;
  readonly weights: Float64Array;
}

/**
 * Writes a callgrind profile: each thread is a function that calls the outermost functions of its stacks, and for each
 * function there is the weight of its lines and of its calls. Calls are counted in samples. A function that calls itself,
 * directly or not, is called once: what viewers add up for it is then what its samples weigh.
 */
export function* writeCallgrind(profile: Profile, options: WriteOptions): Iterable<string> {
  const types = weightTypes(profile);
  const stacks = new ShownStacks(profile.tables, true);
  const rows = samplesByThread(profile);
  const names = new NameList();

  yield '# callgrind format\nversion: 1\n';
  yield `creator: ${oneLine(options.exporter ?? 'austin-profiler')}\n`;
  if (options.name !== undefined) yield `cmd: ${oneLine(options.name)}\n`;
  yield 'positions: line\n';
  for (const { metric } of types) yield `event: ${EVENTS[metric]}\n`;
  yield `events: ${types.map(({ metric }) => EVENTS[metric].split(' ')[0]).join(' ')}\n`;

  const named = (id: number): Named =>
    id < stacks.functionCount ? stacks.fn(id) : threadOf(profile, id - stacks.functionCount);
  const hasObjects = Array.from({ length: stacks.functionCount }, (_, id) => stacks.fn(id)).some(
    ({ kind }) => kind !== FrameKind.Python,
  );
  const objectOf = hasObjects ? objectName : () => undefined;
  const same = oneOfEach((id) =>
    [objectOf(named(id)) ?? '', named(id).file, named(id).name].map(oneLine).join('\n'),
  );
  const all = new Float64Array(types.length);
  for (const thread of threadsInOrder(profile)) {
    const root = stacks.functionCount + thread;
    const costs = costsOf(profile, stacks, types, rows[thread]!, root, same, all);
    for (const [fn, ofFunction] of costs) yield functionText(named, objectOf, names, fn, ofFunction);
  }
  yield `\ntotals: ${all.join(' ')}\n`;
}

type Named = Pick<ShownFunction, 'name' | 'file' | 'firstLine' | 'kind' | 'library'>;

/** What viewers call an ELF object: a library, or what else code is of. Only profiles with machine code have any. */
function objectName({ kind, library }: Named): string | undefined {
  switch (kind) {
    case FrameKind.Python:
      return 'python';
    case FrameKind.Kernel:
      return 'kernel';
    case FrameKind.Native:
      return library || 'native';
  }
}

/** A thread, as the function that it is shown as. */
function threadOf(profile: Profile, thread: number): Named {
  const { pid, iid, tid } = profile.tables.thread(thread as ThreadId);
  const id = `${pid}:${iid === null ? '' : `${iid}:`}${threadIdText(profile)(tid)}`;
  const name = profile.tables.threadName(thread as ThreadId);
  return {
    name: `<thread ${id}${name === undefined ? '' : ` ${name}`}>`,
    file: '',
    firstLine: 0,
    kind: FrameKind.Python,
    library: '',
  };
}

/**
 * The costs of each function of a thread, and of `thread`, which calls the outermost ones; adds their sum to `all`. A
 * function that occurs several times in a stack is called once, where it is outermost.
 */
function costsOf(
  profile: Profile,
  stacks: ShownStacks,
  types: readonly WeightType[],
  rows: Uint32Array,
  thread: number,
  same: (fn: number) => number,
  all: Float64Array,
): ReadonlyMap<number, readonly Cost[]> {
  const { stack, flags, count } = profile.samples;
  const ids = new InternTable(3);
  const costs: Cost[] = [];
  const byFunction = new Map<number, Cost[]>();
  const seen = new Set<number>();

  const add = (
    fn: number,
    line: number,
    callee: number | undefined,
    weights: Float64Array,
    samples: number,
  ) => {
    const id = ids.intern(fn, line, callee === undefined ? 0 : callee + 1);
    let cost = costs[id];
    if (!cost) {
      const sums = new Float64Array(types.length);
      cost =
        callee === undefined
          ? { line, samples: 0, weights: sums }
          : { line, callee, samples: 0, weights: sums };
      costs[id] = cost;
      const ofFunction = byFunction.get(fn);
      if (ofFunction) ofFunction.push(cost);
      else byFunction.set(fn, [cost]);
    }
    cost.samples += samples;
    for (let at = 0; at < weights.length; at++) cost.weights[at]! += weights[at]!;
  };

  for (const [leaf, { weights, samples }] of leavesOf()) {
    seen.clear();
    let caller = thread;
    let line = 0;
    for (const frame of stacks.path(leaf)) {
      const fn = same(stacks.frameFunction(frame));
      if (!seen.has(fn)) {
        seen.add(fn);
        add(caller, line, fn, weights, samples);
      }
      caller = fn;
      line = stacks.frameLine(frame);
    }
    add(caller, line, undefined, weights, samples);
    for (let at = 0; at < weights.length; at++) all[at]! += weights[at]!;
  }
  return byFunction;

  /** Samples with the same stack are summed before their stacks are walked. */
  function leavesOf(): Map<ShownNode, { weights: Float64Array; samples: number }> {
    const leaves = new Map<ShownNode, { weights: Float64Array; samples: number }>();
    for (const i of rows) {
      if (types.every((type) => weightOf(profile, i, type) === 0)) continue;
      const node = stacks.node(stack[i]! as StackId, flags[i]!);
      let leaf = leaves.get(node);
      if (!leaf) {
        leaf = { weights: new Float64Array(types.length), samples: 0 };
        leaves.set(node, leaf);
      }
      leaf.samples += count?.[i] ?? 1;
      for (const [at, type] of types.entries()) leaf.weights[at]! += weightOf(profile, i, type);
    }
    return leaves;
  }
}

function functionText(
  named: (id: number) => Named,
  objectOf: (fn: Named) => string | undefined,
  names: NameList,
  id: number,
  costs: readonly Cost[],
): string {
  const fn = named(id);
  const object = objectOf(fn);
  let text = object === undefined ? '\n' : `\nob=${names.object(object)}\n`;
  text += `fl=${names.file(fn.file)}\nfn=${names.fn(id, fn.name)}\n`;
  for (const { line, callee, samples, weights } of costs) {
    if (callee !== undefined) {
      const called = named(callee);
      const ofCalled = objectOf(called);
      if (ofCalled !== undefined) text += `cob=${names.object(ofCalled)}\n`;
      text += `cfi=${names.file(called.file)}\ncfn=${names.fn(callee, called.name)}\n`;
      text += `calls=${samples} ${called.firstLine}\n`;
    }
    text += `${line} ${weights.join(' ')}\n`;
  }
  return text;
}
