import type { NativeWay, RecordingMode, Statistics } from '@austin-profiler/sampler';
import { bytes, count, duration, percent, rate } from './numbers.js';

/** The part of a recording's statistics that its progress line shows. */
type RateCounts = Pick<Statistics, 'rounds' | 'durationUs'>;

/** One line while a recording runs. */
export function progressText(statistics: Statistics, intervalUs: number): string {
  const { samples, invalid } = statistics;
  return [
    `${duration(statistics.durationUs)}`,
    `${count(samples)} samples`,
    rateText(statistics, intervalUs),
    `${percent(invalid, samples)} invalid`,
  ].join(', ');
}

/** What a recording was asked for, as far as its closing words tell it. */
export interface ClosingOptions {
  readonly intervalUs: number;
  readonly mode: RecordingMode;
  readonly children: boolean;
  readonly gc: boolean;
  readonly gilOnly: boolean;
  readonly native: boolean | NativeWay;
  /** The share of a CPU that was allowed, in percent. */
  readonly maxCpu?: number;
  /** The beginning of the first line: where it was written. */
  readonly where: string;
  /** Bytes written there, if that is not the whole stream as it is. */
  readonly size?: number;
}

/** The lines that close a recording: what was written and how true it is. */
export function closingText(statistics: Statistics, options: ClosingOptions): string {
  const { samples, lateRounds, missedRounds } = statistics;
  const part = (word: string, value: number) => `${word} ${count(value)} (${percent(value, samples)})`;
  const qualities = (['exact', 'retried', 'between', 'cut', 'invalid'] as const).map((word) =>
    part(word, statistics[word]),
  );
  const written = `${options.where}, ${bytes(options.size ?? statistics.bytes)}`;
  if (samples === 0) return `${written}, without samples`;
  return [
    written,
    `  ${subject(options)}: ${count(samples)} samples in ${duration(statistics.durationUs)}, ${rateText(statistics, options.intervalUs)}`,
    ...(options.children ? [`  ${count(statistics.processes)} Python processes`] : []),
    ...(options.gc ? [gcLine(statistics)] : []),
    ...(statistics.missedTasks > 0
      ? [
          `  ${count(statistics.missedTasks)} stacks without their task, which was gone before it could be read`,
        ]
      : []),
    `  ${qualities.join(', ')}`,
    ...(options.native ? [`  ${nativeText(statistics)}`] : []),
    ...(statistics.cut + statistics.invalid > 0 ? reasonLines(statistics.reasons) : []),
    ...(lateRounds + missedRounds > 0
      ? [
          `  late rounds ${count(lateRounds)}, missed ${count(missedRounds)} of ${count(statistics.rounds + missedRounds)}`,
        ]
      : []),
    ...slowerLine(statistics, options),
  ].join('\n');
}

/** What the numbers of a recording mean. */
const SUBJECTS: Record<RecordingMode, string> = {
  wall: 'wall time',
  cpu: 'time on a CPU',
  memory: 'changes of resident memory, in bytes',
  full: 'time and changes of resident memory',
};

function subject({ mode, gilOnly }: ClosingOptions): string {
  return gilOnly ? `${SUBJECTS[mode]}, holders of the interpreter lock only` : SUBJECTS[mode];
}

function gcLine({ gcUs, durationUs }: Statistics): string {
  return `  garbage collection ${duration(gcUs)} (${percent(gcUs, durationUs)})`;
}

/** How good the native stacks are, and what they cost. */
export function nativeText(statistics: Statistics): string {
  const { samples, pauseUs, durationUs } = statistics;
  const parts = (
    [
      ['incomplete', statistics.nativeIncomplete],
      ['disagreed with Python', statistics.nativeDisagreed],
      ['missed', statistics.nativeMissed],
    ] as const
  ).map(([word, value]) => `${word} ${count(value)} (${percent(value, samples)})`);
  const text = `native stacks: ${parts.join(', ')}`;
  const { min, median, max, total } = pauseUs;
  if (max === 0) return text;
  const each = [min, median, max].map(Math.round).join('/');
  return `${text}; threads stopped for ${each} µs (min/median/max), ${percent(total, durationUs)} of the time`;
}

function slowerLine({ intervalUs, cpuUs, durationUs }: Statistics, asked: ClosingOptions): string[] {
  if (asked.maxCpu === undefined || intervalUs <= asked.intervalUs) return [];
  const used = `${percent(cpuUs, durationUs)} of a CPU used, ${asked.maxCpu} % allowed`;
  return [`  slowed down to ${rate(1e6 / intervalUs)} by --max-cpu: ${used}`];
}

function reasonLines(reasons: Statistics['reasons']): string[] {
  const parts = Object.entries(reasons)
    .filter(([, times]) => times > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, times]) => `${reason} ${count(times)}`);
  return parts.length === 0 ? [] : [`  attempts that failed: ${parts.join(', ')}`];
}

function rateText(statistics: RateCounts, intervalUs: number): string {
  const asked = intervalUs === 0 ? 'as fast as possible' : `${rate(1e6 / intervalUs)} asked`;
  if (statistics.rounds < 2 || statistics.durationUs <= 0) return asked;
  return `${asked}, ${rate(((statistics.rounds - 1) * 1e6) / statistics.durationUs)} got`;
}
