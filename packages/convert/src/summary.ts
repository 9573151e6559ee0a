import {
  effectiveSamples,
  InternTable,
  type Interval,
  type Profile,
  type ThreadId,
  wilson,
} from '@austin-profiler/profile';
import { callGraph, nodeWeights } from './call-graph.js';
import { ShownStacks } from './shown-stacks.js';
import { threadsInOrder } from './thread-ids.js';
import { threadTitle } from './thread-samples.js';
import { type WeightType, weightOf } from './weights.js';

/** A part of the whole weight. */
export interface Part {
  /** In the weight's unit. */
  readonly weight: number;
  /** From 0 to 1. */
  readonly share: number;
  /** Where the share lies with 95 % confidence, as far as samples taken independently of each other can tell. */
  readonly interval: Interval | null;
}

export interface FunctionSummary {
  readonly name: string;
  /** Empty when unknown. */
  readonly file: string;
  /** From 1; 0 when unknown. */
  readonly firstLine: number;
  /** In the function itself. */
  readonly self: Part;
  /** In the function and all that it called; a function that calls itself counts once. */
  readonly total: Part;
}

export interface LineSummary {
  readonly name: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly self: Part;
}

export interface ThreadSummary {
  readonly pid: number;
  readonly title: string;
  readonly total: Part;
}

/** One weight of a profile, summed up. */
export interface Summary {
  readonly type: WeightType;
  readonly total: number;
  /** Samples that have some of the weight. */
  readonly samples: number;
  /** By weight in the function itself, heaviest first. */
  readonly functions: readonly FunctionSummary[];
  /** By weight in the line itself, heaviest first; only lines that are known. */
  readonly lines: readonly LineSummary[];
  /** By process, interpreter and thread, each in numeric order. */
  readonly threads: readonly ThreadSummary[];
}

/** Sums a profile up: which functions and lines a weight is in, and which threads. */
export function summarize(profile: Profile, type: WeightType): Summary {
  const { thread, length } = profile.samples;
  const ofThread = new Float64Array(profile.tables.threadCount);
  let total = 0;
  let squares = 0;
  let samples = 0;
  for (let i = 0; i < length; i++) {
    const weight = weightOf(profile, i, type);
    if (weight === 0) continue;
    samples++;
    total += weight;
    squares += weight * weight;
    ofThread[thread[i]!]! += weight;
  }
  // Numbers without a unit are samples that somebody else has summed up.
  const trials = type.unit === 'count' ? total : effectiveSamples(total, squares);
  const part = (weight: number): Part => {
    const share = total === 0 ? 0 : weight / total;
    return { weight, share, interval: wilson(share, trials) };
  };
  const stacks = new ShownStacks(profile.tables, false);
  const functions = [...callGraph(profile, stacks, type).functions.values()]
    .sort((a, b) => b.self - a.self || b.total - a.total)
    .map((row) => {
      const { name, file, firstLine } = stacks.fn(row.fn);
      return { name, file, firstLine, self: part(row.self), total: part(row.total) };
    });
  const threads = threadsInOrder(profile)
    .filter((id) => ofThread[id]! > 0)
    .map((id: ThreadId) => ({
      pid: profile.tables.thread(id).pid,
      title: threadTitle(profile, id),
      total: part(ofThread[id]!),
    }));
  return { type, total, samples, functions, lines: lines(profile, type, part), threads };
}

function lines(profile: Profile, type: WeightType, part: (weight: number) => Part): LineSummary[] {
  const stacks = new ShownStacks(profile.tables, true);
  const { weights } = nodeWeights(profile, stacks, type);
  const rows = new InternTable(2);
  const sums: number[] = [];
  for (const [node, weight] of weights.entries()) {
    if (weight === 0) continue;
    const frame = stacks.frame(node);
    const line = stacks.frameLine(frame);
    if (line === 0) continue;
    const row = rows.intern(stacks.frameFunction(frame), line);
    sums[row] = (sums[row] ?? 0) + weight;
  }
  return sums
    .map((sum, row) => ({ sum, fn: rows.get(row, 0), line: rows.get(row, 1) }))
    .sort((a, b) => b.sum - a.sum)
    .map(({ sum, fn, line }) => {
      const { name, file } = stacks.fn(fn);
      return { name, file, line, self: part(sum) };
    });
}
