import { describe, expect, it } from 'vitest';
import { hotLines, indexLines } from './hot-lines.js';
import { measure, wholeOf } from './measures.js';
import type { Payload } from './payload.js';
import { chosenThreads } from './threads-menu.js';

const payload = {
  metrics: [
    { id: 'wall', unit: 'microseconds' },
    { id: 'samples', unit: 'count' },
  ],
  threads: {
    pid: [7, 7, 9],
    samples: [
      [300, 1],
      [100, 1],
      [0, 0],
    ],
    squares: [
      [300e6, 1],
      [100e6, 1],
      [0, 0],
    ],
  },
  lines: {
    thread: [0, 0, 1, 1],
    fn: [4, 4, 4, 5],
    line: [10, 11, 11, 3],
    self: [[1, 2, 3, 9]],
    total: [[1, 4, 8, 9]],
  },
} as unknown as Payload;

describe('measure', () => {
  it('gives a share of 8 % from 400 samples its interval', () => {
    const whole = wholeOf(payload, [0, 1], 0, 400e3);
    expect(whole).toMatchObject({ samples: 400, effective: 400 });
    const { percent, interval } = measure(32e3, whole);
    expect(`${percent} ${interval}`.replace(/\u00a0/g, ' ')).toBe('8.0 % 5.7–11.1 %');
  });

  it('takes a count as that many samples', () => {
    expect(wholeOf(payload, [0], 1, 5000)).toMatchObject({ samples: 5000, effective: 5000 });
  });

  it('knows no share of nothing', () => {
    const { share, interval } = measure(0, wholeOf(payload, [2], 0, 0));
    expect([share, interval]).toEqual([0, 'interval unknown']);
  });
});

describe('hotLines', () => {
  it('adds up the selected threads, heaviest first', () => {
    const index = indexLines(payload);
    expect(hotLines(payload, index, 4, new Set([0, 1]), 0)).toEqual([
      { line: 11, self: 5, total: 12 },
      { line: 10, self: 1, total: 1 },
    ]);
    expect(hotLines(payload, index, 4, new Set([1]), 0)).toEqual([{ line: 11, self: 3, total: 8 }]);
    expect(hotLines(payload, index, 6, new Set([0]), 0)).toEqual([]);
  });
});

describe('chosenThreads', () => {
  it('understands all, a process and a thread', () => {
    expect(chosenThreads('all', payload)).toEqual([0, 1, 2]);
    expect(chosenThreads('p7', payload)).toEqual([0, 1]);
    expect(chosenThreads('t2', payload)).toEqual([2]);
  });
});
