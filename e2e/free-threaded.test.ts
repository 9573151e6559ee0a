import { describe, expect, it } from 'vitest';
import type { Profile } from '../packages/profile/dist/index.js';
import { takeSnapshot } from '../packages/sampler/dist/index.js';
import { findPythons } from './pythons.js';
import { framesOf, judge, record, startTruthful, tidOf } from './record-helpers.js';

const pythons = (await findPythons({ freeThreaded: true })).filter((python) => python.freeThreaded);
if (pythons.length === 0) console.log('skipped: builds without a GIL. None was found (AUSTIN_TEST_PYTHONS).');

/** The functions that each thread was seen in. */
function functionsByThread(profile: Profile): Map<number, Set<string>> {
  const seen = new Map<number, Set<string>>();
  const { samples } = profile;
  for (let i = 0; i < samples.length; i++) {
    const tid = tidOf(profile, samples.thread[i]!);
    const names = seen.get(tid) ?? new Set();
    seen.set(tid, names);
    for (const frame of framesOf(profile, samples.stack[i]!)) names.add(frame.name);
  }
  return seen;
}

/** In none of them may a thread be taken for one that waits for a GIL: each moves on between two samples. */
const WAYS: readonly { name: string; args: readonly string[]; env: Record<string, string> }[] = [
  { name: 'without a GIL', args: [], env: {} },
  { name: 'with the GIL switched on', args: ['-X', 'gil=1'], env: {} },
  { name: 'with the GIL switched on by the environment', args: [], env: { PYTHON_GIL: '1' } },
  { name: 'with one copy of the bytecode for all threads', args: ['-X', 'tlbc=0'], env: {} },
];

if (pythons.length === 0) it.skip('no free-threaded build on this machine');

describe.each(pythons)('Python $name', (python) => {
  it.each(WAYS)('$name: all threads are read in each round', async ({ args, env }) => {
    const program = await startTruthful(python.path, [...args, 'parallel.py'], { env });
    const { truth } = program;
    const missing = new Set<string>();
    for (const { tid } of truth.threads) for (const name of ['up', 'down']) missing.add(`${tid} ${name}`);
    for (let count = 0; count < 20 && missing.size > 0; count++) {
      const { profile, result } = await record(program.pid, { durationUs: 300_000 });
      expect(result.error).toBeUndefined();
      expect(result.target).toMatchObject({ pid: program.pid, freeThreaded: true });
      expect(judge(profile, truth).illegal).toEqual([]);
      // One sample a round of each thread, whatever a GIL would say of it.
      expect(result.statistics.samples).toBe(result.statistics.rounds * truth.threads.length);
      for (const [tid, names] of functionsByThread(profile)) {
        for (const name of names) missing.delete(`${tid} ${name.split('_').at(-1)}`);
      }
    }
    expect([...missing]).toEqual([]);
    await program.finish();
  });

  it('a snapshot tells which threads may run, by the GIL only where one is in use', async () => {
    const free = await startTruthful(python.path, ['parallel.py']);
    const { threads } = await takeSnapshot(free.pid);
    expect(threads.map(({ attached }) => typeof attached)).toEqual(threads.map(() => 'boolean'));
    expect(threads.filter(({ attached }) => attached).length).toBeGreaterThan(0);
    expect(
      threads.flatMap(({ holdsGil, waitsForGil }) => [holdsGil ?? [], waitsForGil ?? []].flat()),
    ).toEqual([]);
    await free.finish();

    const locked = await startTruthful(python.path, ['-X', 'gil=1', 'parallel.py']);
    const seen = (await takeSnapshot(locked.pid)).threads;
    expect(seen.map(({ holdsGil }) => typeof holdsGil)).toEqual(seen.map(() => 'boolean'));
    expect(seen.filter(({ holdsGil }) => holdsGil).length).toBeLessThanOrEqual(1);
    expect(seen.flatMap(({ attached }) => attached ?? [])).toEqual([]);
    await locked.finish();
  });

  it('a snapshot has all of its threads', async () => {
    const program = await startTruthful(python.path, ['parallel.py']);
    const { target, threads } = await takeSnapshot(program.pid);
    expect(target.freeThreaded).toBe(true);
    const byTid = new Map(program.truth.threads.map(({ tid, name }) => [tid, name]));
    expect(new Map(threads.map(({ tid, name }) => [tid, name]))).toEqual(byTid);
    // They run meanwhile, and each was seen whole all the same.
    for (const { quality } of threads) expect(['exact', 'retried']).toContain(quality);
    await program.finish();
  });
});
