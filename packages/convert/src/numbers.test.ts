import { describe, expect, it } from 'vitest';
import { formatCount, formatInterval, formatPercent, formatWeight } from './numbers.js';

const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

describe('numbers for people', () => {
  it.each([
    [0, '0 µs'],
    [12, '12 µs'],
    [1000, '1 ms'],
    [4704, '4.70 ms'],
    [999_600, '1 s'],
    [59_400_000, '59.4 s'],
    [61_000_000, '1 min 1 s'],
    [3_600_000_000 * 2 + 60e6, '2 h 1 min'],
  ])('duration %d', (us, text) => {
    expect(plain(formatWeight(us, 'microseconds'))).toBe(text);
  });

  it.each([
    [1, '1 B'],
    [1023, '1 KiB'],
    [1536, '1.50 KiB'],
    [5 * 1024 ** 3, '5 GiB'],
  ])('%d bytes', (bytes, text) => {
    expect(plain(formatWeight(bytes, 'bytes'))).toBe(text);
  });

  it('sets thousands apart', () => {
    expect(plain(formatCount(1_234_567))).toBe('1 234 567');
    expect(plain(formatWeight(999, 'count'))).toBe('999');
  });

  it('never rounds a share to nothing or to everything', () => {
    const texts = [0, 1e-9, 0.004, 0.08, 0.99999, 1].map((share) => plain(formatPercent(share)));
    expect(texts).toEqual(['0 %', '<0.01 %', '0.40 %', '8.0 %', '>99.9 %', '100 %']);
  });

  it('says when an interval is unknown', () => {
    expect(plain(formatInterval({ low: 0.057, high: 0.11 }))).toBe('5.7–11.0 %');
    expect(formatInterval(null)).toBe('interval unknown');
  });
});
