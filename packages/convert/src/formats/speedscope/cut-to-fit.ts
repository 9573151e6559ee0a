import {
  EMPTY_STACK,
  type Profile,
  type ProfileTables,
  type SampleColumns,
  type StackId,
} from '@austin-profiler/profile';
import { foldedStack } from '../../adding-up/folded-stack.js';
import { SampleSums } from '../../summing-stream.js';
import { type Limits, SizeEstimate } from './size.js';

/** Set beside the flags of a row whose stack is cut. */
const CUT = 0x80;

/** Where cutting stacks begins, as a share of the whole. */
const LEAST_SHARE = 1e-7;

export interface CutSamples {
  readonly samples: SampleColumns;
  /** Share of the whole below which stacks were cut; 0 if all fit as they are. */
  readonly cutBelow: number;
}

/**
 * Makes sums small enough: stacks are cut where they leave heavier ones, the lightest first, and their weight counts there for
 * a frame that says so. No weight is lost.
 */
export function cutToFit(profile: Profile, limits: Limits): CutSamples {
  const { tables, samples, mode } = profile;
  if (isWithin(tables, samples, mode, limits)) return { samples, cutBelow: 0 };
  const totals = stackTotals(tables, samples);
  for (let share = LEAST_SHARE; ; share *= 2) {
    const cut = cutBelow(tables, samples, totals, share * totals[EMPTY_STACK]!);
    // With every stack cut at its root there is nothing left to give up.
    if (share <= 1 && !isWithin(tables, cut, mode, limits)) continue;
    return { samples: withFolds(tables, cut), cutBelow: share };
  }
}

/** Whether a file of these samples is small enough. */
export function isWithin(
  tables: ProfileTables,
  { stack, timeUs, memoryBytes, flags, length }: SampleColumns,
  mode: string,
  limits: Limits,
): boolean {
  const size = new SizeEstimate(tables);
  for (let i = 0; i < length; i++) {
    const more = flags[i]! & CUT ? 1 : 0;
    size.add(stack[i]! as StackId, timeUs[i]!, memoryBytes[i]!, flags[i]!, mode, more);
  }
  return size.isWithin(limits);
}

/** Weight of each stack and of those that continue it, as time and memory together. */
function stackTotals(
  tables: ProfileTables,
  { stack, timeUs, memoryBytes, length }: SampleColumns,
): Float64Array {
  const totals = new Float64Array(tables.stackCount);
  for (let i = 0; i < length; i++) totals[stack[i]!]! += timeUs[i]! + Math.abs(memoryBytes[i]!);
  // A stack is interned after its parent, so ids order them.
  for (let id = totals.length - 1; id > EMPTY_STACK; id--) {
    totals[tables.stackParent(id as StackId)]! += totals[id]!;
  }
  return totals;
}

function cutBelow(
  tables: ProfileTables,
  samples: SampleColumns,
  totals: Float64Array,
  least: number,
): SampleColumns {
  const sums = new SampleSums();
  for (let i = 0; i < samples.length; i++) {
    const whole = samples.stack[i]! as StackId;
    let kept = whole;
    while (kept !== EMPTY_STACK && totals[kept]! < least) kept = tables.stackParent(kept);
    const mark = kept === whole ? 0 : CUT;
    sums.addRow(samples, i, kept, mark);
  }
  return sums.build();
}

function withFolds(tables: ProfileTables, samples: SampleColumns): SampleColumns {
  const stack = Uint32Array.from(samples.stack, (id, i) =>
    samples.flags[i]! & CUT ? foldedStack(tables, id as StackId) : id,
  );
  return { ...samples, stack, flags: samples.flags.map((flags) => flags & ~CUT) };
}
