import type { Profile, StackId } from '@austin-profiler/profile';
import { type Column, float64Column, InternTable } from '@austin-profiler/profile';
import { SHOWN_ROOT, type ShownNode, type ShownStacks } from './shown-stacks.js';
import { type WeightType, weightOf } from './weights.js';

/**
 * What functions weigh by themselves and with what they call, and who called whom. A function that occurs several times
 * in a stack gets the sample's weight once, and so does a call.
 */
export interface CallGraph {
  readonly functions: ReadonlyMap<number, FunctionWeights>;
  readonly calls: Iterable<Call>;
}

export interface FunctionWeights {
  readonly fn: number;
  /** Samples in which the function was innermost, and their weight. */
  readonly selfSamples: number;
  readonly self: number;
  /** Samples in which the function occurs, and their weight. */
  readonly totalSamples: number;
  readonly total: number;
}

export interface Call {
  readonly caller: number;
  readonly callee: number;
  /** Samples in which the call occurs; their weight; and what of it the callee has by itself. */
  readonly samples: number;
  readonly total: number;
  readonly selfSamples: number;
  readonly self: number;
}

/** Sums a weight over the nodes of `stacks`: number of samples and weight of each node by itself. */
export function nodeWeights(
  profile: Profile,
  stacks: ShownStacks,
  type: WeightType,
  rows?: Uint32Array,
): { readonly samples: Float64Array; readonly weights: Float64Array } {
  const { stack, flags, count, length } = profile.samples;
  const samples: Column<Float64Array> = float64Column();
  const weights: Column<Float64Array> = float64Column();
  const end = rows?.length ?? length;
  for (let at = 0; at < end; at++) {
    const i = rows ? rows[at]! : at;
    const weight = weightOf(profile, i, type);
    if (weight === 0) continue;
    const node = stacks.node(stack[i]! as StackId, flags[i]!);
    while (weights.length < stacks.nodeCount) {
      samples.push(0);
      weights.push(0);
    }
    samples.view()[node]! += count?.[i] ?? 1;
    weights.view()[node]! += weight;
  }
  return { samples: samples.view(), weights: weights.view() };
}

/**
 * Sums up functions and calls over all samples.
 *
 * @param same which function stands for one, where a format cannot tell two apart
 */
export function callGraph(
  profile: Profile,
  stacks: ShownStacks,
  type: WeightType,
  same: (fn: number) => number = (fn) => fn,
): CallGraph {
  const nodes = nodeWeights(profile, stacks, type);
  const functions = new Map<number, Mutable<FunctionWeights>>();
  const pairs = new InternTable(2);
  const calls: Mutable<Call>[] = [];
  const seenFunctions = new Set<number>();
  const seenCalls = new Set<number>();
  for (let leaf = 1; leaf < nodes.weights.length; leaf++) {
    const weight = nodes.weights[leaf]!;
    const samples = nodes.samples[leaf]!;
    if (weight === 0) continue;
    seenFunctions.clear();
    seenCalls.clear();
    for (let at: ShownNode = leaf; at !== SHOWN_ROOT; at = stacks.parent(at)) {
      const fn = same(stacks.frameFunction(stacks.frame(at)));
      let row = functions.get(fn);
      if (!row) {
        row = { fn, selfSamples: 0, self: 0, totalSamples: 0, total: 0 };
        functions.set(fn, row);
      }
      if (at === leaf) {
        row.self += weight;
        row.selfSamples += samples;
      }
      if (!seenFunctions.has(fn)) {
        seenFunctions.add(fn);
        row.total += weight;
        row.totalSamples += samples;
      }
      const parent = stacks.parent(at);
      if (parent === SHOWN_ROOT) break;
      const caller = same(stacks.frameFunction(stacks.frame(parent)));
      const pair = pairs.intern(caller, fn);
      calls[pair] ??= { caller, callee: fn, samples: 0, total: 0, selfSamples: 0, self: 0 };
      const call = calls[pair];
      if (at === leaf) {
        call.self += weight;
        call.selfSamples += samples;
      }
      if (seenCalls.has(pair)) continue;
      seenCalls.add(pair);
      call.total += weight;
      call.samples += samples;
    }
  }
  return { functions, calls };
}

/** For a format that knows functions by a key: the function that stands for all with the same key, the first asked for. */
export function oneOfEach(keyOf: (fn: number) => string): (fn: number) => number {
  const firstOf = new Map<string, number>();
  const known: number[] = [];
  return (fn) => {
    if (known[fn] === undefined) {
      const key = keyOf(fn);
      known[fn] = firstOf.get(key) ?? fn;
      firstOf.set(key, known[fn]);
    }
    return known[fn];
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
