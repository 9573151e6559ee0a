import { describe, expect, it } from 'vitest';
import { GARBAGE_COLLECTION, INVALID_STACK } from '../../../synthetic-names.js';
import { ACTIVITIES, activities } from './activity.js';
import type { Payload } from './payload.js';
import { toRecording } from './recording.js';
import { axisTicks, barTotal, TimeLanes } from './time-lanes.js';
import { edgeAfterKey, moveEdge, rangeBetween } from './time-range.js';

const [OWN, LIBRARY, GC, INVALID] = [0, 1, 2, 3];

/** Own code that calls a library, in which the collector runs; and the same below an invalid stack. */
const payload = {
  metrics: [
    { id: 'cpu', unit: 'microseconds' },
    { id: 'wall', unit: 'microseconds' },
    { id: 'idle', unit: 'microseconds' },
    { id: 'allocated', unit: 'bytes' },
  ],
  strings: ['own.py', '/usr/lib/python3.12/x.py', GARBAGE_COLLECTION, INVALID_STACK, ''],
  functions: { name: [0, 1, 2, 3], file: [0, 1, 4, 4], line: [1, 1, 0, 0], kind: [0, 0, 3, 3] },
  frames: { fn: [OWN, LIBRARY, GC, INVALID] },
  stacks: { depth: [1, 2, 3, 1, 2], frame: [OWN, LIBRARY, GC, INVALID, OWN] },
  threads: { pid: [1, 1], label: ['a', 'b'] },
  time: { unit: 'wall', slots: 100, slotLength: 10 },
  cells: {
    thread: [0, 0, 0, 1],
    slot: [0, 1, 99, 50],
    node: [0, 2, 4, 1],
    weight: [
      [6, 10, 10, 0],
      [10, 10, 10, 10],
      [4, 0, 0, 10],
      [0, 64, 0, 32],
    ],
  },
  lanes: { samples: [[1, 1, 1, 0]] },
} as unknown as Payload;

const lanes = new TimeLanes(toRecording(payload));
const parts = (thread: number, metric: number, count: number, bar: number) => {
  const bars = lanes.bars(thread, metric, count);
  return Object.fromEntries(
    ACTIVITIES.map((activity, a) => [activity, bars[bar * ACTIVITIES.length + a]!]).filter(
      ([, weight]) => weight,
    ),
  );
};

describe('activities', () => {
  it('tells what a thread did from the innermost frame, invalid stacks apart', () => {
    const found = [...activities(toRecording(payload))].slice(1).map((activity) => ACTIVITIES[activity]);
    expect(found).toEqual(['own', 'library', 'gc', 'invalid', 'invalid']);
  });
});

describe('TimeLanes', () => {
  it('stacks what a thread did in each bar, off-CPU time apart', () => {
    expect(parts(0, 1, 10, 0)).toEqual({ own: 6, idle: 4, gc: 10 });
    expect(parts(0, 0, 10, 0)).toEqual({ own: 6, gc: 10 });
    expect(parts(0, 2, 10, 0)).toEqual({ idle: 4 });
    expect(parts(0, 1, 10, 9)).toEqual({ invalid: 10 });
    expect(parts(1, 1, 10, 5)).toEqual({ idle: 10 });
  });

  it('conserves the weight of a thread, however many bars there are', () => {
    for (const count of [1, 7, 100]) {
      const bars = lanes.bars(0, 1, count);
      const total = Array.from({ length: count }, (_, bar) => barTotal(bars, bar)).reduce((a, b) => a + b);
      expect(total).toBe(30);
    }
  });

  it('fills a bar with its time, or with the heaviest bar where weight is no time', () => {
    expect(lanes.capacity(1, 10)).toBe(10);
    expect(lanes.capacity(3, 10)).toBe(6.4);
  });

  it('knows how many slots a bar spans', () => {
    for (const count of [1, 7, 64, 100]) {
      const spans = Array.from({ length: count }, (_, bar) => lanes.slotsOf(bar, count));
      expect(spans.reduce((sum, slots) => sum + slots)).toBe(100);
      expect(Math.max(...spans) - Math.min(...spans)).toBeLessThanOrEqual(1);
    }
  });

  it('draws no bars that are shorter than a sample', () => {
    // 26 µs of CPU time in 3 samples: 8.7 µs each, and 1000 µs in all.
    expect(lanes.barCount(500)).toBe(57);
    expect(lanes.barCount(20)).toBe(20);
  });
});

describe('axisTicks', () => {
  it('gives round numbers up to the end', () => {
    expect(axisTicks(1000, 5)).toEqual([0, 200, 400, 600, 800, 1000]);
    expect(axisTicks(7, 3)).toEqual([0, 5]);
    expect(axisTicks(0, 3)).toEqual([0]);
  });
});

describe('ranges', () => {
  it('lie between two places, in any order, within the line, a slot at least', () => {
    expect(rangeBetween(0.2, 0.5, 10)).toEqual({ from: 2, to: 5 });
    expect(rangeBetween(0.55, 0.21, 10)).toEqual({ from: 2, to: 6 });
    expect(rangeBetween(-1, 2, 10)).toEqual({ from: 0, to: 10 });
    expect(rangeBetween(1, 1, 10)).toEqual({ from: 9, to: 10 });
  });

  it('keep a slot while an edge moves', () => {
    expect(moveEdge({ from: 2, to: 5 }, 'from', 9, 10)).toEqual({ from: 4, to: 5 });
    expect(moveEdge({ from: 2, to: 5 }, 'to', -3, 10)).toEqual({ from: 2, to: 3 });
    expect(moveEdge({ from: 2, to: 5 }, 'to', 30, 10)).toEqual({ from: 2, to: 10 });
  });

  it('move by keys', () => {
    expect(edgeAfterKey('ArrowRight', false, 4, 1000)).toBe(9);
    expect(edgeAfterKey('ArrowLeft', true, 400, 1000)).toBe(300);
    expect(edgeAfterKey('Home', false, 4, 1000)).toBe(0);
    expect(edgeAfterKey('End', false, 4, 1000)).toBe(1000);
    expect(edgeAfterKey('x', false, 4, 1000)).toBeUndefined();
  });
});
