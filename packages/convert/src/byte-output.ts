const encoder = new TextEncoder();

const MIN_CAPACITY = 1 << 12;

/** A decimal of a 32-bit number has ten digits at most. */
const MAX_DIGITS = 10;

/** Ranges up to here are copied by a loop: calling the engine's copy costs more. */
const SHORT_BYTES = 48;

const ZERO = 0x30;
const MINUS = 0x2d;

/**
 * Collects output as bytes, in a buffer that is emptied and filled again. No text is made for what is bytes already, and no array
 * for each piece.
 */
export class ByteOutput {
  #bytes = new Uint8Array(MIN_CAPACITY);
  #length = 0;
  #start = 1;

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /**
   * Where the next byte comes, counted over everything that was ever written, from 1. What was written at or behind
   * {@link ByteOutput.firstPlace} can still be copied.
   */
  get place(): number {
    return this.#start + this.#length;
  }

  get firstPlace(): number {
    return this.#start;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** The bytes of `from` from index `start` to `end`. */
  bytes(from: Uint8Array, start = 0, end = from.length): void {
    this.#reserve(end - start);
    if (end - start > SHORT_BYTES) {
      this.#bytes.set(from.subarray(start, end), this.#length);
      this.#length += end - start;
      return;
    }
    const to = this.#bytes;
    let at = this.#length;
    for (let i = start; i < end; i++) to[at++] = from[i]!;
    this.#length = at;
  }

  /** What is at `place` already, once more. */
  again(place: number, length: number): void {
    this.#reserve(length);
    const bytes = this.#bytes;
    const start = place - this.#start;
    if (length > SHORT_BYTES) bytes.copyWithin(this.#length, start, start + length);
    else for (let i = 0; i < length; i++) bytes[this.#length + i] = bytes[start + i]!;
    this.#length += length;
  }

  /** Text as UTF-8; U+FFFD for lone surrogates. */
  text(text: string): void {
    // A UTF-16 unit takes three bytes at most.
    this.#reserve(text.length * 3);
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  /** A number as JavaScript prints it. */
  number(value: number): void {
    const magnitude = Math.abs(value);
    if (magnitude > 0x7fffffff || !Number.isInteger(value)) {
      this.text(String(value));
      return;
    }
    this.#reserve(MAX_DIGITS + 1);
    const bytes = this.#bytes;
    if (value < 0) bytes[this.#length++] = MINUS;
    let rest = magnitude | 0;
    let at = this.#length + digitsOf(rest);
    this.#length = at;
    do {
      const tenth = (rest / 10) | 0;
      bytes[--at] = ZERO + rest - tenth * 10;
      rest = tenth;
    } while (rest > 0);
  }

  /** The bytes that there are, from index 0 on, and what may come behind them. Another one after the next change. */
  get buffer(): Uint8Array {
    return this.#bytes;
  }

  /** What was written: a view, good until the next change. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Hands on what was written, and then empties itself. */
  *given(): Iterable<Uint8Array> {
    if (this.#length > 0) yield this.view();
    this.clear();
  }

  /** Takes back what was written from `place` on. */
  undo(place: number): void {
    this.#length = place - this.#start;
  }

  /** Empties it. */
  clear(): void {
    this.#start += this.#length;
    this.#length = 0;
  }

  #reserve(extra: number): void {
    const least = this.#length + extra;
    if (least <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(least, this.#bytes.length * 2));
    grown.set(this.view());
    this.#bytes = grown;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let least = 10; least <= value; least *= 10) digits++;
  return digits;
}
