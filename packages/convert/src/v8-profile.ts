import { FrameKind, type ProfileSink, SampleFlag, type ThreadId } from '@austin-profiler/profile';
import { type Entry, type ForeignStack, ForeignStacks } from './foreign-stacks.js';
import { type JsonObject, listOf, numberOf, objectOf, positionOf, textOf } from './json.js';
import type { Losses } from './losses.js';
import { WholeSeries } from './quantities.js';

/** What V8 calls functions without a name. */
const ANONYMOUS = '(anonymous)';

interface V8Node {
  readonly parent: number | undefined;
  readonly frame: JsonObject;
}

interface V8Sample {
  readonly node: number;
  /** µs on V8's clock. */
  readonly time: number;
  /** From 1; 0 = unknown. */
  readonly line: number;
}

/**
 * Collects the tree and the samples of a CPU profile of V8, whole or in chunks, and puts them into a profile. A sample
 * stands for the time until the next one.
 *
 * `nodes`, `samples` and `timeDeltas` are those of the Profiler domain of the DevTools protocol.
 */
export class V8Profile {
  readonly #nodes = new Map<number, V8Node>();
  readonly #samples: V8Sample[] = [];
  #now: number;

  /** @param startTime µs */
  constructor(startTime: number) {
    this.#now = startTime;
  }

  /** Parents are given by `parent`, or by the `children` of other nodes. */
  addNodes(nodes: readonly unknown[]): void {
    const parents = new Map<number, number>();
    for (const item of nodes) {
      const node = objectOf(item);
      const id = numberOf(node['id']);
      if (id === undefined) continue;
      for (const child of listOf(node['children'])) {
        if (typeof child === 'number') parents.set(child, id);
      }
    }
    for (const item of nodes) {
      const node = objectOf(item);
      const id = numberOf(node['id']);
      if (id === undefined) continue;
      const parent = numberOf(node['parent']) ?? parents.get(id);
      // Until 2017 the members of `callFrame` were the node's own.
      this.#nodes.set(id, { parent, frame: objectOf(node['callFrame'] ?? node) });
    }
  }

  /**
   * @param timeDeltas µs from the sample before, or from the start, to each sample
   * @param lines of the innermost frames, from 1
   */
  addSamples(
    samples: readonly unknown[],
    timeDeltas: readonly unknown[],
    lines: readonly unknown[],
    losses: Losses,
  ): void {
    for (const [at, sample] of samples.entries()) {
      const node = numberOf(sample);
      const delta = numberOf(timeDeltas[at]);
      if (node === undefined || delta === undefined) {
        losses.damage('ERR_CPUPROFILE_SAMPLE', 'samples without a node or a time are left out');
        continue;
      }
      this.#now += delta;
      this.#samples.push({ node, time: this.#now, line: positionOf(lines[at]) });
    }
  }

  /**
   * @param endTime µs; without it the last sample is taken to last as long as the one before
   * @param onSample told before each sample when its time ends, µs on V8's clock, and how long that is
   */
  addTo(
    sink: ProfileSink,
    thread: ThreadId,
    endTime: number | undefined,
    losses: Losses,
    onSample?: (time: number, timeUs: number) => void,
  ): void {
    // Deltas may be negative: V8 writes samples as it gets them from another thread.
    const samples = this.#samples.sort((a, b) => a.time - b.time);
    const stacks = new ForeignStacks(sink);
    const stackOf = this.#stacks(stacks);
    const whole = new WholeSeries(losses);
    for (const [at, sample] of samples.entries()) {
      const found = stackOf(sample);
      const next = samples[at + 1]?.time;
      const before = sample.time - (samples[at - 1]?.time ?? sample.time);
      const last = endTime !== undefined && endTime >= sample.time ? endTime - sample.time : before;
      const timeUs = whole.next(next === undefined ? last : next - sample.time);
      if (!found)
        losses.damage(
          'ERR_CPUPROFILE_NODE',
          'stacks of samples whose nodes are not there are marked invalid',
        );
      const stack = found ?? stacks.lost;
      onSample?.(next ?? sample.time + last, timeUs);
      sink.addSample(stack.id, thread, timeUs, 0, stack.flags);
    }
  }

  #stacks(stacks: ForeignStacks): (sample: V8Sample) => ForeignStack | undefined {
    const known = new Map<number, ForeignStack>();
    const parentStack = (id: number): ForeignStack | undefined => {
      const path: number[] = [];
      for (
        let at: number | undefined = id;
        at !== undefined && !known.has(at);
        at = this.#nodes.get(at)!.parent
      ) {
        // A tree that is none would have no end.
        if (!this.#nodes.has(at) || path.length > this.#nodes.size) return undefined;
        path.push(at);
      }
      for (const at of path.reverse()) {
        const { parent, frame } = this.#nodes.get(at)!;
        // The root of the tree is no function.
        const stack =
          parent === undefined ? stacks.root : stacks.child(known.get(parent)!, entryOf(stacks, frame, 0));
        known.set(at, stack);
      }
      return known.get(id);
    };
    return ({ node, line }) => {
      const stack = parentStack(node);
      const { parent, frame } = this.#nodes.get(node) ?? {};
      if (!stack || line === 0 || parent === undefined || !frame) return stack;
      return stacks.child(known.get(parent)!, entryOf(stacks, frame, line));
    };
  }
}

/** Lines of V8's functions count from 0, those of samples from 1. */
function entryOf(stacks: ForeignStacks, frame: JsonObject, line: number): Entry {
  const name = textOf(frame['functionName']);
  const file = textOf(frame['url']);
  const firstLine = (numberOf(frame['lineNumber']) ?? -1) + 1;
  const isCode = file !== '' || firstLine > 0;
  return stacks.entry({
    name: name === '' ? ANONYMOUS : name,
    file,
    line: isCode ? line : 0,
    firstLine: positionOf(firstLine),
    kind: isCode ? FrameKind.Python : FrameKind.Native,
    // The frame keeps its name, so that idle time shows where it was recorded.
    ...(name === '(idle)' && !isCode && { flag: SampleFlag.Idle }),
  });
}
