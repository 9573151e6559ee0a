import { classicUsage } from './usage-error.js';

const MAX_INTERVAL_US = 3_600e6;
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const MAX_EXPOSURE_US = 365 * 24 * 3_600e6;
/** Process ids are 32-bit numbers. */
const MAX_PID = 2 ** 31 - 1;

/** Time between rounds in microseconds: a whole number, and `us`, `ms` or `s`. 0 samples as fast as it can. */
export function intervalUs(text: string, typed: string): number {
  const units = { '': 1, us: 1, ms: 1_000, s: 1_000_000 };
  return quantity(text, units, { typed, code: 'ERR_USAGE_INTERVAL', least: 0, most: MAX_INTERVAL_US });
}

/** How long to wait for an interpreter in milliseconds: a whole number, and `ms` or `s`. */
export function timeoutMs(text: string, typed: string): number {
  const units = { '': 1, ms: 1, s: 1_000 };
  return quantity(text, units, { typed, code: 'ERR_USAGE_TIMEOUT', least: 1, most: MAX_TIMEOUT_MS });
}

/** How long to record in microseconds: a whole number, and `s` or `ms`. 0 has no limit. */
export function exposureUs(text: string, typed: string): number {
  const units = { '': 1_000_000, ms: 1_000, s: 1_000_000 };
  return quantity(text, units, { typed, code: 'ERR_USAGE_EXPOSURE', least: 0, most: MAX_EXPOSURE_US });
}

/** A process id. */
export function processId(text: string, typed: string): number {
  return quantity(text, { '': 1 }, { typed, code: 'ERR_USAGE_PID', least: 1, most: MAX_PID });
}

/** Megabytes of a heap that is not needed here. */
export function heapMegabytes(text: string, typed: string): number {
  return quantity(
    text,
    { '': 1 },
    { typed, code: 'ERR_USAGE_HEAP', least: 0, most: Number.MAX_SAFE_INTEGER },
  );
}

/** A whole number, directly followed by a unit. */
function quantity(
  text: string,
  units: Readonly<Record<string, number>>,
  option: { typed: string; code: string; least: number; most: number },
): number {
  const match = /^(\d+)([a-z]*)$/.exec(text);
  const factor = match && Object.hasOwn(units, match[2]!) ? units[match[2]!] : undefined;
  const value = factor === undefined ? Number.NaN : Number(match![1]) * factor;
  if (value >= option.least && value <= option.most) return value;
  const known = Object.keys(units).filter(Boolean);
  const expected = known.length > 0 ? `a whole number, or one with ${known.join(', ')}` : 'a whole number';
  const range = Number.isNaN(value) ? '' : value < option.least ? ': it is too small' : ': it is too large';
  throw classicUsage(
    option.code,
    `\`${text}\` is no value for \`${option.typed}\`${range || `: expected ${expected}`}`,
  );
}
