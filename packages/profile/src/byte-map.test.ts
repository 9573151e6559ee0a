import { expect, test } from 'vitest';
import { ByteMap } from './byte-map.js';

test('finds what was added by content, in any buffer', () => {
  const map = new ByteMap<string>();
  const reference = new Map<string, string>();
  let state = 3;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  for (let i = 0; i < 5000; i++) {
    const bytes = Array.from({ length: random(11) }, () => random(3));
    const key = bytes.join();
    const padded = Uint8Array.of(9, ...bytes, 9);
    expect(map.get(padded, 1, 1 + bytes.length)).toBe(reference.get(key));
    if (reference.has(key)) continue;
    map.add(padded, 1, 1 + bytes.length, key);
    padded.fill(0);
    reference.set(key, key);
  }
  expect(reference.size).toBeGreaterThan(1000);
  expect(map.get(new Uint8Array(12), 0, 12)).toBeUndefined();
});
