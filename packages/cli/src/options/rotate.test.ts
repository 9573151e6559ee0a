import { expect, it } from 'vitest';
import { parseRotation } from './rotate.js';

it.each([
  ['60s', { seconds: 60 }],
  ['1.5min', { seconds: 90 }],
  ['1h', { seconds: 3600 }],
  ['64MB', { bytes: 64_000_000 }],
  ['64MiB', { bytes: 67_108_864 }],
  ['10kB', { bytes: 10_000 }],
  ['0.5GB', { bytes: 500_000_000 }],
])('%s', (text, limit) => {
  expect(parseRotation(text)).toEqual(limit);
});

it.each([
  ['64', 'with its unit'],
  ['', 'with its unit'],
  ['MB', 'with its unit'],
  ['-1s', 'with its unit'],
  ['1 s', 'with its unit'],
  ['64mb', 'with its unit'],
  ['1constructor', 'with its unit'],
  ['500ms', 'with its unit'],
  ['0.9s', 'the shortest time'],
  ['1000h', 'the longest time'],
  ['1kB', 'the smallest size'],
  ['99999999GiB', 'it is too large'],
])('%s is refused', (text, reason) => {
  expect(() => parseRotation(text)).toThrow(
    expect.objectContaining({
      code: 'ERR_USAGE_ROTATE',
      kind: 'usage',
      message: expect.stringContaining(reason),
    }),
  );
});
