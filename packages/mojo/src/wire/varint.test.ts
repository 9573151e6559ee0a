import { describe, expect, test } from 'vitest';
import { hex, toHex } from '../../testing/fixtures.js';
import { Random } from '../../testing/random.js';
import { createByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { type MojoInt, readVarint, toMojoInt, writeVarint } from './varint.js';

const VECTORS: [bigint, string][] = [
  [0n, '00'],
  [1n, '01'],
  [63n, '3f'],
  [64n, '80 01'],
  [-1n, '41'],
  [-63n, '7f'],
  [-64n, 'c0 01'],
  [131n, '83 02'],
  [-131n, 'c3 02'],
  [8191n, 'bf 7f'],
  [-8191n, 'ff 7f'],
  [8192n, '80 80 01'],
  [-8192n, 'c0 80 01'],
  [10000n, '90 9c 01'],
  [2n ** 20n - 1n, 'bf ff 7f'],
  [2n ** 20n, '80 80 80 01'],
  [2n ** 27n - 1n, 'bf ff ff 7f'],
  [2n ** 27n, '80 80 80 80 01'],
  [2n ** 31n - 1n, 'bf ff ff ff 0f'],
  [2n ** 32n, '80 80 80 80 20'],
  [-(2n ** 32n), 'c0 80 80 80 20'],
  [2n ** 40n, '80 80 80 80 80 40'],
  [2n ** 53n - 1n, 'bf ff ff ff ff ff ff 1f'],
  [2n ** 53n, '80 80 80 80 80 80 80 20'],
  [-(2n ** 53n + 1n), 'c1 80 80 80 80 80 80 20'],
  [2n ** 63n - 1n, 'bf ff ff ff ff ff ff ff ff 01'],
  [-(2n ** 63n), 'c0 80 80 80 80 80 80 80 80 02'],
  [2n ** 64n - 1n, 'bf ff ff ff ff ff ff ff ff 03'],
];

function write(value: MojoInt): Uint8Array {
  const writer = new ByteWriter();
  writeVarint(writer, value);
  return writer.take();
}

describe('readVarint and writeVarint', () => {
  test.each(VECTORS)('%s is %s', (value, bytes) => {
    const reader = createByteReader(hex(`${bytes} 55`));
    expect(readVarint(reader)).toBe(toMojoInt(value));
    expect(reader.at).toBe(hex(bytes).length);
    expect(toHex(write(toMojoInt(value)))).toBe(bytes);
    expect(toHex(write(value))).toBe(bytes);
  });

  test.each(VECTORS)('%s cut anywhere is short', (_value, bytes) => {
    for (let length = 0; length < hex(bytes).length; length++) {
      const reader = createByteReader(hex(bytes).subarray(0, length));
      readVarint(reader);
      expect(reader.isShort).toBe(true);
      expect(reader.at).toBe(0);
    }
  });

  test.each([
    ['40', 0],
    ['80 00', 0],
    ['c0 00', 0],
    ['c1 80 80 00', -1],
    ['c1 80 80 80 80 80 80 80 80 00', -1],
  ])('accepts the longer form %s of %d', (bytes, value) => {
    const read = readVarint(createByteReader(hex(bytes)));
    expect(Object.is(read, value)).toBe(true);
  });

  test('refuses more than 10 bytes, with the offset', () => {
    const reader = createByteReader(hex('05 81 80 80 80 80 80 80 80 80 80 00'), 100);
    reader.at = 1;
    expect(() => readVarint(reader)).toThrow(
      expect.objectContaining({ code: 'ERR_MOJO_VARINT', offset: 101 }),
    );
  });

  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 2n ** 69n])('does not write %s', (value) => {
    expect(() => write(value)).toThrow(expect.objectContaining({ code: 'ERR_MOJO_UNENCODABLE' }));
  });

  test('carries any 64-bit integer', { timeout: 60_000 }, () => {
    const random = new Random(1);
    for (let i = 0; i < 3000; i++) {
      const value = random.int();
      const bytes = write(value);
      const reader = createByteReader(bytes);
      expect(readVarint(reader)).toBe(value);
      expect(reader.at).toBe(bytes.length);
    }
  });
});
