import type { Mode } from '@austin-profiler/profile';
import { bytesIn, microsecondsIn } from '../../quantities.js';

/** A type of value of a pprof file, with its texts. */
export interface ValueType {
  readonly type: string;
  readonly unit: string;
}

/** Which of a sample's values become its weight: indexes, each with the factor to microseconds or bytes. */
export interface ChosenValues {
  readonly mode: Mode;
  readonly wall?: Chosen;
  readonly cpu?: Chosen;
  readonly allocated?: Chosen;
  readonly deallocated?: Chosen;
  /** The only kind of value is a number without a unit that we know. */
  readonly count?: Chosen;
  /** How many samples a row stands for. */
  readonly samples?: Chosen;
  /** Types that find no place, as `type/unit`. How many samples a row stands for is not one of them. */
  readonly dropped: readonly string[];
}

export interface Chosen {
  readonly at: number;
  readonly scale: number;
}

/**
 * Chooses what a profile can hold: one time, or wall and CPU time together; one amount of memory, or allocation and
 * deallocation together; a count only if there is nothing else. Where several would do, the file's default, or else the
 * last, as pprof itself does.
 */
export function chooseValues(types: readonly ValueType[], defaultType: string): ChosenValues {
  const times = candidates(types, microsecondsIn);
  const sizes = candidates(types, bytesIn);
  const named = (list: readonly Candidate[], pattern: RegExp): Candidate | undefined =>
    list.find(({ type }) => pattern.test(type));
  const preferred = (list: readonly Candidate[]): Candidate | undefined =>
    list.find(({ type }) => type === defaultType) ?? list.at(-1);

  let wall = named(times, /^wall([ _-]?time)?$/i);
  const cpu = named(times, /^cpu([ _-]?time)?$/i);
  if (!cpu) wall ??= preferred(times);
  let allocated = named(sizes, /^(alloc_space|allocated memory)$/i);
  const deallocated = named(sizes, /^(dealloc_space|deallocated memory)$/i);
  if (!deallocated) allocated = preferred(sizes);
  const hasTime = wall !== undefined || cpu !== undefined;
  const hasSize = allocated !== undefined || deallocated !== undefined;
  const count =
    hasTime || hasSize ? undefined : preferred(types.map((type, at) => ({ ...type, at, scale: 1 })));

  const chosen = { wall, cpu, allocated, deallocated, count };
  const used = new Set(Object.values(chosen).map((value) => value?.at));
  const samplesAt = types.findIndex(({ type }) => type === 'samples');
  const dropped = types.filter(({ type }, at) => !used.has(at) && type !== 'samples');
  return {
    mode: modeOf(wall !== undefined, cpu !== undefined, hasSize),
    ...(wall && { wall }),
    ...(cpu && { cpu }),
    ...(allocated && { allocated }),
    ...(deallocated && { deallocated }),
    ...(count && { count }),
    ...(samplesAt >= 0 && { samples: { at: samplesAt, scale: 1 } }),
    dropped: dropped.map(({ type, unit }) => `${type}/${unit}`),
  };
}

interface Candidate extends Chosen {
  readonly type: string;
}

function candidates(types: readonly ValueType[], scaleOf: (unit: string) => number | undefined): Candidate[] {
  return types.flatMap(({ type, unit }, at) => {
    const scale = scaleOf(unit);
    return scale === undefined ? [] : [{ type, at, scale }];
  });
}

function modeOf(hasWall: boolean, hasCpu: boolean, hasSize: boolean): Mode {
  if (hasSize) return hasWall || hasCpu ? 'full' : 'memory';
  if (hasWall && hasCpu) return 'full';
  return hasCpu ? 'cpu' : 'wall';
}
