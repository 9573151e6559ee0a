import {
  type Column,
  float64Column,
  InternTable,
  type Profile,
  SampleFlag,
  type StackId,
  samplesOfRow,
} from '@austin-profiler/profile';
import { type WeightType, weightOf } from '../../weights.js';
import type { Locations } from './locations.js';

/** Samples with the same path, thread and flags, summed: row i of each column is one pprof sample. */
export interface MergedSamples {
  readonly count: number;
  path(row: number): number;
  thread(row: number): number;
  flags(row: number): number;
  /** How many samples the row stands for. */
  samples(row: number): number;
  /** The weight of each type. */
  readonly weights: readonly Float64Array[];
}

/** Sums samples that pprof could not tell apart, in order of first appearance. */
export function mergeSamples(
  profile: Profile,
  locations: Locations,
  types: readonly WeightType[],
): MergedSamples {
  const { samples } = profile;
  const rows = new InternTable(3);
  const rowCounts: Column<Float64Array> = float64Column();
  const sums = types.map((): Column<Float64Array> => float64Column());
  const newRow = (): void => {
    rowCounts.push(0);
    for (const sum of sums) sum.push(0);
  };
  for (let i = 0; i < samples.length; i++) {
    const path = locations.path(samples.stack[i]! as StackId);
    const row = rows.intern(path, samples.thread[i]!, samples.flags[i]! & ~SampleFlag.HoldsGil);
    if (row === rowCounts.length) newRow();
    rowCounts.add(row, samplesOfRow(samples, i));
    for (let at = 0; at < types.length; at++) sums[at]!.add(row, weightOf(profile, i, types[at]!));
  }
  return {
    count: rows.size,
    path: (row) => rows.get(row, 0),
    thread: (row) => rows.get(row, 1),
    flags: (row) => rows.get(row, 2),
    samples: (row) => rowCounts.at(row),
    weights: sums.map((sum) => sum.view()),
  };
}
