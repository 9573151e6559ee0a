import { describe, expect, test } from 'vitest';
import { hex } from '../../testing/fixtures.js';
import { createByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { decodeText, encodeText, lostBytes, MAX_TEXT_BYTES, readText, writeText } from './text.js';

describe('readText', () => {
  test.each([0, 1, 23, 24, 25, 1000])('finds the end of %d bytes', (length) => {
    const bytes = new Uint8Array(length + 3).fill(0x61);
    bytes[1 + length] = 0;
    const reader = createByteReader(bytes);
    reader.at = 1;
    expect(readText(reader)).toBe(1 + length);
    expect(reader.at).toBe(2 + length);
    expect(reader.isShort).toBe(false);
  });

  test.each([0, 10, 24, 100])('is short without a NUL in %d bytes', (length) => {
    const reader = createByteReader(new Uint8Array(length).fill(0x61));
    readText(reader);
    expect(reader).toMatchObject({ isShort: true, openText: 0, at: 0 });
  });

  test('refuses a text too long to believe, whether its end is there or not', () => {
    const bytes = new Uint8Array(MAX_TEXT_BYTES + 2).fill(0x61);
    const expected = expect.objectContaining({ code: 'ERR_MOJO_TEXT_TOO_LONG', offset: 7 });
    expect(() => readText(createByteReader(bytes, 7))).toThrow(expected);
    bytes[MAX_TEXT_BYTES + 1] = 0;
    expect(() => readText(createByteReader(bytes, 7))).toThrow(expected);
    expect(readText(createByteReader(bytes.subarray(1), 7))).toBe(MAX_TEXT_BYTES);
  });
});

describe('decodeText and lostBytes', () => {
  test.each(['', 'abc', 'é漢😀', '\ufeffmark', '\ufffd'])('%j is its bytes', (text) => {
    const bytes = encodeText(text);
    expect(decodeText(bytes, 0, bytes.length)).toBe(text);
    expect(lostBytes(text, bytes, 0, bytes.length)).toBeUndefined();
  });

  test.each(['ff', 'c3 28', '61 e2 82', 'ed a0 80', 'ef bf bd ff'])('%s is kept as bytes', (pairs) => {
    const bytes = hex(`00 ${pairs} 00`);
    const text = decodeText(bytes, 1, bytes.length - 1);
    expect(text).toContain('\ufffd');
    expect(lostBytes(text, bytes, 1, bytes.length - 1)).toEqual(hex(pairs));
  });
});

test('writeText refuses a NUL', () => {
  const write = () => writeText(new ByteWriter(), encodeText('a\0b'));
  expect(write).toThrow(expect.objectContaining({ code: 'ERR_MOJO_UNENCODABLE' }));
});
