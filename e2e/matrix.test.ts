import { describe, expect, it } from 'vitest';
import { type Profile, SampleFlag, type ThreadId } from '../packages/profile/dist/index.js';
import { takeSnapshot } from '../packages/sampler/dist/index.js';
import { findPythons } from './pythons.js';
import { framesOf, judge, record, startTruthful, tidOf, workOf } from './record-helpers.js';
import type { ProgramTruth, SampledFrame } from './truth.js';

const pythons = await findPythons({ freeThreaded: true });

/** Long enough for most; where a function has not shown up yet, the program is recorded again, up to so often. */
const DURATION_US = 700_000;
const MOST_RECORDINGS = 20;

interface Run {
  readonly name: string;
  readonly args: readonly string[];
  /** Functions that run only before the work, or so rarely that nothing says they must be met. */
  readonly rare?: RegExp;
  /** What is to be checked besides. Says whether everything has been met that must be. */
  readonly also?: (profile: Profile, truth: ProgramTruth) => boolean;
}

const RUNS: readonly Run[] = [
  { name: 'functions', args: ['functions.py'] },
  // What only passes control on is gone before it can be read twice.
  { name: 'coroutines', args: ['coroutines.py'], rare: /(^|\.)(waiting|pause|__aenter__|__aexit__)$/ },
  // Two functions that call each other are a stack of another depth with each call.
  { name: 'recursion', args: ['recursion.py'], rare: /^(odd|even)$/, also: hasDeepestStack },
  { name: 'threads', args: ['threads.py'], also: hasThreadNames },
  { name: 'unicode_names', args: ['unicode_names.py'], also: hasUnicodeNames },
  {
    name: 'exec_code',
    args: ['exec_code.py'],
    rare: /(^|\.)(source_of|name_of|<listcomp>)$/,
    also: keepsModulesApart,
  },
  // The inner functions live for less time than two copies of them take.
  { name: 'churn', args: ['churn.py'], rare: /^f(_\d){3,}$/ },
  { name: 'shares', args: ['shares.py'] },
  { name: 'pkgdemo', args: ['-m', 'pkgdemo'] },
];

/** The names that unflagged samples have from outermost to innermost, each different stack once. */
function* stacksOf(profile: Profile): Generator<ReturnType<typeof framesOf>> {
  const { samples } = profile;
  const met = new Set<number>();
  for (let i = 0; i < samples.length; i++) {
    const stack = samples.stack[i]!;
    if ((samples.flags[i]! & SampleFlag.Invalid) !== 0 || met.has(stack)) continue;
    met.add(stack);
    yield framesOf(profile, stack);
  }
}

function hasDeepestStack(profile: Profile): boolean {
  for (const frames of stacksOf(profile)) {
    const names = frames.map((frame) => frame.name);
    if (names.at(-1) !== 'spin' && names.at(-1) !== 'bottom') continue;
    expect(names.slice(0, 1003)).toEqual(['<module>', 'work', ...Array(1000).fill('descend'), 'bottom']);
    return true;
  }
  return false;
}

function hasThreadNames(profile: Profile, truth: ProgramTruth): boolean {
  const named = new Map<number, string | undefined>();
  for (let id = 0; id < profile.tables.threadCount; id++) {
    named.set(tidOf(profile, id), profile.tables.threadName(id as ThreadId));
  }
  expect(named).toEqual(new Map(truth.threads.map(({ tid, name }) => [tid, name])));
  return true;
}

function hasUnicodeNames(profile: Profile, truth: ProgramTruth): boolean {
  const qualified = truth.python[1] >= 11;
  const names = [...stacksOf(profile)].flat().map((frame) => frame.name);
  const expected = [
    '計算',
    'naïve_café',
    'tourner',
    qualified ? 'Größe.größer' : 'größer',
    qualified ? 'Größe.Ж' : 'Ж',
  ];
  // The file's name has the byte E9, which no UTF-8 text has.
  for (const frames of stacksOf(profile)) {
    const file = frames.find((frame) => frame.name === 'tourner')?.file;
    if (file !== undefined) expect(file).toMatch(/\/caf\uFFFD-🐍\.py$/u);
  }
  return expected.every((name) => names.includes(name));
}

/** Code of one module is never shown in the place of another's. */
function keepsModulesApart(profile: Profile): boolean {
  for (const frames of stacksOf(profile)) {
    const modules = frames.flatMap(({ name, file }) => {
      const numbers = [/^<generated (\d+)>$/.exec(file)?.[1], /^m(\d+)_/.exec(name)?.[1]];
      return numbers.filter((number) => number !== undefined);
    });
    expect(new Set(modules).size, modules.join()).toBeLessThanOrEqual(1);
  }
  return true;
}

describe.each(pythons)('Python $name', (python) => {
  it.each(RUNS)('$name: every stack is one it can have', async ({ args, rare, also }) => {
    const program = await startTruthful(python.path, args);
    const { truth } = program;
    const missing = workOf(truth);
    for (const name of missing) if (rare?.test(name.split(' ')[0]!)) missing.delete(name);
    let isComplete = false;
    for (let count = 0; count < MOST_RECORDINGS && !isComplete; count++) {
      const { profile, result } = await record(program.pid, { durationUs: DURATION_US });
      expect(result).toMatchObject({ end: 'duration', target: { pid: program.pid } });
      expect(result.target?.pythonVersion).toMatch(new RegExp(`^${truth.python.join('\\.')}`));
      const { illegal, legal, seen } = judge(profile, truth);
      expect(illegal).toEqual([]);
      expect(legal).toBeGreaterThan(0);
      for (const name of seen) missing.delete(name);
      isComplete = (also?.(profile, truth) ?? true) && missing.size === 0;
    }
    expect([...missing]).toEqual([]);
    expect(isComplete).toBe(true);
    expect(await program.finish()).toEqual({ code: 0, signal: null });
  });

  it('static_stack: a snapshot is what the interpreter itself says', async () => {
    const program = await startTruthful(python.path, ['static_stack.py']);
    const { truth } = program;
    const snapshot = await takeSnapshot(program.pid);
    expect(snapshot.target).toMatchObject({ pid: program.pid, executable: python.path });
    expect(snapshot.target.freeThreaded).toBe(python.freeThreaded);
    // Without columns a line table does not know where an instruction's last line is either.
    const known = (frame: SampledFrame) => (truth.columns ? frame : { ...frame, lineEnd: 0 });
    const threads = snapshot.threads
      .filter((thread) => !truth.ignoredThreads?.includes(thread.tid))
      .map(({ tid, name, frames }) => ({ tid, name, frames }))
      .sort((a, b) => a.tid - b.tid);
    expect(threads).toEqual(
      truth.snapshot?.map((thread) => ({ ...thread, frames: thread.frames.map(known) })),
    );
    // The first attempt learns where the frames are.
    for (const { quality } of snapshot.threads) expect(['exact', 'retried', 'between']).toContain(quality);
    expect(snapshot.threads.filter((thread) => thread.holdsGil)).toEqual([]);
    await program.finish();
  });
});
