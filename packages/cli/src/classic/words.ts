import { isAustinError } from '@austin-profiler/profile';
import type { RecordingResult, Statistics, TargetInfo } from '@austin-profiler/sampler';
import { type Colors, colorsFor } from '../output/colors.js';
import { errorText } from '../output/errors.js';
import { count, duration, percent, rate } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import { nativeText } from '../output/statistics.js';
import { say } from '../output/stdio.js';
import { readVersion } from '../version.js';
import { type ClassicProgram, COMPATIBLE_VERSION, type Generation } from './generation.js';

/** What is said on standard error to a person. In pipe mode nobody reads it, and only errors are said. */
export interface ClassicWords {
  /** The first words, at most once. */
  greet(): void;
  attached(target: TargetInfo, about: { askedPid: number; exposureUs: number; children: boolean }): void;
  statistics(result: RecordingResult, options: StatisticsOptions): void;
  error(error: unknown, children: boolean): void;
  note(text: string): void;
}

export function classicWords(
  generation: Generation,
  { pipe, program }: { readonly pipe: boolean; readonly program: ClassicProgram },
): ClassicWords {
  const colors = colorsFor(2);
  let isGreeted = false;
  let isAttached = false;
  const tell = (text: string) => {
    if (!pipe) say(text);
  };
  const greet = () => {
    if (!isGreeted) tell(greeting(generation, program, colors));
    isGreeted = true;
  };
  return {
    greet,
    attached(target, { askedPid, exposureUs, children }) {
      const version = `🐍 Python version: ${colors.yellow(colors.bold(printable(target.pythonVersion)))}`;
      const isBelow = target.pid !== askedPid;
      if (!isAttached && isBelow) {
        tell(`\n👽 Not a Python process; sampling process ${target.pid} below it.\n${version}`);
      } else if (!isAttached) {
        tell(`${children ? `\n${colors.bold('Parent process')}` : ''}\n${version}`);
      } else {
        tell(`${version} (process ${target.pid})`);
      }
      if (!isAttached && exposureUs > 0) tell(`🕑 Sampling for ${exposureUs / 1e6} second(s)`);
      isAttached = true;
    },
    statistics({ statistics }, options) {
      tell(statisticsText(statistics, options, colors));
    },
    error(error, children) {
      say(`${colors.red('austin:')} ${opening(error, children)}${errorText(error)}`);
    },
    note(text) {
      tell(`austin: ${text}`);
    },
  };
}

/** A flame graph, small. */
function greeting(generation: Generation, program: ClassicProgram, colors: Colors): string {
  const version = `${program} ${colors.cyan(colors.bold(COMPATIBLE_VERSION[generation]))}`;
  return [
    '',
    colors.bold('  ▂   ▂▂'),
    `${colors.bold('  ▆▆ ▆▆▆▆ ▆')}    ${version}`,
    `${colors.bold('  █████████')}    austin-profiler ${readVersion()}`,
  ].join('\n');
}

/** What scripts look for in the errors of Austin, before our own words. */
const OPENINGS: Readonly<Record<string, string>> = {
  ERR_COMMAND_NOT_FOUND: 'Cannot launch: ',
  ERR_COMMAND_START: 'Cannot launch: ',
  ERR_NOT_PYTHON: 'not a Python process: ',
  ERR_PERMISSION_PTRACE: 'Insufficient permissions: ',
  ERR_PROCESS_GONE: 'Cannot attach: ',
  ERR_PYTHON_LAYOUT: 'Cannot determine the version of Python: ',
  ERR_PYTHON_UNSUPPORTED: 'Cannot determine the version of Python: ',
};

function opening(error: unknown, children: boolean): string {
  if (!isAustinError(error)) return '';
  if (error.code === 'ERR_NOT_PYTHON' && children) {
    return 'the process has not spawned any child that is Python: ';
  }
  return OPENINGS[error.code] ?? '';
}

interface StatisticsOptions {
  readonly intervalUs: number;
  readonly gc: boolean;
  readonly native: boolean;
}

function statisticsText(statistics: Statistics, options: StatisticsOptions, colors: Colors): string {
  const { intervalUs } = options;
  const { samples, rounds, roundUs, durationUs } = statistics;
  if (samples === 0) return '\n😣 No samples collected.';
  const asked = intervalUs === 0 ? 'as fast as possible' : rate(1e6 / intervalUs);
  const got = rounds > 1 && durationUs > 0 ? rate(((rounds - 1) * 1e6) / durationUs) : 'unknown';
  const unsure = statistics.cut + statistics.invalid;
  return [
    '',
    colors.bold('Statistics'),
    `⌛ Duration: ${duration(durationUs)}`,
    `📶 Rate: ${got}, asked for ${asked}; ${count(samples)} samples`,
    ...(options.gc
      ? [`🗑️ Garbage collection: ${duration(statistics.gcUs)} (${percent(statistics.gcUs, durationUs)})`]
      : []),
    `⏱️ Time of a round (min/avg/max): ${[roundUs.min, roundUs.mean, roundUs.max].map(Math.round).join('/')} µs`,
    `🐢 Late or missed rounds: ${part(statistics.lateRounds + statistics.missedRounds, rounds + statistics.missedRounds)}`,
    `💀 Stacks cut or invalid: ${part(unsure, samples)}`,
    ...(options.native ? [`🔩 ${nativeText(statistics).replace(/^n/, 'N')}`] : []),
  ].join('\n');
}

function part(some: number, all: number): string {
  return `${count(some)}/${count(all)} (${percent(some, all)})`;
}
