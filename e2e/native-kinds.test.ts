import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readProfile as readAny } from '../packages/convert/dist/index.js';
import { metadataValue, type Profile, SampleFlag, type ThreadId } from '../packages/profile/dist/index.js';
import {
  type NativeWay,
  type RecordingMode,
  startProgram as startProcess,
} from '../packages/sampler/dist/index.js';
import { austin, startAustin } from './cli-helpers.js';
import {
  buildExtensions,
  heldThreads,
  isUndisturbedGranted,
  isWhole,
  judgePaths,
  namedFramesOf,
} from './native-helpers.js';
import { findPythons, outermost, type Python } from './pythons.js';
import {
  PROGRAMS,
  type Program,
  type Recorded,
  startProgram,
  startRecordingFile,
  temporaryFolder,
  until,
} from './record-helpers.js';

/** Native stacks together with everything else that a recording can be asked for. */

const pythons = await findPythons({ freeThreaded: true });
const { extended, folderOf } = buildExtensions(pythons);
const withGil = extended.filter(({ freeThreaded }) => !freeThreaded);
/** The oldest, the newest, and one without a GIL. */
const chosen = [...outermost(withGil), ...extended.filter(({ freeThreaded }) => freeThreaded)];

/** The newest in both ways of taking stacks, the others in the one that stops threads. */
const subjects = [
  ...chosen.map((python) => ({ python, way: 'exact' as NativeWay })),
  ...((await isUndisturbedGranted()) ? withGil.slice(-1) : []).map((python) => ({
    python,
    way: 'undisturbed' as NativeWay,
  })),
];

const RECORDED = { durationUs: 200_000, intervalUs: 2_000 } as const;

type Options = Parameters<typeof startRecordingFile>[1];

function start(python: Python, ...words: readonly string[]): Program {
  return startProgram(python.path, ['native/kinds.py', folderOf(python), ...words]);
}

interface Sample {
  readonly pid: number;
  /** Of the interpreter; 0 is the main one. */
  readonly iid: number | null;
  readonly thread: string;
  /** Of the functions, outermost first. */
  readonly names: readonly string[];
  readonly flags: number;
  readonly timeUs: number;
  readonly memoryBytes: number;
  readonly isWhole: boolean;
}

function samplesOf(profile: Profile): Sample[] {
  const { samples, tables } = profile;
  return Array.from({ length: samples.length }, (_, i) => {
    const thread = samples.thread[i]! as ThreadId;
    const { pid, iid } = tables.thread(thread);
    return {
      pid,
      iid,
      thread: tables.threadName(thread) ?? '',
      names: namedFramesOf(profile, samples.stack[i]!).map((frame) => frame.name),
      flags: samples.flags[i]!,
      timeUs: samples.timeUs[i]!,
      memoryBytes: samples.memoryBytes[i]!,
      isWhole: isWhole(profile, i),
    };
  });
}

/** The ways that a sample shows something of. */
function waysIn({ names }: Sample): string[] {
  return ['first', 'second'].filter((way) => names.some((name) => name.startsWith(`${way}_`)));
}

/**
 * Each stack is one of those that the program can have, and the figures of the recording are true of it.
 *
 * @param mostDisagreed the share of the samples whose halves may not fit
 */
function expectTrue({ profile, result }: Recorded, mostDisagreed = 0.1): Sample[] {
  const { statistics } = result;
  const { illegal, whole } = judgePaths(profile);
  expect(illegal.slice(0, 3)).toEqual([]);
  expect(result.error).toBeUndefined();
  expect(profile.diagnostics).toEqual([]);
  expect(profile.samples.length).toBe(statistics.samples);
  const { exact, retried, between, cut, invalid, nativeMissed, nativeDisagreed, nativeIncomplete } =
    statistics;
  expect(exact + retried + between + cut + invalid).toBe(statistics.samples);
  const marked = profile.samples.length - whole;
  expect(marked).toBeGreaterThanOrEqual(Math.max(nativeMissed + nativeDisagreed, cut + invalid));
  expect(marked).toBeLessThanOrEqual(nativeMissed + nativeDisagreed + nativeIncomplete + cut + invalid);
  // How many are missed is up to how busy the machine is; and how many disagree, where nothing is stopped.
  if (metadataValue(profile, 'x-native') === 'exact')
    expect(nativeDisagreed).toBeLessThanOrEqual(statistics.samples * mostDisagreed);
  for (let i = 0; i < profile.samples.length; i++) {
    for (const { isNative, file, name } of namedFramesOf(profile, profile.samples.stack[i]!)) {
      // Whoever has a name has it of a library.
      if (isNative && file.startsWith('native@')) expect(name).toBe('<unknown>');
    }
  }
  return samplesOf(profile).filter((sample) => sample.isWhole);
}

/** Records a program that then still runs, and looks that nobody holds it. */
async function recordKind(
  { python, native }: { readonly python: Python; readonly native: NativeWay },
  words: readonly string[],
  options: Options = {},
  mostDisagreed?: number,
): Promise<{ recorded: Recorded; whole: Sample[]; program: Program }> {
  const program = start(python, ...words);
  expect(await program.line()).toBe('ready');
  const recorded = await startRecordingFile(program.pid, { ...RECORDED, native, ...options }).finished;
  expect(recorded.result.end).toBe('duration');
  await expectFree(program.pid);
  return { recorded, whole: expectTrue(recorded, mostDisagreed), program };
}

/** None of a process's threads is stopped, traced, or kept from being gone. */
async function expectFree(pid: number): Promise<void> {
  // The thread that sampled may still be ending; so may one of the program.
  const end = performance.now() + 5_000;
  await until(() => heldThreads(pid).length === 0 || performance.now() > end);
  expect(heldThreads(pid)).toEqual([]);
}

describe.each(subjects)('native stacks of CPython $python.name, $way,', ({ python, way: native }) => {
  /** What the two ways have in common is tested with one of them. */
  const isOther = native !== 'exact';

  it('of threads that are in C at once', async () => {
    const { whole } = await recordKind({ python, native }, ['threads']);
    for (const name of ['first', 'second']) {
      const own = whole.filter(
        ({ thread, names }) => thread === name && names.includes(`${name}_spin_inner`),
      );
      expect(own.length, name).toBeGreaterThan(2);
    }
    // Neither half of a stack is another thread's.
    for (const sample of whole) {
      for (const way of waysIn(sample)) expect(sample.thread).toBe(way);
    }
  });

  it('of threads that come and go', async () => {
    const { whole, recorded } = await recordKind({ python, native }, ['churn'], { intervalUs: 500 });
    expect(whole.filter(({ names }) => names.includes('first_spin_inner')).length).toBeGreaterThan(2);
    for (const sample of whole) expect(waysIn(sample).length).toBeLessThan(2);
    expect(recorded.profile.tables.threadCount).toBeGreaterThan(20);
  });

  it.skipIf(python.version.minor < 14)('with tasks', async () => {
    const { whole } = await recordKind({ python, native }, ['tasks'], { tasks: true });
    for (const way of ['first', 'second']) {
      const own = whole.filter(({ names }) => names.includes(`${way}_spin_inner`));
      expect(own.length).toBeGreaterThan(2);
      for (const { names } of own) {
        const from = names.indexOf(way);
        // The task that runs and the one that awaits it stand right above the coroutine.
        expect(names.slice(from - 1, from + 3)).toEqual([expect.any(String), way, 'work', `${way}_way`]);
        expect(names.filter((name) => name === 'first' || name === 'second')).toEqual([way]);
      }
    }
  });

  it('with the garbage collector', async () => {
    const { whole, recorded } = await recordKind({ python, native }, ['collect'], {
      gc: true,
      intervalUs: 500,
      durationUs: 800_000,
    });
    const isIn = (sample: Sample, name: string) => sample.names.some((each) => each.endsWith(name));
    const inside = whole.filter((sample) => isIn(sample, '__del__'));
    const outside = whole.filter((sample) => isIn(sample, 'second_way'));
    // The mark and the stack are of the same moment.
    expect(inside.filter(({ flags }) => (flags & SampleFlag.Gc) === 0)).toEqual([]);
    expect(outside.filter(({ flags }) => (flags & SampleFlag.Gc) !== 0)).toEqual([]);
    expect(Math.min(inside.length, outside.length)).toBeGreaterThan(2);
    expect(recorded.result.statistics.gcUs).toBeGreaterThan(0);
  });

  it.each<RecordingMode>(['memory', 'full'])('in %s mode', async (mode) => {
    const { whole, recorded } = await recordKind({ python, native }, ['grow'], { mode });
    const { statistics } = recorded.result;
    const all = samplesOf(recorded.profile);
    const grown = all.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    const inThread = all
      .filter(({ thread }) => thread === 'first')
      .reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    expect(grown).toBeGreaterThan(2 * 2 ** 20);
    expect(inThread).toBeGreaterThan(0.8 * grown);
    expect(whole.filter(({ names }) => names.includes('first_call_inner')).length).toBeGreaterThan(2);
    if (mode === 'memory') {
      expect(all.filter(({ memoryBytes, timeUs }) => memoryBytes === 0 || timeUs !== 0)).toEqual([]);
      return;
    }
    for (const name of ['first', 'MainThread']) {
      const own = all.filter(({ thread }) => thread === name);
      expect(own).toHaveLength(statistics.rounds);
      const time = own.reduce((sum, { timeUs }) => sum + timeUs, 0);
      expect(Math.abs(time - statistics.durationUs)).toBeLessThan(2 * RECORDED.intervalUs);
    }
    const idle = all.filter(({ flags }) => (flags & SampleFlag.Idle) !== 0);
    expect(idle.filter(({ thread }) => thread === 'MainThread').length).toBeGreaterThan(
      0.9 * statistics.rounds,
    );
  });

  it.skipIf(python.freeThreaded || isOther)('of the holder of the lock only', async () => {
    const { whole, recorded } = await recordKind({ python, native }, ['lock'], { gilOnly: true });
    expect(whole.filter(({ thread }) => thread === 'first').length).toBeGreaterThan(0.9 * whole.length);
    expect(whole.length).toBeGreaterThan(2);
    expect(recorded.result.statistics.samples).toBeLessThanOrEqual(recorded.result.statistics.rounds);
  });

  it.skipIf(python.freeThreaded || isOther)('within a share of a processor', async () => {
    const { whole, recorded } = await recordKind({ python, native }, ['threads'], {
      intervalUs: 200,
      maxCpuPercent: 2,
      durationUs: 500_000,
    });
    expect(whole.length).toBeGreaterThan(2);
    const { intervalUs, cpuUs, durationUs } = recorded.result.statistics;
    expect(intervalUs).toBeGreaterThan(200);
    expect(cpuUs).toBeLessThan(durationUs / 2);
  });

  it('of interpreters', async () => {
    // Up to 3.12 the state of a sub-interpreter says that it is the thread's that created it: one of three is in another's stack.
    const mostDisagreed = python.version.minor < 13 ? 0.4 : undefined;
    const { whole } = await recordKind({ python, native }, ['interpreters'], {}, mostDisagreed);
    const byWay = new Map<string, Set<number | null>>();
    for (const sample of whole) {
      const [way, ...others] = waysIn(sample);
      expect(others).toEqual([]);
      if (way === undefined) continue;
      byWay.set(way, (byWay.get(way) ?? new Set()).add(sample.iid));
    }
    expect([...(byWay.get('first') ?? [])]).toEqual([0]);
    expect([...(byWay.get('second') ?? [])]).toEqual([expect.any(Number)]);
    expect(byWay.get('second')).not.toEqual(byWay.get('first'));
  });

  it.skipIf(python.freeThreaded)('of a process that forks in the middle, and of its child', async () => {
    const program = start(python, 'fork');
    expect(await program.line()).toBe('ready');
    const recording = startRecordingFile(program.pid, {
      ...RECORDED,
      native,
      children: true,
      durationUs: 400_000,
    });
    await recording.attached;
    program.child.stdin!.write('now\n');
    const recorded = await recording.finished;
    const whole = expectTrue(recorded);
    expect(recorded.result.statistics.processes).toBe(2);
    const children = new Set(whole.map(({ pid }) => pid).filter((pid) => pid !== program.pid));
    expect(children.size).toBe(1);
    for (const pid of [program.pid, ...children]) {
      const [way, other] = pid === program.pid ? ['first', 'second'] : ['second', 'first'];
      const own = whole.filter((sample) => sample.pid === pid);
      expect(own.filter(({ names }) => names.includes(`${way}_spin_inner`)).length).toBeGreaterThan(2);
      // What the child was copied from is below what it does.
      for (const sample of own) expect(sample.names).not.toContain(`${other}_spin_inner`);
      await expectFree(pid);
    }
  });

  it.skipIf(python.freeThreaded || isOther)('of a child of another version', async () => {
    const other = python === withGil[0] ? withGil.at(-1)! : withGil[0]!;
    const program = start(python, 'child', other.path, folderOf(other));
    expect(await program.line()).toBe('ready');
    const recorded = await startRecordingFile(program.pid, {
      ...RECORDED,
      native,
      durationUs: 400_000,
      children: true,
    }).finished;
    const whole = expectTrue(recorded);
    const [child, ...more] = new Set(whole.map(({ pid }) => pid).filter((pid) => pid !== program.pid));
    expect(more).toEqual([]);
    for (const [pid, way, of] of [
      [program.pid, 'first', python],
      [child!, 'second', other],
    ] as const) {
      const own = whole.filter((sample) => sample.pid === pid);
      expect(own.filter(({ names }) => names.includes(`${way}_spin_inner`)).length).toBeGreaterThan(2);
      const libraries = recorded.profile.metadata
        .filter(({ key }) => key === `x-module:${pid}`)
        .map(({ value }) => (JSON.parse(value) as { path: string }).path);
      expect(libraries.filter((path) => path.startsWith(folderOf(of)))).toHaveLength(1);
      await expectFree(pid);
    }
  });

  it.skipIf(isOther)(
    'of a process that ends itself while its threads are in C, as other processes do',
    async () => {
      const words = [join(PROGRAMS, 'native/kinds.py'), folderOf(python), 'quit'];
      const program = await startProcess(python.path, words, { stdio: 'ignore' });
      let hasEnded = false;
      void program.ended.then(() => {
        hasEnded = true;
      });
      const recording = startRecordingFile(program.pid, { native, intervalUs: 500 }).finished;
      // When one of its children ends, Node asks after all of them, and hears of stops.
      while (!hasEnded) await once(spawn('true'), 'exit');
      expect(await program.ended).toEqual({ code: 3 });
      expect([program.child.exitCode, program.child.signalCode]).toEqual([3, null]);
      const recorded = await recording;
      expect(recorded.result.end).toBe('target-ended');
      expectTrue(recorded);
    },
  );

  it.skipIf(python !== withGil.at(-1) || isOther)('in files that are rotated and packed', async () => {
    const cwd = temporaryFolder();
    const program = start(python, 'threads');
    expect(await program.line()).toBe('ready');
    const running = startAustin(
      [
        'record',
        '--native-way',
        native,
        '-i',
        '1ms',
        '-p',
        `${program.pid}`,
        '--rotate',
        '1s',
        '-o',
        'app.mojo.gz',
      ],
      { cwd },
    );
    await until(() => existsSync(join(cwd, 'app.0002.mojo.gz')));
    running.child.kill('SIGINT');
    const { code, stderr } = await running.finished;
    expect([code, stderr]).toEqual([0, expect.stringContaining('native stacks: ')]);
    const files = readdirSync(cwd);
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const name of files) {
      // Each is a recording by itself: it says which libraries there are.
      const profile = await readAny([readFileSync(join(cwd, name))], { strict: true });
      expect(judgePaths(profile).illegal).toEqual([]);
      const { length } = profile.samples;
      if (length > 0) expect(librariesIn(profile)).toContain(libraryOf(python));
      expect(metadataValue(profile, 'count')).toBe(String(length));
    }
    await expectFree(program.pid);
  });

  it.skipIf(isOther)('in a snapshot of a recording that goes on', async () => {
    const cwd = temporaryFolder();
    const program = start(python, 'threads');
    expect(await program.line()).toBe('ready');
    const recording = join(cwd, 'app.mojo');
    const running = startAustin(
      ['record', '--native-way', native, '-i', '1ms', '-p', `${program.pid}`, '-o', recording],
      { cwd },
    );
    await until(() => existsSync(recording) && readFileSync(recording).includes('first_spin_inner'));
    running.child.kill('SIGUSR1');
    const snapshot = join(cwd, 'app.snapshot.mojo');
    await until(() => existsSync(snapshot));
    running.child.kill('SIGINT');
    expect((await running.finished).code).toBe(0);
    const [part, all] = await Promise.all(
      [snapshot, recording].map((path) => readAny([readFileSync(path)], { strict: true })),
    );
    for (const profile of [part!, all!]) {
      const { illegal, full } = judgePaths(profile);
      expect([illegal, full > 0]).toEqual([[], true]);
      expect(metadataValue(profile, 'count')).toBe(String(profile.samples.length));
      expect(metadataValue(profile, 'x-native-disagreed')).toMatch(/^\d+$/);
    }
    expect(part!.samples.length).toBeLessThanOrEqual(all!.samples.length);
    await expectFree(program.pid);
  });

  it.skipIf(isOther)('of a program that is started for it, whose status is handed on', async () => {
    const output = join(temporaryFolder(), 'app.mojo');
    const words = [join(PROGRAMS, 'native/kinds.py'), folderOf(python), 'quit'];
    const { code } = await austin([
      'record',
      '--native-way',
      native,
      '-i',
      '1ms',
      '-o',
      output,
      python.path,
      ...words,
    ]);
    expect(code).toBe(3);
    expect(judgePaths(await readAny([readFileSync(output)], { strict: true })).illegal).toEqual([]);
  });
});

/** The libraries that native functions of a recording are in. */
function librariesIn(profile: Profile): Set<string> {
  const frames = Array.from(profile.samples.stack, (stack) => namedFramesOf(profile, stack)).flat();
  return new Set(frames.filter(({ isNative }) => isNative).map(({ file }) => file));
}

function libraryOf(python: Python): string {
  const own = folderOf(python);
  return join(own, readdirSync(own).find((name) => name.endsWith('.so'))!);
}
