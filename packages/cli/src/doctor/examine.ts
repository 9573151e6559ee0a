import { isAustinError } from '@austin-profiler/profile';
import type { Invocation } from './as-root.js';
import { type Check, problem } from './check.js';
import { settingChecks, tryOut } from './machine-checks.js';
import { processChecks } from './process-checks.js';
import { askPython, type PathSearch, pythonsOnPath } from './pythons.js';
import { selfTest } from './self-test.js';
import type { SelfTestResult } from './self-test-numbers.js';
import type { System } from './system.js';

export interface ExamineOptions {
  readonly pid?: number;
  /** The Python of the self-test; without one, the first that is supported. */
  readonly python?: string;
  readonly selfTest: boolean;
}

/** Everything that was found out. */
export interface Report {
  /** Whether profiling will work: of the process asked for, or else of programs that are started. */
  readonly canProfile: boolean;
  readonly machine: readonly Check[];
  /** Absent when they were not looked for: a process was asked about, and the self-test needs none. */
  readonly pythons?: PathSearch;
  /** With a pid only. */
  readonly process?: { readonly pid: number; readonly checks: readonly Check[] };
  /** Absent when it was not asked for. */
  readonly selfTest?: SelfTestResult | { readonly skipped: string };
}

/** Looks at everything, and tests what can be tested. Only what is wrong with ourselves is thrown. */
export async function examine(
  options: ExamineOptions,
  system: System,
  invocation: Invocation,
): Promise<Report> {
  const sampler = await import('@austin-profiler/sampler');
  const { pid } = options;
  const settings = settingChecks(system);
  const needsPythons = pid === undefined || (options.selfTest && options.python === undefined);
  const pythons = needsPythons ? await pythonsOnPath(sampler.SUPPORTED_PYTHONS) : undefined;
  let tried: Check[];
  try {
    tried = await tryOut(sampler, system, invocation);
  } catch (error) {
    if (!isAustinError(error, 'ERR_ADDON_LOAD')) throw error;
    const sampling = problem('sampler', error.message, error.hint === undefined ? [] : [error.hint]);
    return { canProfile: false, machine: [...settings, sampling], ...(pythons && { pythons }) };
  }
  const machine = [...settings, ...tried];
  const canStart = machine.every(({ status }) => status !== 'problem');
  const checks = pid === undefined ? [] : await processChecks(sampler, pid, system, invocation);
  const test = options.selfTest ? await testOf(options.python, { sampler, pythons, canStart }) : undefined;
  return {
    canProfile: pid === undefined ? canStart : checks.every(({ status }) => status !== 'problem'),
    machine,
    ...(pythons && { pythons }),
    ...(pid !== undefined && { process: { pid, checks } }),
    ...(test && { selfTest: test }),
  };
}

async function testOf(
  wish: string | undefined,
  given: {
    sampler: typeof import('@austin-profiler/sampler');
    pythons: PathSearch | undefined;
    canStart: boolean;
  },
): Promise<SelfTestResult | { skipped: string }> {
  const { sampler, pythons, canStart } = given;
  if (!canStart) return { skipped: 'what we start cannot be read' };
  const { oldest, newest } = sampler.SUPPORTED_PYTHONS;
  const python =
    wish === undefined
      ? pythons?.found.find(({ isSupported }) => isSupported)
      : await askPython(wish, sampler.SUPPORTED_PYTHONS);
  if (python === undefined || python === 'silent') {
    return {
      skipped:
        wish === undefined
          ? `no CPython ${oldest} to ${newest} was found on PATH; name one with \`--python\``
          : `${wish} is no Python that starts`,
    };
  }
  if (!python.isSupported) {
    return {
      skipped: `${python.path} is ${python.implementation} ${python.version}; CPython ${oldest} to ${newest} can be sampled`,
    };
  }
  try {
    return await selfTest(sampler, python.executable);
  } catch (error) {
    if (!isAustinError(error)) throw error;
    return { skipped: `it failed: ${error.message}` };
  }
}
