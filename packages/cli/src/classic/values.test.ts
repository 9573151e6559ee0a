import { describe, expect, it } from 'vitest';
import { exposureUs, heapMegabytes, intervalUs, processId, timeoutMs } from './values.js';

const REFUSED = ['', 'abc', '-5', '1.5ms', '10 ms', '5m', '0x10', '1e3', '10msx'];

describe('an interval', () => {
  it.each([
    ['0', 0],
    ['100', 100],
    ['100us', 100],
    ['10ms', 10_000],
    ['1s', 1_000_000],
  ])('%s', (text, us) => expect(intervalUs(text, '-i')).toBe(us));

  it.each([...REFUSED, '3601s'])('is not %j', (text) => {
    expect(() => intervalUs(text, '-i')).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE_INTERVAL', kind: 'usage' }),
    );
  });
});

describe('a timeout', () => {
  it.each([
    ['100', 100],
    ['100ms', 100],
    ['5s', 5_000],
  ])('%s', (text, ms) => expect(timeoutMs(text, '-t')).toBe(ms));

  it.each([...REFUSED, '0', '100us'])('is not %j', (text) => {
    expect(() => timeoutMs(text, '-t')).toThrow(expect.objectContaining({ code: 'ERR_USAGE_TIMEOUT' }));
  });
});

describe('an exposure', () => {
  it.each([
    ['0', 0],
    ['2', 2_000_000],
    ['2s', 2_000_000],
    ['500ms', 500_000],
  ])('%s', (text, us) => expect(exposureUs(text, '-x')).toBe(us));

  it.each([...REFUSED, '5us'])('is not %j', (text) => {
    expect(() => exposureUs(text, '-x')).toThrow(expect.objectContaining({ code: 'ERR_USAGE_EXPOSURE' }));
  });
});

it('a pid is a number from 1', () => {
  expect(processId('123', '-p')).toBe(123);
  for (const text of [...REFUSED, '0', '-3', '10ms', '99999999999']) {
    expect(() => processId(text, '-p')).toThrow(expect.objectContaining({ code: 'ERR_USAGE_PID' }));
  }
});

it('a heap is a number that nobody needs', () => {
  expect(heapMegabytes('64', '-h')).toBe(64);
  expect(() => heapMegabytes('abc', '-h')).toThrow(expect.objectContaining({ code: 'ERR_USAGE_HEAP' }));
});
