import { describe, expect, it } from 'vitest';
import { parseExposureUs, parseIntervalUs, parseTimeoutMs } from './time.js';

describe('times', () => {
  it.each([
    ['100', 100],
    ['100us', 100],
    ['100µs', 100],
    ['1ms', 1_000],
    ['1.001ms', 1_001],
    ['1.5s', 1_500_000],
    ['0', 0],
  ])('interval %s', (text, us) => expect(parseIntervalUs(text)).toBe(us));

  it.each([
    ['3000', 3_000],
    ['500ms', 500],
    ['5s', 5_000],
    ['2000us', 2],
  ])('timeout %s', (text, ms) => expect(parseTimeoutMs(text)).toBe(ms));

  it.each([
    ['10', 10_000_000],
    ['0.1', 100_000],
    ['500ms', 500_000],
    ['2min', 120_000_000],
  ])('exposure %s', (text, us) => expect(parseExposureUs(text)).toBe(us));

  it.each(['', 'abc', '-5', '5m', '10 ms', '1e3', '.5', '1.ms', '0.5us', '0.5', '1000000000000min', 'NaN'])(
    'interval %j is refused',
    (text) =>
      expect(() => parseIntervalUs(text)).toThrow(
        expect.objectContaining({
          code: 'ERR_USAGE_INTERVAL',
          kind: 'usage',
          hint: expect.stringContaining('1ms'),
        }),
      ),
  );

  it('no time at all is refused where it makes no sense', () => {
    expect(() => parseTimeoutMs('0')).toThrow('`--timeout 0` cannot be used: it must be more than 0');
    expect(() => parseTimeoutMs('500us')).toThrow('whole number of milliseconds');
    expect(() => parseExposureUs('0')).toThrow('it must be more than 0');
  });
});
