import { describe, expect, it } from 'vitest';
import { differenceInterval, effectiveSamples, wilson } from './confidence.js';

describe('wilson', () => {
  it('gives the published limits', () => {
    // Newcombe 1998, table I: 81 of 263 and 15 of 148.
    expect(wilson(81 / 263, 263)!.low).toBeCloseTo(0.2553, 4);
    expect(wilson(81 / 263, 263)!.high).toBeCloseTo(0.3662, 4);
    expect(wilson(15 / 148, 148)!.low).toBeCloseTo(0.0624, 4);
    expect(wilson(15 / 148, 148)!.high).toBeCloseTo(0.1605, 4);
  });

  it('has a width at both ends and stays within them', () => {
    expect(wilson(0, 20)).toEqual({ low: 0, high: expect.closeTo(0.1611, 4) });
    expect(wilson(1, 20)).toEqual({ low: expect.closeTo(0.8389, 4), high: 1 });
    expect(wilson(1.0000001, 20)!.high).toBe(1);
  });

  it('is unknown without samples', () => {
    expect(wilson(0.5, 0)).toBeNull();
    expect(wilson(Number.NaN, Number.NaN)).toBeNull();
  });
});

describe('effectiveSamples', () => {
  it('counts equal samples one by one, and one that outweighs all others as one', () => {
    expect(effectiveSamples(10 * 5, 10 * 25)).toBe(10);
    expect(effectiveSamples(1_000_003, 1_000_000 ** 2 + 3)).toBeCloseTo(1, 4);
    expect(effectiveSamples(0, 0)).toBe(0);
  });
});

describe('differenceInterval', () => {
  // Newcombe 1998, Interval estimation for the difference, table II: method 10.
  it.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [10, 10, 0, 10, 0.6075, 1],
  ])('gives the published limits of %d/%d - %d/%d', (a, m, b, n, low, high) => {
    const interval = differenceInterval({ share: b / n, samples: n }, { share: a / m, samples: m })!;
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it('is unknown without samples', () => {
    expect(differenceInterval({ share: 0, samples: 0 }, { share: 0.5, samples: 10 })).toBeNull();
  });
});
