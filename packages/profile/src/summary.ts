import { type Metric, sampleWeight } from './call-tree.js';
import { effectiveSamples } from './confidence.js';
import { InternTable } from './intern-table.js';
import { type Profile, SampleFlag } from './profile.js';
import { samplesOfRow, squareOfRow } from './row-sums.js';
import { EMPTY_STACK } from './tables.js';
import type { FunctionId, StackId, ThreadId } from './units.js';

export interface SummaryOptions {
  readonly metric: Metric;
  /** The weights are numbers of samples that were merged before we saw them. Default: false. */
  readonly isCount?: boolean;
  /**
   * Where equal samples were merged into one row: how many there were. What they say of a part is taken to be in proportion
   * to its weight.
   */
  readonly mergedSamples?: number;
  /** The function that stands for several of which a stack is to count one only. Default: each for itself. */
  readonly sameFunction?: (fn: FunctionId) => FunctionId;
}

/** Weight with something: where it ends, and where it passes through. */
export interface Hotness {
  /** Weight of samples with this innermost. */
  readonly self: number;
  /** Weight of samples with this anywhere in their stack, each counted once. */
  readonly total: number;
}

export interface HotFunction extends Hotness {
  readonly fn: FunctionId;
}

export interface HotLine extends Hotness {
  readonly fn: FunctionId;
  /** From 1; 0 = unknown. */
  readonly line: number;
}

/** What some samples say together. Hottest first: by `self`, then by `total`. */
export interface SampleSummary {
  /** Weight of all these samples: µs, bytes, or a count. */
  readonly total: number;
  /** How many samples have a weight in the metric. */
  readonly samples: number;
  /** Samples of equal weight that would tell as much: the `n` of {@link wilson}. */
  readonly effectiveSamples: number;
  /** Weight of samples without frames. */
  readonly withoutFrames: number;
  /** Weight of samples whose stack could not be read whole. */
  readonly invalid: number;
  /** Weight of samples taken while the garbage collector ran. */
  readonly gc: number;
  readonly functions: readonly HotFunction[];
  readonly lines: readonly HotLine[];
}

export interface ThreadSummary extends SampleSummary {
  readonly thread: ThreadId;
}

export interface ProfileSummary extends SampleSummary {
  /** The heaviest first; threads without weight are left out. */
  readonly threads: readonly ThreadSummary[];
}

/** Self and total of every function and line, of all samples and of those of each thread. */
export function summarize(profile: Profile, options: SummaryOptions): ProfileSummary {
  const weightOf = (i: number): number => Math.max(0, sampleWeight(profile, i, options.metric));
  const isMemory = options.metric === 'allocated' || options.metric === 'deallocated';
  const all = new StackWeights(profile, options.isCount === true);
  const one = new StackWeights(profile, options.isCount === true);
  const counter = new HotnessCounter(profile, options.sameFunction);
  const threads: ThreadSummary[] = [];
  for (const { thread, rows } of rowsByThread(profile)) {
    for (const row of rows) {
      const weight = weightOf(row);
      if (weight === 0) continue;
      const square = squareOfRow(profile.samples, row, isMemory ? 'memoryBytes' : 'timeUs');
      one.add(row, weight, square);
      all.add(row, weight, square);
    }
    if (one.samples > 0) threads.push({ thread, ...one.facts(), ...counter.count(one) });
    one.clear();
  }
  threads.sort((a, b) => b.total - a.total || a.thread - b.thread);
  // Of a single thread that has been counted.
  const [only] = threads;
  const counts =
    threads.length === 1 ? { functions: only!.functions, lines: only!.lines } : counter.count(all);
  const summary = { ...all.facts(), ...counts, threads };
  return options.mergedSamples === undefined ? summary : unmerged(summary, options.mergedSamples);
}

/** Gives back the numbers of samples that merging has taken away. */
function unmerged(summary: ProfileSummary, merged: number): ProfileSummary {
  const counts = ({ total }: SampleSummary) => {
    const samples = summary.total > 0 ? (merged * total) / summary.total : 0;
    return { samples: Math.round(samples), effectiveSamples: samples };
  };
  const threads = summary.threads.map((part) => ({ ...part, ...counts(part) }));
  return { ...summary, ...counts(summary), threads };
}

/** Groups the samples by thread, in order of the threads' ids: row numbers in order of sampling. */
function* rowsByThread({ samples, tables }: Profile): Iterable<{ thread: ThreadId; rows: Uint32Array }> {
  const starts = new Uint32Array(tables.threadCount + 1);
  for (const thread of samples.thread) starts[thread + 1]!++;
  for (let thread = 0; thread < tables.threadCount; thread++) starts[thread + 1]! += starts[thread]!;
  const rows = new Uint32Array(samples.length);
  const next = starts.slice();
  for (let i = 0; i < samples.length; i++) rows[next[samples.thread[i]!]!++] = i;
  for (let thread = 0; thread < tables.threadCount; thread++) {
    yield { thread: thread as ThreadId, rows: rows.subarray(starts[thread]!, starts[thread + 1]!) };
  }
}

/** Samples merged by stack. Cleared and used again for each thread. */
class StackWeights {
  readonly self: Float64Array;
  /** Stacks with weight, in order of first appearance. */
  readonly stacks: StackId[] = [];
  samples = 0;
  readonly #profile: Profile;
  readonly #isCount: boolean;
  #total = 0;
  #squares = 0;
  #invalid = 0;
  #gc = 0;

  constructor(profile: Profile, isCount: boolean) {
    this.#profile = profile;
    this.#isCount = isCount;
    this.self = new Float64Array(profile.tables.stackCount);
  }

  add(row: number, weight: number, square: number): void {
    const { samples } = this.#profile;
    const stack = samples.stack[row]! as StackId;
    if (this.self[stack] === 0) this.stacks.push(stack);
    this.self[stack]! += weight;
    this.#total += weight;
    this.#squares += square;
    this.samples += this.#isCount ? weight : samplesOfRow(samples, row);
    if (samples.flags[row]! & SampleFlag.Invalid) this.#invalid += weight;
    if (samples.flags[row]! & SampleFlag.Gc) this.#gc += weight;
  }

  facts() {
    return {
      total: this.#total,
      samples: this.samples,
      effectiveSamples: this.#isCount ? this.#total : effectiveSamples(this.#total, this.#squares),
      withoutFrames: this.self[EMPTY_STACK]!,
      invalid: this.#invalid,
      gc: this.#gc,
    };
  }

  clear(): void {
    for (const stack of this.stacks) this.self[stack] = 0;
    this.stacks.length = 0;
    this.samples = 0;
    this.#total = 0;
    this.#squares = 0;
    this.#invalid = 0;
    this.#gc = 0;
  }
}

/** Adds up stacks by function and by line. Each row of the two tables has its place in the same columns. */
class HotnessCounter {
  readonly #profile: Profile;
  readonly #functions: Tally;
  readonly #lines: Tally;
  readonly #lineTable = new InternTable(2);
  readonly #functionOfFrame: Uint32Array;
  readonly #lineOfFrame: Uint32Array;

  constructor(profile: Profile, sameFunction: (fn: FunctionId) => FunctionId = (fn) => fn) {
    const { tables } = profile;
    this.#profile = profile;
    this.#functionOfFrame = new Uint32Array(tables.frameCount);
    this.#lineOfFrame = new Uint32Array(tables.frameCount);
    for (let frame = 0; frame < tables.frameCount; frame++) {
      const fn = tables.frameFunction(frame as never);
      this.#functionOfFrame[frame] = sameFunction(fn);
      this.#lineOfFrame[frame] = this.#lineTable.intern(fn, tables.frameLine(frame as never));
    }
    this.#functions = new Tally(tables.functionCount);
    this.#lines = new Tally(this.#lineTable.size);
  }

  count(weights: StackWeights): { functions: HotFunction[]; lines: HotLine[] } {
    const { tables } = this.#profile;
    for (const stack of weights.stacks) {
      const weight = weights.self[stack]!;
      this.#functions.nextStack();
      this.#lines.nextStack();
      for (let at = stack; at !== EMPTY_STACK; at = tables.stackParent(at)) {
        const frame = tables.stackFrame(at);
        this.#functions.add(this.#functionOfFrame[frame]!, weight, at === stack);
        this.#lines.add(this.#lineOfFrame[frame]!, weight, at === stack);
      }
    }
    return {
      functions: this.#functions.take((fn, hotness) => ({ fn: fn as FunctionId, ...hotness })),
      lines: this.#lines.take((id, hotness) => ({
        fn: this.#lineTable.get(id, 0) as FunctionId,
        line: this.#lineTable.get(id, 1),
        ...hotness,
      })),
    };
  }
}

/** Self and total by row of some table. A row that is in a stack twice counts once. */
class Tally {
  readonly #self: Float64Array;
  readonly #total: Float64Array;
  /** The last stack that each row was in, so that recursion is seen without a set per stack. */
  readonly #lastStack: Uint32Array;
  readonly #touched: number[] = [];
  #stack = 0;

  constructor(rows: number) {
    this.#self = new Float64Array(rows);
    this.#total = new Float64Array(rows);
    this.#lastStack = new Uint32Array(rows);
  }

  nextStack(): void {
    this.#stack++;
  }

  add(row: number, weight: number, isInnermost: boolean): void {
    if (isInnermost) this.#self[row]! += weight;
    if (this.#lastStack[row] === this.#stack) return;
    this.#lastStack[row] = this.#stack;
    if (this.#total[row] === 0) this.#touched.push(row);
    this.#total[row]! += weight;
  }

  /** The rows with weight, the hottest first, and a clean slate. */
  take<T extends Hotness>(entry: (row: number, hotness: Hotness) => T): T[] {
    this.#touched.sort(
      (a, b) => this.#self[b]! - this.#self[a]! || this.#total[b]! - this.#total[a]! || a - b,
    );
    const entries = this.#touched.map((row) =>
      entry(row, { self: this.#self[row]!, total: this.#total[row]! }),
    );
    for (const row of this.#touched) {
      this.#self[row] = 0;
      this.#total[row] = 0;
    }
    this.#touched.length = 0;
    return entries;
  }
}
