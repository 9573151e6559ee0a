import { SampleFlag } from '@austin-profiler/profile';
import { textOf } from '../../byte-text.js';

const INTEGER = /^-?\d+$/;
const FULL_METRICS = /^(-?\d+),([01]),(-?\d+)$/;

const ZERO = 0x30;
const NINE = 0x39;

/** Numbers of so many digits are exact. */
const MAX_EXACT_DIGITS = 15;

/** The metrics at the end of a line of Austin: time or memory, or in full mode time, whether the thread was idle, and memory. */
export class Metrics {
  isFull = false;
  timeUs = 0;
  memoryBytes = 0;
  flags = 0;

  /**
   * Reads what `bytes` have from `start` to `end`.
   *
   * @param isMemory a single number is memory
   * @returns what is wrong with it, if anything
   */
  read(bytes: Uint8Array, start: number, end: number, isMemory: boolean): string | undefined {
    this.isFull = false;
    this.flags = 0;
    const amount = digitsValue(bytes, start, end);
    if (amount < 0) return this.#readText(textOf(bytes, start, end), isMemory);
    this.timeUs = isMemory ? 0 : amount;
    this.memoryBytes = isMemory ? amount : 0;
    return undefined;
  }

  #readText(text: string, isMemory: boolean): string | undefined {
    const full = FULL_METRICS.exec(text);
    if (!full && !INTEGER.test(text)) return `"${text}" is not a metric`;
    const isOnlyMemory = !full && isMemory;
    this.isFull = full !== null;
    this.timeUs = isOnlyMemory ? 0 : Number(full ? full[1] : text);
    this.memoryBytes = isOnlyMemory ? Number(text) : Number(full?.[3] ?? 0);
    this.flags = full?.[2] === '1' ? SampleFlag.Idle : 0;
    if (this.timeUs < 0) return `time cannot be negative, and this is ${this.timeUs}`;
    if (Number.isSafeInteger(this.timeUs) && Number.isSafeInteger(this.memoryBytes)) return undefined;
    return `"${text}" is more than a profile can hold`;
  }
}

/** The number that digits write; negative if they are none, or too many to be exact. */
function digitsValue(bytes: Uint8Array, start: number, end: number): number {
  if (end === start || end - start > MAX_EXACT_DIGITS) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte < ZERO || byte > NINE) return -1;
    value = value * 10 + byte - ZERO;
  }
  return value;
}
