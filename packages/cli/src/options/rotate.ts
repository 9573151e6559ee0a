import { AustinError } from '@austin-profiler/profile';
import type { RotationLimit } from '../recording/rotating-output.js';

const SECONDS: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['min', 60],
  ['h', 3_600],
]);

const BYTES: ReadonlyMap<string, number> = new Map([
  ['kB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
]);

const LEAST_SECONDS = 1;
const LEAST_BYTES = 10_000;
/** Timers of Node hold 32-bit milliseconds. */
const MOST_SECONDS = 24 * 86_400;

/** `60s`, `10min`, `1h`, or `64MB`, `64MiB`, `1GB`. A plain number could mean either and is refused. */
export function parseRotation(text: string): RotationLimit {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text) ?? [];
  const number = Number(digits);
  const perSecond = SECONDS.get(unit);
  if (perSecond !== undefined) {
    const seconds = number * perSecond;
    if (seconds < LEAST_SECONDS) throw refusal(text, 'the shortest time is 1s');
    if (seconds > MOST_SECONDS) throw refusal(text, 'the longest time is 24 days, 576h');
    return { seconds };
  }
  const perByte = BYTES.get(unit);
  if (perByte === undefined) throw refusal(text, 'expected a time or a size, with its unit');
  const bytes = Math.round(number * perByte);
  if (bytes < LEAST_BYTES) throw refusal(text, 'the smallest size is 10kB');
  if (!Number.isSafeInteger(bytes)) throw refusal(text, 'it is too large');
  return { bytes };
}

function refusal(text: string, reason: string): AustinError {
  return new AustinError('ERR_USAGE_ROTATE', `\`--rotate ${text}\` cannot be used: ${reason}`, {
    kind: 'usage',
    hint: 'write for example `60s`, `10min`, `1h`, `64MB` or `1GiB`',
  });
}
