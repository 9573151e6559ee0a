import { expect, it } from 'vitest';
import { bytes, count, duration, percent, rate, time, weight } from './numbers.js';

it('counts', () => {
  expect([0, 999, 1000, 1234567].map(count)).toEqual(['0', '999', '1,000', '1,234,567']);
});

it('shares never round to nothing or to all', () => {
  expect(percent(0, 0)).toBe('0 %');
  expect(percent(0, 5)).toBe('0 %');
  expect(percent(1, 100_000)).toBe('< 0.01 %');
  expect(percent(3, 10_000)).toBe('0.03 %');
  expect(percent(1, 8)).toBe('12.5 %');
  expect(percent(99_999, 100_000)).toBe('> 99.99 %');
  expect(percent(5, 5)).toBe('100.0 %');
});

it('sizes, durations and rates', () => {
  expect([999, 88_335, 1.5e6, 2.5e9].map(bytes)).toEqual(['999 B', '88.3 kB', '1.5 MB', '2.50 GB']);
  expect([0, 3_400_000, 125e6].map(duration)).toEqual(['0.00 s', '3.40 s', '2 min 5 s']);
  expect([10_000, 997.6, 3.3333, 0.1, Infinity].map(rate)).toEqual([
    '10,000 Hz',
    '998 Hz',
    '3.33 Hz',
    '0.1 Hz',
    'unknown',
  ]);
});

it('times have the unit that suits them', () => {
  expect([0, 7, 999.4, 1000, 12_345, 999_499, 999_500, 3.4e6, 125e6].map(time)).toEqual([
    '0 µs',
    '7 µs',
    '999 µs',
    '1 ms',
    '12.3 ms',
    '999 ms',
    '1 s',
    '3.4 s',
    '2 min 5 s',
  ]);
  expect([weight(1500, 'microseconds'), weight(1500, 'bytes'), weight(1500, 'count')]).toEqual([
    '1.5 ms',
    '1.5 kB',
    '1,500',
  ]);
});
