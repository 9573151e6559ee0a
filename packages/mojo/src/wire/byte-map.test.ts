import { expect, test } from 'vitest';
import { Random } from '../../testing/random.js';
import { ByteMap } from './byte-map.js';

test('finds what was added by content, in any buffer', () => {
  const random = new Random(3);
  const map = new ByteMap<string>();
  const reference = new Map<string, string>();
  for (let i = 0; i < 2000; i++) {
    const bytes = random.bytes(random.below(4));
    const key = bytes.join();
    const padded = Uint8Array.of(9, ...bytes, 9);
    expect(map.get(padded, 1, 1 + bytes.length)).toBe(reference.get(key));
    if (reference.has(key)) continue;
    map.add(padded, 1, 1 + bytes.length, key);
    padded.fill(0);
    reference.set(key, key);
  }
});
