import { expect, test } from 'vitest';
import { ByteWriter } from './byte-writer.js';

test('grows, hands over what was written, and starts again', () => {
  const writer = new ByteWriter(1);
  for (let i = 0; i < 100; i++) writer.byte(i);
  writer.bytes(new Uint8Array(1000).fill(7));
  expect(writer.length).toBe(1100);
  const taken = writer.take();
  expect(taken.subarray(0, 100)).toEqual(Uint8Array.from({ length: 100 }, (_, i) => i));
  expect(taken.subarray(100).every((byte) => byte === 7)).toBe(true);
  writer.byte(1);
  expect(taken[0]).toBe(0);
  expect(writer.take()).toEqual(Uint8Array.of(1));
});

test('grows from nothing', () => {
  const writer = new ByteWriter(0);
  writer.byte(1);
  writer.bytes(Uint8Array.of(2, 3));
  expect(writer.take()).toEqual(Uint8Array.of(1, 2, 3));
});
