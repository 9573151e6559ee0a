import { describe, expect, test } from 'vitest';
import { Random } from '../../testing/random.js';
import { KeyMap, NO_VALUE } from './key-map.js';
import type { MojoInt } from './varint.js';

const KEYS: MojoInt[] = [
  0,
  1,
  63,
  64,
  65535,
  65536,
  -1,
  -65536,
  2 ** 31,
  2 ** 32,
  2 ** 32 + 1,
  2 ** 43 - 1,
  Number.MAX_SAFE_INTEGER,
  -Number.MAX_SAFE_INTEGER,
  2n ** 53n,
  2n ** 53n + 1n,
  -(2n ** 63n),
];

describe('KeyMap', () => {
  test('keeps keys of every size apart', () => {
    const map = new KeyMap();
    for (const key of KEYS) expect(map.get(key)).toBe(NO_VALUE);
    for (const [value, key] of KEYS.entries()) map.set(key, value);
    expect(KEYS.map((key) => map.get(key))).toEqual([...KEYS.keys()]);
  });

  test('says what a Map says, through growth and replacement', () => {
    const random = new Random(4);
    const map = new KeyMap();
    const expected = new Map<MojoInt, number>();
    for (let i = 0; i < 20_000; i++) {
      const key = random.bool(4) ? random.below(100) * 2 ** 33 : random.int();
      map.set(key, i);
      expected.set(key, i);
    }
    for (const [key, value] of expected) expect(map.get(key)).toBe(value);
    for (let i = 0; i < 1000; i++) {
      const key = random.int();
      expect(map.get(key)).toBe(expected.get(key) ?? NO_VALUE);
    }
  });
});
