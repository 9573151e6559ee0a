import { describe, expect, it } from 'vitest';
import { metadataValue, SampleFlag } from '../packages/profile/dist/index.js';
import { findPythons } from './pythons.js';
import {
  framesOf,
  type Program,
  type Recorded,
  startProgram,
  startRecordingFile,
  tidOf,
} from './record-helpers.js';

const pythons = await findPythons();

type Work = 'asleep' | 'burn' | 'allocate' | 'collect';

interface Truth {
  /** Seconds. */
  readonly processorTime: Readonly<Record<string, number>>;
  /** Bytes. */
  readonly allocated: number;
  /** Share of the time of `collect`. */
  readonly collecting: number;
}

/** What the samples of one thread add up to. */
interface ThreadSum {
  samples: number;
  timeUs: number;
  memory: number;
  idle: number;
  gc: number;
  /** µs with the interpreter lock. */
  gilUs: number;
  functions: Set<string>;
}

async function startModes(
  python: string,
  works: readonly Work[],
): Promise<Program & { tids: Record<string, number> }> {
  const program = startProgram(python, ['modes.py', ...works]);
  return { ...program, tids: JSON.parse((await program.line()) ?? '') as Record<string, number> };
}

/** Records until there are some hundred rounds, then lets the program say what it did. */
async function recordModes(
  python: string,
  works: readonly Work[],
  options: Parameters<typeof startRecordingFile>[1],
): Promise<{ recorded: Recorded; truth: Truth; of: (work: Work) => ThreadSum; main: ThreadSum }> {
  const program = await startModes(python, works);
  const recorded = await startRecordingFile(program.pid, { durationUs: 600_000, ...options }).finished;
  program.child.stdin?.end();
  const truth = JSON.parse((await program.line()) ?? '') as Truth;
  const sums = sumThreads(recorded);
  const none = { samples: 0, timeUs: 0, memory: 0, idle: 0, gc: 0, gilUs: 0, functions: new Set<string>() };
  return {
    recorded,
    truth,
    of: (work) => sums.get(program.tids[work]!) ?? none,
    main: sums.get(program.pid) ?? none,
  };
}

function sumThreads({ profile }: Recorded): Map<number, ThreadSum> {
  const { samples } = profile;
  const sums = new Map<number, ThreadSum>();
  for (let i = 0; i < samples.length; i++) {
    const tid = tidOf(profile, samples.thread[i]!);
    const sum = sums.get(tid) ?? {
      samples: 0,
      timeUs: 0,
      memory: 0,
      idle: 0,
      gc: 0,
      gilUs: 0,
      functions: new Set<string>(),
    };
    sums.set(tid, sum);
    sum.samples++;
    sum.timeUs += samples.timeUs[i]!;
    sum.memory += samples.memoryBytes[i]!;
    if (samples.flags[i]! & SampleFlag.Idle) sum.idle++;
    if (samples.flags[i]! & SampleFlag.Gc) sum.gc++;
    if (samples.flags[i]! & SampleFlag.HoldsGil) sum.gilUs += samples.timeUs[i]!;
    for (const frame of framesOf(profile, samples.stack[i]!)) sum.functions.add(frame.name);
  }
  return sums;
}

describe.each(pythons)('Python 3.$version.minor', (python) => {
  it('in CPU mode shows the threads that run', async () => {
    const { recorded, of, main } = await recordModes(python.path, ['asleep', 'burn'], { mode: 'cpu' });
    const { statistics } = recorded.result;
    expect(recorded.profile.mode).toBe('cpu');
    expect(of('burn').functions).toContain('spin');
    // The burning thread runs or waits for a processor all the time, and the others never once they have begun to wait.
    expect(of('burn').timeUs).toBeGreaterThan(0.9 * statistics.durationUs);
    expect(of('asleep').samples + main.samples).toBeLessThan(0.05 * statistics.rounds);
    expect(of('burn').idle).toBe(0);
  });

  it('in memory mode charges what was allocated to the thread that did', async () => {
    const { recorded, truth, of, main } = await recordModes(python.path, ['asleep', 'allocate'], {
      mode: 'memory',
    });
    const { profile } = recorded;
    expect(profile.mode).toBe('memory');
    expect(Number(metadataValue(profile, 'memory'))).toBeGreaterThan(1024);
    const total = of('allocate').memory + of('asleep').memory + main.memory;
    // Blocks were allocated before and after the recording too.
    expect(total).toBeGreaterThan(10 * 2 ** 20);
    expect(total).toBeLessThan(truth.allocated + 16 * 2 ** 20);
    expect(of('allocate').memory).toBeGreaterThan(0.8 * total);
    expect(of('allocate').functions).toContain('grow');
    expect(profile.samples.timeUs.every((time) => time === 0)).toBe(true);
    expect(profile.samples.memoryBytes.every((bytes) => bytes !== 0)).toBe(true);
    expect(recorded.result.statistics.samples).toBeLessThan(recorded.result.statistics.rounds);
  });

  it('in full mode shows time, rest and memory of every thread', async () => {
    const { recorded, of, main } = await recordModes(python.path, ['asleep', 'allocate', 'burn'], {
      mode: 'full',
    });
    const { statistics } = recorded.result;
    expect(recorded.profile.mode).toBe('full');
    for (const sum of [of('asleep'), of('allocate'), of('burn'), main]) {
      expect(Math.abs(sum.timeUs - statistics.durationUs)).toBeLessThanOrEqual(1000);
      expect(sum.samples).toBe(statistics.rounds);
    }
    expect(of('asleep').idle + main.idle).toBeGreaterThan(1.95 * statistics.rounds);
    // But for what the allocating thread takes of the lock.
    expect(of('burn').idle).toBeLessThan(0.5 * statistics.rounds);
    const total = of('allocate').memory + of('asleep').memory + of('burn').memory + main.memory;
    expect(total).toBeGreaterThan(5 * 2 ** 20);
  });

  it('marks the thread that collects garbage, and no other', async () => {
    const { recorded, truth, of, main } = await recordModes(python.path, ['asleep', 'collect'], { gc: true });
    const { profile, result } = recorded;
    expect(of('asleep').gc).toBe(0);
    expect(main.gc).toBe(0);
    const { gc, samples } = of('collect');
    expect(gc).toBeGreaterThan(0);
    // The marks tell the share of time in the collector, to what a few hundred samples can tell.
    expect(Math.abs(gc / samples - truth.collecting)).toBeLessThan(0.15);
    expect(Math.abs(result.statistics.gcUs / result.statistics.durationUs - truth.collecting)).toBeLessThan(
      0.15,
    );
    expect(metadataValue(profile, 'gc')).toBe(String(result.statistics.gcUs));
  });

  it('without the mark counts no collections', async () => {
    const { recorded, of } = await recordModes(python.path, ['collect'], { durationUs: 200_000 });
    expect(of('collect').gc).toBe(0);
    expect(recorded.result.statistics.gcUs).toBe(0);
    expect(metadataValue(recorded.profile, 'gc')).toBeUndefined();
  });

  it('with the lock only, shows the thread that holds it', async () => {
    const { recorded, of, main } = await recordModes(python.path, ['asleep', 'burn'], { gilOnly: true });
    const { statistics } = recorded.result;
    expect(of('burn').timeUs).toBeGreaterThan(0.9 * statistics.durationUs);
    expect(of('asleep').samples + main.samples).toBeLessThan(0.05 * statistics.rounds);
    // One thread holds it at a time.
    expect(statistics.samples).toBeLessThanOrEqual(statistics.rounds);
    expect(metadataValue(recorded.profile, 'x-gil-only')).toBe('on');
    expect(of('burn').gilUs).toBe(0);
  });

  it('marks who holds the lock, if that is wanted', async () => {
    const { recorded, of, main } = await recordModes(python.path, ['asleep', 'burn'], {
      mode: 'full',
      gilHolders: true,
    });
    const { durationUs } = recorded.result.statistics;
    expect(metadataValue(recorded.profile, 'x-gil-holders')).toBe('on');
    expect(of('burn').gilUs).toBeGreaterThan(0.9 * durationUs);
    // All threads are sampled as ever.
    for (const thread of [of('asleep'), main]) {
      expect(thread.timeUs).toBeGreaterThan(0.9 * durationUs);
      expect(thread.gilUs).toBeLessThan(0.05 * durationUs);
    }
  });

  it('gives two threads that compete for the lock to each its time with it', async () => {
    const { recorded, of } = await recordModes(python.path, ['burn', 'collect'], { gilHolders: true });
    const { durationUs } = recorded.result.statistics;
    const [burn, collect] = [of('burn').gilUs, of('collect').gilUs];
    expect(Math.min(burn, collect)).toBeGreaterThan(0.1 * durationUs);
    // It is one lock.
    expect(burn + collect).toBeLessThanOrEqual(1.02 * durationUs);
  });
});

it('a recording says which process it is of', async () => {
  const python = pythons.at(-1)!;
  const program = await startModes(python.path, ['asleep']);
  const { profile } = await startRecordingFile(program.pid, { durationUs: 50_000 }).finished;
  const process = JSON.parse(metadataValue(profile, `x-process:${program.pid}`) ?? '') as Record<
    string,
    unknown
  >;
  expect(process).toEqual({
    python: `${python.version.major}.${python.version.minor}.${python.version.micro}`,
    build: 'default',
    executable: python.path,
    command: [python.path, 'modes.py', 'asleep'],
    parent: expect.any(Number) as number,
    startUs: expect.any(Number) as number,
    attachedUs: 0,
  });
  expect(process.parent).toBe(globalThis.process.pid);
  expect(process.startUs).toBeLessThan(0);
  expect(metadataValue(profile, 'x-clock')).toBe('monotonic');
  expect(Number(metadataValue(profile, 'x-interval-got'))).toBeGreaterThan(0);
});
