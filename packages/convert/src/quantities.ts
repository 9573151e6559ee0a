import type { Losses } from './losses.js';

/** Microseconds in one of each unit of time that profile formats name. */
const TIME: Readonly<Record<string, number>> = {
  nanosecond: 1e-3,
  ns: 1e-3,
  microsecond: 1,
  us: 1,
  µs: 1,
  // U+03BC, a Greek mu, as austin-python writes it; the line above has U+00B5.
  μs: 1,
  millisecond: 1e3,
  ms: 1e3,
  second: 1e6,
  sec: 1e6,
  s: 1e6,
  minute: 6e7,
  hour: 36e8,
};

const SIZE: Readonly<Record<string, number>> = {
  byte: 1,
  b: 1,
  kilobyte: 2 ** 10,
  kb: 2 ** 10,
  megabyte: 2 ** 20,
  mb: 2 ** 20,
  gigabyte: 2 ** 30,
  gb: 2 ** 30,
};

/** How many microseconds one of `unit` is; undefined if it is no unit of time. */
export function microsecondsIn(unit: string): number | undefined {
  return scaleOf(TIME, unit);
}

/** How many bytes one of `unit` is; undefined if it is no unit of size. */
export function bytesIn(unit: string): number | undefined {
  return scaleOf(SIZE, unit);
}

function scaleOf(scales: Readonly<Record<string, number>>, unit: string): number | undefined {
  const word = unit.toLowerCase();
  for (const spelling of [word, word.replace(/s$/, '')]) {
    if (Object.hasOwn(scales, spelling)) return scales[spelling];
  }
  return undefined;
}

/**
 * Turns a series of amounts into whole numbers whose sum stays within one half of the exact sum: profiles count
 * whole microseconds and bytes, and many small amounts rounded one by one would lose or invent weight.
 */
export class WholeSeries {
  readonly #losses: Losses | undefined;
  /** What rounding has left over so far. */
  #rest = 0;

  /** @param losses where amounts beyond 2^53 are counted; they are taken for 0 */
  constructor(losses?: Losses) {
    this.#losses = losses;
  }

  /** The next amount. */
  next(amount: number): number {
    const exact = amount + this.#rest;
    const whole = Math.round(exact);
    if (!Number.isSafeInteger(whole)) {
      this.#losses?.damage('ERR_WEIGHT_TOO_LARGE', 'weights beyond 2^53 are taken for 0');
      return 0;
    }
    this.#rest = exact - whole;
    // Not -0, which some formats would print.
    return whole + 0;
  }
}
