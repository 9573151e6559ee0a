import { describe, expect, it } from 'vitest';
import { measure, wholeOf } from './measures.js';
import type { Payload } from './payload.js';
import { chosenThreads } from './threads-menu.js';

const payload = {
  metrics: [
    { id: 'wall', unit: 'microseconds' },
    { id: 'samples', unit: 'count' },
  ],
  threads: { pid: [7, 7, 9], label: ['a', 'b', 'c'] },
  lanes: {
    thread: [0, 0, 1],
    slot: [0, 1, 1],
    samples: [
      [100, 200, 100],
      [1, 0, 1],
    ],
    squares: [
      [100e6, 200e6, 100e6],
      [1, 0, 1],
    ],
  },
} as unknown as Payload;

const whole = (threads: number[], metric: number, total: number, [from, to] = [0, 2]) =>
  wholeOf(payload, { threads, metric, from: from!, to: to! }, total);

describe('measure', () => {
  it('gives a share of 8 % from 400 samples its interval', () => {
    const all = whole([0, 1], 0, 400e3);
    expect(all).toMatchObject({ samples: 400, effective: 400 });
    const { percent, interval } = measure(32e3, all);
    expect(`${percent} ${interval}`.replace(/\u00a0/g, ' ')).toBe('8.0 % 5.7–11.1 %');
  });

  it('knows how many samples there are in a part of the time', () => {
    expect(whole([0, 1], 0, 100e3, [0, 1])).toMatchObject({ samples: 100, effective: 100 });
  });

  it('takes a count as that many samples', () => {
    expect(whole([0], 1, 5000)).toMatchObject({ samples: 5000, effective: 5000 });
  });

  it('knows no share of nothing', () => {
    const { share, interval } = measure(0, whole([2], 0, 0));
    expect([share, interval]).toEqual([0, 'interval unknown']);
  });
});

describe('chosenThreads', () => {
  it('understands all, a process and a thread', () => {
    expect(chosenThreads('all', payload)).toEqual([0, 1, 2]);
    expect(chosenThreads('p7', payload)).toEqual([0, 1]);
    expect(chosenThreads('t2', payload)).toEqual([2]);
  });
});
