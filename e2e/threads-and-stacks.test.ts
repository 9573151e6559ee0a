import { describe, expect, it } from 'vitest';
import { SampleFlag, type ThreadId } from '../packages/profile/dist/index.js';
import { takeSnapshot } from '../packages/sampler/dist/index.js';
import { findPythons } from './pythons.js';
import {
  framesOf,
  judge,
  record,
  startProgram,
  startRecordingFile,
  startTruthful,
  tidOf,
  until,
} from './record-helpers.js';

const pythons = await findPythons({ freeThreaded: true });

/** How long threads are made and ended again. */
const CHURN_SECONDS = Number(process.env.AUSTIN_TEST_CHURN_SECONDS ?? 2);

describe.each(pythons)('Python $name', (python) => {
  it('five hundred threads', async () => {
    const program = await startTruthful(python.path, ['crowd.py']);
    const { profile, result } = await record(program.pid, { durationUs: 500_000 });
    expect(result.error).toBeUndefined();
    const { illegal, legal } = judge(profile, program.truth);
    expect(illegal).toEqual([]);
    expect(legal).toBeGreaterThan(0);
    expect(profile.tables.threadCount).toBe(500);
    const { threads } = await takeSnapshot(program.pid);
    expect(new Map(threads.map(({ tid, name }) => [tid, name]))).toEqual(
      new Map(program.truth.threads.map(({ tid, name }) => [tid, name])),
    );
    await program.finish();
  });

  it.each([10_000, 15_000])('%i frames deep', async (depth) => {
    const program = await startTruthful(python.path, ['deep.py', String(depth)]);
    let deepest = 0;
    for (let count = 0; count < 20 && deepest < depth; count++) {
      const { profile, result } = await record(program.pid, { durationUs: 500_000, intervalUs: 10_000 });
      expect(result.error).toBeUndefined();
      expect(judge(profile, program.truth).illegal).toEqual([]);
      const { samples } = profile;
      for (let i = 0; i < samples.length; i++) {
        if ((samples.flags[i]! & SampleFlag.Invalid) !== 0) continue;
        const names = framesOf(profile, samples.stack[i]!).map((frame) => frame.name);
        if (names.at(-1) !== 'bottom' && names.at(-1) !== 'spin') continue;
        deepest = names.filter((name) => name === 'descend').length;
        if (deepest === depth) break;
      }
    }
    expect(deepest).toBe(depth);
    // One look is enough to see all of it.
    const { threads } = await takeSnapshot(program.pid);
    expect(new Set(threads.map(({ name }) => name))).toEqual(new Set(['MainThread', 'deep']));
    await program.finish();
  });

  it('threads of 2 ms, again and again, to the end', async () => {
    const program = await startTruthful(python.path, ['thread_churn.py', String(CHURN_SECONDS)]);
    const { profile, result } = await record(program.pid);
    expect(result).toMatchObject({ end: 'target-ended' });
    expect(result.error).toBeUndefined();
    expect(await program.ended).toEqual({ code: 0, signal: null });
    const { illegal, seen } = judge(profile, program.truth);
    // These threads begin and end under the sampler's eyes.
    expect(illegal.filter((line) => !line.includes('the work is not in it'))).toEqual([]);
    expect([...seen].filter((name) => name.startsWith('brief of '))).toHaveLength(1);
    // The main thread was there all the time, and most of the others were met.
    const made = Number(await program.line());
    expect(profile.tables.threadCount).toBeGreaterThan(made / 4);
    const times = new Map<number, number>();
    for (let i = 0; i < profile.samples.length; i++) {
      const { tid } = profile.tables.thread(profile.samples.thread[i] as ThreadId);
      times.set(Number.parseInt(tid, 16), (times.get(Number.parseInt(tid, 16)) ?? 0) + 1);
    }
    expect(Math.max(...times.values())).toBe(times.get(program.pid));
  });

  it('a child that a thread forked goes on with one thread', async () => {
    const program = await startTruthful(python.path, ['-W', 'ignore', 'fork_in_thread.py']);
    expect(program.truth.pid).not.toBe(program.pid);
    const { profile, result } = await record(program.truth.pid, { durationUs: 200_000 });
    expect(result.error).toBeUndefined();
    const { illegal, legal } = judge(profile, program.truth);
    expect(illegal).toEqual([]);
    expect(legal).toBeGreaterThan(0);
    const { samples, tables } = profile;
    const threads = Array.from({ length: tables.threadCount }, (_, id) => tidOf(profile, id));
    expect(threads).toEqual([program.truth.pid]);
    expect(samples.length).toBe(result.statistics.rounds);
  });

  it('a child whose interpreter was not told of the fork', async () => {
    const program = await startTruthful(python.path, ['raw_fork.py']);
    const { truth } = program;
    expect(truth.pid).not.toBe(program.pid);
    const { profile, result } = await record(truth.pid, { durationUs: 500_000 });
    expect(result.error).toBeUndefined();
    const { illegal, legal } = judge(profile, truth);
    expect(illegal).toEqual([]);
    expect(legal).toBeGreaterThan(0);
    const { tables } = profile;
    expect(Array.from({ length: tables.threadCount }, (_, id) => tidOf(profile, id))).toEqual([truth.pid]);
    const { threads } = await takeSnapshot(truth.pid);
    expect(threads.map(({ tid }) => tid)).toEqual([truth.pid]);
  });

  it('a program that never imported threading', async () => {
    const code = [
      'import sys',
      'def spin(n):',
      '    while n: n -= 1',
      'def work():',
      '    while True: spin(1000)',
      'print("threading" in sys.modules, flush=True)',
      'work()',
    ].join('\n');
    const program = startProgram(python.path, ['-S', '-I', '-c', code]);
    expect(await program.line()).toBe('False');
    const { profile, result } = await record(program.pid, { durationUs: 100_000 });
    expect(result.error).toBeUndefined();
    expect(profile.tables.threadCount).toBe(1);
    expect(profile.tables.threadName(0 as ThreadId)).toBeUndefined();
    const stacks = new Set<string>();
    for (let i = 0; i < profile.samples.length; i++) {
      if ((profile.samples.flags[i]! & SampleFlag.Invalid) !== 0) continue;
      stacks.add(
        framesOf(profile, profile.samples.stack[i]!)
          .map((frame) => frame.name)
          .join(' '),
      );
    }
    // Before the first call, and between two.
    for (const stack of ['<module>', '<module> work']) stacks.delete(stack);
    expect([...stacks]).toEqual(['<module> work spin']);
  });

  it('sub-interpreters, also those that are made later', async () => {
    const program = startProgram(python.path, ['-W', 'ignore', 'subinterpreters.py']);
    expect(await program.line()).toBe('1');
    const counts: number[] = [];
    const recording = startRecordingFile(program.pid, {
      progressMs: 20,
      onProgress: ({ samples }) => counts.push(samples),
    });
    await recording.attached;
    for (const number of [2, 3]) {
      const known = counts.at(-1) ?? 0;
      await until(() => (counts.at(-1) ?? 0) > known + 100);
      program.child.stdin?.write('\n');
      expect(await program.line()).toBe(String(number));
    }
    const known = counts.at(-1) ?? 0;
    await until(() => (counts.at(-1) ?? 0) > known + 400);
    recording.stop();
    const { profile, result } = await recording.finished;
    expect(result.error).toBeUndefined();
    const seen = new Map<string, Set<string>>();
    for (let i = 0; i < profile.samples.length; i++) {
      if ((profile.samples.flags[i]! & SampleFlag.Invalid) !== 0) continue;
      const { iid } = profile.tables.thread(profile.samples.thread[i] as ThreadId);
      const names = framesOf(profile, profile.samples.stack[i]!).map((frame) => frame.name);
      const key = String(iid);
      const stacks = seen.get(key) ?? new Set();
      seen.set(key, stacks);
      // Everything of one interpreter bears one number, and lies in its order.
      if (key !== '0') stacks.add(names.join(' '));
    }
    const main = seen.get('0');
    expect(main).toBeDefined();
    seen.delete('0');
    const numbers = new Set<string>();
    for (const stacks of seen.values()) {
      const own = new Set<string>();
      for (const stack of stacks) {
        if (!stack.includes('_1') && !stack.includes('_2') && !stack.includes('_3')) continue; // it begins
        const match = /^<module> turn_(\d)(?: compute_(\d))?$/.exec(stack);
        expect(match, stack).not.toBeNull();
        for (const number of match!.slice(1)) if (number !== undefined) own.add(number);
      }
      expect(own.size).toBe(1);
      for (const number of own) numbers.add(number);
    }
    expect(numbers).toEqual(new Set(['1', '2', '3']));
  });
});
