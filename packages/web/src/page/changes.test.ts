import type { WeighedRows } from '@austin-profiler/convert/page';
import { describe, expect, it } from 'vitest';
import { changesBetween } from './changes.js';

function weighed(self: number[], samples = 100): WeighedRows {
  const total = self.reduce((sum, weight) => sum + weight, 0);
  return {
    infos: self.map((_, row) => ({ name: `f${row}`, file: '', line: 0, kind: 0, fn: row })),
    totals: { self: Float64Array.from(self), total: Float64Array.from(self) },
    whole: { unit: 'microseconds', total, samples, effective: samples },
  };
}

describe('changes between two parts of a recording', () => {
  it('has the largest first, and says which are more than chance', () => {
    const changes = changesBetween(weighed([50, 40, 10, 0]), weighed([20, 15, 15, 50]));
    expect(changes.map(({ row }) => row)).toEqual([3, 0, 1, 2]);
    expect(changes[0]).toMatchObject({ before: 0, after: 0.5, isClear: true });
    expect(changes[3]).toMatchObject({ before: 0.1, after: 0.15, isClear: false });
    for (const { before, after, interval } of changes) {
      expect(interval!.low).toBeLessThanOrEqual(after - before);
      expect(interval!.high).toBeGreaterThanOrEqual(after - before);
    }
  });

  it('is sure of nothing where nothing was sampled', () => {
    expect(changesBetween(weighed([1, 3]), weighed([0, 0], 0))).toEqual([
      { row: 1, before: 0.75, after: 0, interval: null, isClear: false },
      { row: 0, before: 0.25, after: 0, interval: null, isClear: false },
    ]);
  });
});
