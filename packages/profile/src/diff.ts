import { type Metric, sampleWeight } from './call-tree.js';
import { differenceInterval, type Interval } from './confidence.js';
import { matchFiles } from './matching-files.js';
import type { Profile } from './profile.js';
import { type Hotness, type ProfileSummary, type SummaryOptions, summarize } from './summary.js';
import { EMPTY_STACK, type FrameKind, ProfileTables } from './tables.js';
import type { FunctionId, StackId, StringId } from './units.js';

/** A side of a difference, with what `summarize` needs to know of it. */
export interface DiffSide {
  readonly profile: Profile;
  readonly options: SummaryOptions;
}

/** What became of a function. Lines may have moved, so a function is its name and file: {@link matchFiles} tells which. */
export interface FunctionDifference {
  readonly name: string;
  /** As `after` calls it, unless only `before` has the function. */
  readonly file: string;
  /** As `before` calls it; another name than `file` for a file whose folder was renamed. */
  readonly fileBefore: string;
  readonly kind: FrameKind;
  readonly before: Hotness;
  readonly after: Hotness;
  /** Of the share, -1 to 1. */
  readonly selfChange: number;
  readonly totalChange: number;
  /** Limits of the change with 95 % confidence; null where a side has no samples. */
  readonly selfInterval: Interval | null;
  readonly totalInterval: Interval | null;
}

export interface ProfileDifference {
  readonly before: ProfileSummary;
  readonly after: ProfileSummary;
  /** Every function of either side, the largest change of the self share first. */
  readonly functions: readonly FunctionDifference[];
}

/** Compares two profiles function by function, all threads together, by their shares of the whole. */
export function diffFunctions(before: DiffSide, after: DiffSide): ProfileDifference {
  const oldName = oldFileNames(before.profile, after.profile);
  const oldSide = sideByName(before, (file) => file);
  const newSide = sideByName(after, oldName);
  const sides = [oldSide.summary, newSide.summary] as const;
  const rows = new Map<string, Row>();
  for (const [at, { summary, describe }] of [oldSide, newSide].entries()) {
    for (const { fn, self, total } of summary.functions) {
      const { key, ...names } = describe(fn);
      const known = rows.get(key)?.sides ?? [NOTHING, NOTHING];
      const hotness = { self, total };
      rows.set(key, { ...names, sides: at === 0 ? [hotness, known[1]] : [known[0], hotness] });
    }
  }
  const functions = [...rows.values()].map(({ sides: [a, b], ...name }) => ({
    ...name,
    before: a,
    after: b,
    ...changes('self', a, b, sides),
    ...changes('total', a, b, sides),
  })) as FunctionDifference[];
  functions.sort(
    (a, b) =>
      Math.abs(b.selfChange) - Math.abs(a.selfChange) || Math.abs(b.totalChange) - Math.abs(a.totalChange),
  );
  return { before: sides[0], after: sides[1], functions };
}

const NOTHING: Hotness = { self: 0, total: 0 };

interface Row {
  readonly name: string;
  readonly file: string;
  readonly fileBefore: string;
  readonly kind: FrameKind;
  readonly sides: readonly [Hotness, Hotness];
}

/** Adds up a profile, with functions of one name and file as one: in a stack with two of them they count once. */
function sideByName({ profile, options }: DiffSide, oldName: (file: string) => string) {
  const { tables } = profile;
  const describe = (fn: FunctionId) => {
    const name = tables.string(tables.functionName(fn));
    const file = tables.string(tables.functionFile(fn));
    const fileBefore = oldName(file);
    const kind = tables.functionKind(fn);
    return { key: JSON.stringify([name, fileBefore, kind]), name, file, fileBefore, kind };
  };
  const firstOf = new Map<string, FunctionId>();
  const sameFunction = (fn: FunctionId): FunctionId => {
    const { key } = describe(fn);
    const first = firstOf.get(key) ?? fn;
    firstOf.set(key, first);
    return first;
  };
  return { summary: summarize(profile, { ...options, sameFunction }), describe };
}

/** What `before` calls the files of `after`. */
function oldFileNames(before: Profile, after: Profile): (file: string) => string {
  const matches = matchFiles(filesOf(before.tables), filesOf(after.tables));
  return (file) => matches.get(file) ?? file;
}

function filesOf(tables: ProfileTables): Set<string> {
  const ids = new Set<StringId>();
  for (let fn = 0 as FunctionId; fn < tables.functionCount; fn++) ids.add(tables.functionFile(fn));
  return new Set([...ids].map((id) => tables.string(id)));
}

function changes(
  of: 'self' | 'total',
  before: Hotness,
  after: Hotness,
  [wholeBefore, wholeAfter]: readonly [ProfileSummary, ProfileSummary],
) {
  const share = (part: number, whole: number): number => (whole > 0 ? Math.min(part / whole, 1) : 0);
  const a = share(before[of], wholeBefore.total);
  const b = share(after[of], wholeAfter.total);
  const interval = differenceInterval(
    { share: a, samples: wholeBefore.effectiveSamples },
    { share: b, samples: wholeAfter.effectiveSamples },
  );
  return { [`${of}Change`]: b - a, [`${of}Interval`]: interval };
}

/** What became of a stack. */
export interface StackDifference {
  /** In the tables of the {@link StackDifferences}. */
  readonly stack: StackId;
  /** Weight of the samples that end here. */
  readonly before: number;
  readonly after: number;
}

export interface StackDifferences {
  readonly tables: ProfileTables;
  /** Those of `before` in order of first appearance, then those that only `after` has. */
  readonly stacks: readonly StackDifference[];
}

/**
 * Compares two profiles stack by stack, all threads together: functions at lines, without columns. Stacks are matched that are
 * equal; of those left over, stacks of the same functions at other lines, the heaviest with the heaviest, because code moves.
 * A stack that one side does not have weighs nothing there. Files that {@link matchFiles} finds have the names of `before`.
 */
export function diffStacks(before: Profile, after: Profile, metric: Metric): StackDifferences {
  const tables = new ProfileTables();
  const a = weights(before, metric, tables, (file) => file);
  const b = weights(after, metric, tables, oldFileNames(before, after));
  const paths = new Map<StackId, StackId[]>();
  const functionsOf = functionPaths(tables);
  for (const stack of [...b.keys()].sort((x, y) => b.get(y)! - b.get(x)!)) {
    if (a.has(stack)) continue;
    const path = functionsOf(stack);
    const list = paths.get(path);
    if (list) list.push(stack);
    else paths.set(path, [stack]);
  }
  const moved = new Map<StackId, StackId>();
  for (const stack of [...a.keys()].sort((x, y) => a.get(y)! - a.get(x)!)) {
    if (b.has(stack)) continue;
    const match = paths.get(functionsOf(stack))?.shift();
    if (match !== undefined) moved.set(stack, match);
  }
  const stacks: StackDifference[] = [];
  for (const [stack, weight] of a) {
    stacks.push({ stack, before: weight, after: b.get(moved.get(stack) ?? stack) ?? 0 });
  }
  const matched = new Set(moved.values());
  for (const [stack, weight] of b) {
    if (!a.has(stack) && !matched.has(stack)) stacks.push({ stack, before: 0, after: weight });
  }
  return { tables, stacks };
}

/** Weight by stack, with the stacks in `to`, in order of first appearance. */
function weights(
  profile: Profile,
  metric: Metric,
  to: ProfileTables,
  fileName: (file: string) => string,
): Map<StackId, number> {
  const { samples } = profile;
  const copy = stackCopier(profile.tables, to, fileName);
  const found = new Map<StackId, number>();
  for (let i = 0; i < samples.length; i++) {
    const weight = Math.max(0, sampleWeight(profile, i, metric));
    if (weight === 0) continue;
    const stack = copy(samples.stack[i]! as StackId);
    found.set(stack, (found.get(stack) ?? 0) + weight);
  }
  return found;
}

/** Interns stacks of functions at lines. */
function stackCopier(
  from: ProfileTables,
  to: ProfileTables,
  fileName: (file: string) => string,
): (stack: StackId) => StackId {
  return mapStacks(from, to, (stack) => {
    const { name, file, kind, line } = from.frameInfo(from.stackFrame(stack));
    const fn = to.internFunction(to.internString(name), to.internString(fileName(file)), 0, kind);
    return to.internFrame(fn, line);
  });
}

/** The same stack without lines: equal for stacks of the same functions. */
function functionPaths(tables: ProfileTables): (stack: StackId) => StackId {
  const paths = new ProfileTables();
  return mapStacks(tables, paths, (stack) => {
    const fn = tables.frameFunction(tables.stackFrame(stack));
    return paths.internFrame(fn);
  });
}

function mapStacks(
  from: ProfileTables,
  to: ProfileTables,
  frame: (stack: StackId) => ReturnType<ProfileTables['internFrame']>,
): (stack: StackId) => StackId {
  const known = new Map<StackId, StackId>([[EMPTY_STACK, EMPTY_STACK]]);
  return (stack) => {
    // Bottom-up without recursion: stacks may be ten thousand frames deep.
    const missing: StackId[] = [];
    let at = stack;
    let copy = known.get(at);
    while (copy === undefined) {
      missing.push(at);
      at = from.stackParent(at);
      copy = known.get(at);
    }
    for (const id of missing.reverse()) {
      copy = to.internStack(copy, frame(id));
      known.set(id, copy);
    }
    return copy;
  };
}
