import { AustinError } from '@austin-profiler/profile';

const MICROSECONDS = { us: 1, µs: 1, ms: 1_000, s: 1_000_000, min: 60_000_000 } as const;

type TimeUnit = keyof typeof MICROSECONDS;

interface TimeOption {
  readonly flag: string;
  readonly code: string;
  /** The unit of a plain number. */
  readonly unit: TimeUnit;
  readonly example: string;
  /** In microseconds. The values allowed are whole multiples of this one. */
  readonly step: number;
  readonly least: number;
}

/** `100us`, `1ms`, `1s`; a plain number is microseconds; 0 samples as fast as possible. In microseconds. */
export function parseIntervalUs(text: string): number {
  return parseTimeUs(text, {
    flag: '--interval',
    code: 'ERR_USAGE_INTERVAL',
    unit: 'us',
    example: '`100us`, `1ms`, or `500` for 500 microseconds',
    step: 1,
    least: 0,
  });
}

/** `3000`, `500ms`, `5s`; a plain number is milliseconds. In milliseconds. */
export function parseTimeoutMs(text: string): number {
  const us = parseTimeUs(text, {
    flag: '--timeout',
    code: 'ERR_USAGE_TIMEOUT',
    unit: 'ms',
    example: '`500ms`, `5s`, or `3000` for 3000 milliseconds',
    step: 1_000,
    least: 1_000,
  });
  return us / 1_000;
}

/** `10`, `1.5`, `500ms`, `2min`; a plain number is seconds. In microseconds. */
export function parseExposureUs(text: string): number {
  return parseTimeUs(text, {
    flag: '--exposure',
    code: 'ERR_USAGE_EXPOSURE',
    unit: 's',
    example: '`500ms`, `2min`, or `10` for 10 seconds',
    step: 1,
    least: 1,
  });
}

/** `1`, `0.5`, `200ms`; a plain number is seconds. In milliseconds. */
export function parseWatchMs(text: string): number {
  const us = parseTimeUs(text, {
    flag: '--watch',
    code: 'ERR_USAGE_WATCH',
    unit: 's',
    example: '`200ms`, `2s`, or `1` for 1 second',
    step: 1_000,
    least: 1_000,
  });
  return us / 1_000;
}

/** `10`, `1.5`, `500ms`, `2min` after the start of a recording; a plain number is seconds. In microseconds. */
export function parseMomentUs(flag: '--since' | '--until', text: string): number {
  return parseTimeUs(text, {
    flag,
    code: 'ERR_USAGE_TIME_RANGE',
    unit: 's',
    example: '`500ms`, `2min`, or `10` for 10 seconds after the start',
    step: 1,
    least: 0,
  });
}

function parseTimeUs(text: string, option: TimeOption): number {
  const match = /^(\d+(?:\.\d+)?)(us|µs|ms|s|min)?$/.exec(text);
  if (!match) throw refusal(text, option, 'expected a number and a unit');
  const us = Number(match[1]) * MICROSECONDS[(match[2] as TimeUnit | undefined) ?? option.unit];
  // 1.001 ms is 1000.9999999999999 us in floating point; that is not what "not whole" is about.
  const whole = Math.round(us / option.step) * option.step;
  if (Math.abs(whole - us) > 1e-6 * option.step) {
    throw refusal(
      text,
      option,
      `it must be a whole number of ${option.step === 1 ? 'micro' : 'milli'}seconds`,
    );
  }
  if (whole < option.least) throw refusal(text, option, 'it must be more than 0');
  if (!Number.isSafeInteger(whole)) throw refusal(text, option, 'it is too long');
  return whole;
}

function refusal(text: string, option: TimeOption, reason: string): AustinError {
  return new AustinError(option.code, `\`${option.flag} ${text}\` cannot be used: ${reason}`, {
    kind: 'usage',
    hint: `write for example ${option.example}`,
  });
}
