import { ProfileBuilder } from '@austin-profiler/profile';
import { expect, it } from 'vitest';
import { Losses } from './losses.js';
import { bytesIn, microsecondsIn, WholeSeries } from './quantities.js';

it('knows units however they are spelled', () => {
  for (const unit of ['us', 'μs', 'µs', 'microsecond', 'Microseconds'])
    expect(microsecondsIn(unit), unit).toBe(1);
  expect([microsecondsIn('s'), microsecondsIn('seconds'), microsecondsIn('ns')]).toEqual([1e6, 1e6, 1e-3]);
  expect([bytesIn('B'), bytesIn('bytes'), bytesIn('kb')]).toEqual([1, 1, 1024]);
  for (const unit of ['', 'count', 'constructor', '__proto__']) {
    expect([microsecondsIn(unit), bytesIn(unit)], unit).toEqual([undefined, undefined]);
  }
});

it('keeps the sum of amounts that are rounded', () => {
  const series = new WholeSeries();
  const whole = Array.from({ length: 1000 }, () => series.next(0.1));
  expect(new Set(whole)).toEqual(new Set([0, 1]));
  expect(whole.reduce((sum, amount) => sum + amount, 0)).toBe(100);
  expect(Object.is(new WholeSeries().next(-0.2), 0)).toBe(true);
});

it('counts amounts that no profile can hold', () => {
  const builder = new ProfileBuilder();
  const losses = new Losses(builder, false);
  const series = new WholeSeries(losses);
  expect([series.next(Number.POSITIVE_INFINITY), series.next(1e300), series.next(7)]).toEqual([0, 0, 7]);
  losses.report();
  expect(builder.build().diagnostics).toMatchObject([{ code: 'ERR_WEIGHT_TOO_LARGE', count: 2 }]);
  expect(() => new WholeSeries(new Losses(builder, true)).next(Number.NaN)).toThrow('2^53');
});
