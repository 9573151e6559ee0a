import { EMPTY_STACK, FrameKind, ProfileBuilder, SampleFlag } from '@austin-profiler/profile';
import type { Statistics } from '@austin-profiler/sampler';
import { describe, expect, it } from 'vitest';
import { compare, impossibleStacks, type Notes, quantile, speeds } from './self-test-numbers.js';
import { couldExist } from './self-test-program.js';

describe('couldExist', () => {
  it.each([
    [['<module>'], true],
    [['<module>', 'work'], true],
    [['<module>', 'work', 'f_0'], true],
    [['<module>', 'work', 'f_0', 'f_0_1', 'f_0_1_0'], true],
    [[], false],
    [['work'], false],
    [['<module>', 'f_0'], false],
    [['<module>', 'work', 'f_0_1'], false],
    [['<module>', 'work', 'f_0', 'f_0_0', 'f_0_1_0'], false],
    [['<module>', 'work', 'f_0', 'f_0'], false],
    [['<module>', 'source', 'source'], false],
    [['<module>', 'work', ...Array.from({ length: 8 }, (_, i) => `f_0${'_0'.repeat(i)}`)], false],
  ])('%j: %s', (names, expected) => expect(couldExist(names)).toBe(expected));
});

/** A profile of one thread; each sample with its stack, outermost name first, its flags and its time. */
function profileOf(samples: readonly (readonly [names: string[], flags: number, timeUs: number])[]) {
  const builder = new ProfileBuilder();
  const { tables } = builder;
  const thread = tables.internThread(1, 0, '1');
  const file = tables.internString('<self-test>');
  for (const [names, flags, timeUs] of samples) {
    const stack = names.reduce((parent, name) => {
      const fn = tables.internFunction(tables.internString(name), file, 0, FrameKind.Python);
      return tables.internStack(parent, tables.internFrame(fn));
    }, EMPTY_STACK);
    builder.addSample(stack, thread, timeUs, 0, flags);
  }
  return builder.build();
}

describe('impossibleStacks', () => {
  it('finds those that claim to be whole', () => {
    const wrong = ['<module>', 'work', 'f_0', 'f_0_0', 'f_0_1_0'];
    const profile = profileOf([
      [['<module>', 'work', 'f_0'], 0, 100],
      [wrong, 0, 100],
      [wrong, SampleFlag.Invalid, 100],
      [wrong, 0, 100],
      [[], 0, 100],
    ]);
    expect(impossibleStacks(profile)).toEqual([wrong, wrong]);
  });
});

/** A program that works at a speed for each tenth of a second, and notes it every 5 ms. */
function notesOf(speedsPerMs: readonly number[]): Notes {
  const notes: [number, number, number][] = [];
  let done = 0;
  for (let ms = 0; ms < speedsPerMs.length * 100; ms += 5) {
    // It has the processor half of the time.
    notes.push([ms * 1e6, ms * 5e5, done]);
    done += speedsPerMs[Math.floor(ms / 100)]! * 5;
  }
  notes.push([speedsPerMs.length * 1e8, speedsPerMs.length * 5e7, done]);
  return notes;
}

const windowAt = (tenth: number) => ({ begin: tenth * 1e8, end: (tenth + 1) * 1e8 });

describe('speeds', () => {
  it('are work per time, by the clock and by CPU time', () => {
    expect(speeds(notesOf([20, 40]), windowAt(1))).toEqual({ elapsed: 40 / 1e6, cpu: 80 / 1e6 });
  });

  it('are unknown where nothing was noted', () => {
    expect(speeds([], windowAt(0)).elapsed).toBeNaN();
    expect(speeds(notesOf([20]), { begin: 1, end: 2 }).cpu).toBeNaN();
  });
});

describe('compare', () => {
  const statistics = {
    samples: 4,
    rounds: 5,
    lateRounds: 1,
    missedRounds: 2,
    cut: 1,
    invalid: 0,
    durationUs: 400_000,
    cpuUs: 8_000,
  };
  const sampledAt = (tenth: number, intervalUs: number) => ({
    ...windowAt(tenth),
    intervalUs,
    cpuShare: tenth / 100,
    profile: profileOf([999, 100, 200, 300].map((timeUs) => [['<module>', 'work'], 0, timeUs])),
    statistics: statistics as Statistics,
  });

  it('holds each window against those around it', () => {
    const { rates, noise } = compare(
      [windowAt(0), windowAt(2), windowAt(4)],
      [sampledAt(1, 1000), sampledAt(3, 100)],
      notesOf([100, 90, 100, 40, 60]),
    );
    expect(rates.map(({ askedHz }) => askedHz)).toEqual([1000, 10_000]);
    expect(rates[0]!.slowdown.elapsed.median).toBeCloseTo(0.1);
    expect(rates[0]!.slowdown.cpu.median).toBeCloseTo(0.1);
    expect(rates[1]!.slowdown.elapsed.median).toBeCloseTo(0.5);
    expect(noise.elapsed.median).toBeCloseTo(1 - 100 / 80);
  });

  it('adds up what each rate gave', () => {
    const [rate, ...others] = compare(
      [windowAt(0), windowAt(2), windowAt(4)],
      [sampledAt(1, 1000), sampledAt(3, 1000)],
      notesOf([1, 1, 1, 1, 1]),
    ).rates;
    expect(others).toEqual([]);
    expect(rate).toMatchObject({
      gotHz: 10,
      // Without the first samples, which stand for the time before them.
      periodUs: { median: 200, p99: 300, max: 300 },
      rounds: 10,
      lateRounds: 2,
      missedRounds: 4,
      samples: 8,
      cut: 2,
      impossible: 0,
      cpuShare: { thread: 0.02, process: 0.02 },
    });
    expect(rate).not.toHaveProperty('example');
  });
});

it('quantile answers with one of the values', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([3, 1, 2], 1)).toBe(3);
  expect(quantile([], 0.5)).toBeNaN();
});
