import { expect, test } from 'vitest';
import { ByteOutput } from './byte-output.js';

const textOf = (out: ByteOutput): string => new TextDecoder().decode(out.view());

test('writes bytes, text and numbers one after another', () => {
  const out = new ByteOutput();
  out.byte(0x3e);
  out.bytes(Uint8Array.of(1, 0x61, 0x62, 2), 1, 3);
  out.text('ä\ud800€');
  expect(textOf(out)).toBe('>abä\ufffd€');
});

test.each([0, 7, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1, -1, -(2 ** 31), -(2 ** 40), 0.5])(
  'writes %d as JavaScript does',
  (value) => {
    const out = new ByteOutput();
    out.number(value);
    expect(textOf(out)).toBe(String(value));
  },
);

test.each([3, 500])('writes %i bytes again while they are there', (length) => {
  const out = new ByteOutput();
  out.text('x'.repeat(5000));
  out.clear();
  const place = out.place;
  const text = 'abcdefghij'.repeat(50).slice(0, length);
  out.text(text);
  out.byte(0x7c);
  for (let i = 0; i < 20; i++) out.again(place, length);
  expect(textOf(out)).toBe(`${text}|${text.repeat(20)}`);
  expect(place).toBeGreaterThanOrEqual(out.firstPlace);
  out.undo(place + 2);
  expect(textOf(out)).toBe(text.slice(0, 2));
  out.clear();
  expect(out.length).toBe(0);
  expect(place).toBeLessThan(out.firstPlace);
});
