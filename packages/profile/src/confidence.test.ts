import { describe, expect, it } from 'vitest';
import { effectiveSamples, wilson } from './confidence.js';

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
