import { FrameKind, type Profile, SampleFlag, type StackId } from '@austin-profiler/profile';
import { GARBAGE_COLLECTION, INVALID_STACK, NO_FRAMES, UNNAMED } from '../synthetic-names.js';
import { type WeightType, weightOf } from '../weights.js';

/** Self and total weight of functions, by a key that a format can tell them apart by. */
export type FunctionTotals = Record<string, { self: number; total: number }>;

/**
 * What functions weigh in a profile, worked out sample by sample: the slow and simple way, to hold writers against.
 *
 * @param marks whether marks of samples are functions, as formats that know nothing else show them
 */
export function functionTotals(
  profile: Profile,
  type: WeightType,
  keyOf: (name: string, file: string, firstLine: number, kind: FrameKind) => string = (name) => name,
  marks = true,
): FunctionTotals {
  const { tables, samples } = profile;
  const totals: FunctionTotals = Object.create(null) as FunctionTotals;
  for (let i = 0; i < samples.length; i++) {
    const weight = weightOf(profile, i, type);
    if (weight === 0) continue;
    const keys = tables.stackFrames(samples.stack[i]! as StackId).map((frame) => {
      const { name, file, firstLine, kind } = tables.frameInfo(frame);
      return keyOf(name || UNNAMED, file, firstLine, kind);
    });
    const flags = marks ? samples.flags[i]! : 0;
    if (flags & SampleFlag.Invalid) keys.unshift(keyOf(INVALID_STACK, '', 0, FrameKind.Python));
    if (flags & SampleFlag.Gc) keys.push(keyOf(GARBAGE_COLLECTION, '', 0, FrameKind.Python));
    if (keys.length === 0 && !marks) continue;
    if (keys.length === 0) keys.push(keyOf(NO_FRAMES, '', 0, FrameKind.Python));
    for (const key of new Set(keys)) {
      totals[key] ??= { self: 0, total: 0 };
      totals[key].total += weight;
    }
    totals[keys.at(-1)!]!.self += weight;
  }
  return totals;
}
