import { type Profile, SampleFlag, type StackId } from '@austin-profiler/profile';
import type { Statistics } from '@austin-profiler/sampler';
import { couldExist } from './self-test-program.js';

/** A stretch of time, in nanoseconds of the monotonic clock. */
export interface Window {
  readonly begin: number;
  readonly end: number;
}

/** A stretch of time in which the program was sampled. */
export interface SampledWindow extends Window {
  readonly intervalUs: number;
  readonly profile: Profile;
  readonly statistics: Statistics;
  /** CPU time of this process, as a share of one processor. */
  readonly cpuShare: number;
}

/**
 * What the program says of its work: at a time of the monotonic clock, how much CPU time it had used (both in
 * nanoseconds), and how much was done.
 */
export type Notes = readonly (readonly [atNs: number, cpuNs: number, done: number])[];

/** The middle and the extremes of some changes of the program's speed, as shares: 0.01 is one percent slower. */
export interface Spread {
  readonly median: number;
  readonly from: number;
  readonly to: number;
}

/** How much slower the program was than right before and after. */
export interface Slowdown {
  /** By the clock: what its user waits longer. On a busy machine it says more of the other programs than of ours. */
  readonly elapsed: Spread;
  /** By its own CPU time: what the same work costs it more. */
  readonly cpu: Spread;
}

export interface RateResult {
  readonly askedHz: number;
  readonly gotHz: number;
  /** Time between two samples, in microseconds. */
  readonly periodUs: { readonly median: number; readonly p99: number; readonly max: number };
  readonly rounds: number;
  readonly lateRounds: number;
  readonly missedRounds: number;
  readonly samples: number;
  readonly cut: number;
  readonly invalid: number;
  /** Among those that claim to be whole: stacks that the program cannot have had. */
  readonly impossible: number;
  /** One of them. */
  readonly example?: string;
  readonly slowdown: Slowdown;
  /** CPU time as a share of one processor: of the thread that samples, and of its whole process. */
  readonly cpuShare: { readonly thread: number; readonly process: number };
}

export interface Comparison {
  readonly rates: readonly RateResult[];
  /** The "slowdown" of windows in which nothing was sampled, against those around them. */
  readonly noise: Slowdown;
}

export interface SelfTestResult extends Comparison {
  readonly python: string;
  /** How many threads wanted to run before the test, in the mean of a minute, and for how many there is a processor. */
  readonly load: { readonly wanting: number; readonly processors: number };
}

/**
 * Each sampled window lies between two quiet ones, with whose mean speed it is compared: what drifts falls out.
 *
 * @param quiet one more than `sampled`, in order of time
 */
export function compare(
  quiet: readonly Window[],
  sampled: readonly SampledWindow[],
  notes: Notes,
): Comparison {
  const calm = quiet.map((window) => speeds(notes, window));
  const slowdowns = sampled.map((window, i) => change(speeds(notes, window), calm[i]!, calm[i + 1]!));
  const nothing = calm.slice(1, -1).map((each, i) => change(each, calm[i]!, calm[i + 2]!));
  const intervals = [...new Set(sampled.map(({ intervalUs }) => intervalUs))];
  return {
    noise: slowdown(nothing),
    rates: intervals.map((intervalUs) => {
      const which = sampled.map((each) => each.intervalUs === intervalUs);
      return rateResult(
        intervalUs,
        sampled.filter((_, i) => which[i]),
        slowdowns.filter((_, i) => which[i]),
      );
    }),
  };
}

function rateResult(
  intervalUs: number,
  windows: readonly SampledWindow[],
  slowdowns: readonly Speeds[],
): RateResult {
  const total = (
    key: 'samples' | 'rounds' | 'lateRounds' | 'missedRounds' | 'cut' | 'invalid' | 'durationUs' | 'cpuUs',
  ) => sum(windows.map(({ statistics }) => statistics[key]));
  const periods = windows.flatMap(({ profile }) => Array.from(profile.samples.timeUs.subarray(1)));
  const impossible = windows.flatMap(({ profile }) => impossibleStacks(profile));
  return {
    askedHz: 1e6 / intervalUs,
    gotHz: ((total('rounds') - windows.length) * 1e6) / total('durationUs'),
    periodUs: { median: quantile(periods, 0.5), p99: quantile(periods, 0.99), max: quantile(periods, 1) },
    rounds: total('rounds'),
    lateRounds: total('lateRounds'),
    missedRounds: total('missedRounds'),
    samples: total('samples'),
    cut: total('cut'),
    invalid: total('invalid'),
    impossible: impossible.length,
    ...(impossible[0] && { example: impossible[0].join(' > ') }),
    slowdown: slowdown(slowdowns),
    cpuShare: {
      thread: total('cpuUs') / total('durationUs'),
      process: sum(windows.map(({ cpuShare }) => cpuShare)) / windows.length,
    },
  };
}

/** The stacks of samples that claim to be whole and cannot be; outermost name first, one for each sample. */
export function impossibleStacks({ samples, tables }: Profile): string[][] {
  const judged = new Map<number, string[] | undefined>();
  const wrong: string[][] = [];
  for (let i = 0; i < samples.length; i++) {
    if ((samples.flags[i]! & SampleFlag.Invalid) !== 0) continue;
    const stack = samples.stack[i]!;
    if (!judged.has(stack)) {
      const names = tables.stackFrames(stack as StackId).map((frame) => tables.frameInfo(frame).name);
      // A sample without frames claims nothing.
      judged.set(stack, names.length === 0 || couldExist(names) ? undefined : names);
    }
    const names = judged.get(stack);
    if (names) wrong.push(names);
  }
  return wrong;
}

/** Something of a window, by the clock and by the program's CPU time. */
interface Speeds {
  readonly elapsed: number;
  readonly cpu: number;
}

/** Work per nanosecond, between the notes nearest to the ends of the window; NaN where there are none. */
export function speeds(notes: Notes, { begin, end }: Window): Speeds {
  const first = notes.find(([at]) => at >= begin);
  const last = notes.findLast(([at]) => at <= end);
  if (!first || !last || last[0] <= first[0]) return { elapsed: Number.NaN, cpu: Number.NaN };
  const done = last[2] - first[2];
  return { elapsed: done / (last[0] - first[0]), cpu: done / (last[1] - first[1]) };
}

function change(during: Speeds, before: Speeds, after: Speeds): Speeds {
  return {
    elapsed: 1 - during.elapsed / ((before.elapsed + after.elapsed) / 2),
    cpu: 1 - during.cpu / ((before.cpu + after.cpu) / 2),
  };
}

function slowdown(changes: readonly Speeds[]): Slowdown {
  return {
    elapsed: spread(changes.map(({ elapsed }) => elapsed)),
    cpu: spread(changes.map(({ cpu }) => cpu)),
  };
}

/** Windows in which the program did not get to note anything say nothing. */
function spread(values: readonly number[]): Spread {
  const known = values.filter(Number.isFinite);
  return { median: quantile(known, 0.5), from: quantile(known, 0), to: quantile(known, 1) };
}

/** The value below which the share `q` of the values lies, one of them; NaN without values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * q)] ?? Number.NaN;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
