import { expect, it } from 'vitest';
import { parseMaxCpu } from './percent.js';

it.each([
  ['2', 2],
  ['0.5', 0.5],
  ['10%', 10],
  ['100', 100],
])('%s', (text, percent) => {
  expect(parseMaxCpu(text)).toBe(percent);
});

it.each(['', '0', '0.05', '101', '-1', 'x', '2 %', '1e1'])('"%s" is refused', (text) => {
  expect(() => parseMaxCpu(text)).toThrow(
    expect.objectContaining({ code: 'ERR_USAGE_MAX_CPU', kind: 'usage' }),
  );
});
