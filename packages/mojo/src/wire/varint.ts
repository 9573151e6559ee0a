import { AustinError } from '@austin-profiler/profile';
import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';

/**
 * An integer of the wire, exact over the whole 64-bit range: a number if it is a safe integer (magnitude up to
 * 2^53 - 1), a bigint beyond. Each value has one representation, so a Map can use it as a key.
 */
export type MojoInt = number | bigint;

/** A 64-bit magnitude takes 6 + 9 * 7 = 69 bits. */
export const MAX_VARINT_BYTES = 10;

/** 6 + 6 * 7 = 48 bits: up to here a double is exact without looking at the value. */
const EXACT_BYTES = 7;

/*
 * Sign and magnitude, little-endian groups:
 *
 *   first byte    c s m m m m m m     c = another byte follows, s = negative, m = magnitude bits 0..5
 *   further       c m m m m m m m     7 more magnitude bits each: 6..12, 13..19, ...
 *
 * Multiplication instead of shifts: a shift wraps at 32 bits, which the fifth byte passes.
 */

/**
 * Reads one integer; padded forms and negative zero are accepted. Returns 0 with `isShort` set when the input ends
 * inside it.
 *
 * @throws AustinError `ERR_MOJO_VARINT` if it is longer than {@link MAX_VARINT_BYTES}
 */
export function readVarint(reader: ByteReader): MojoInt {
  const bytes = reader.bytes;
  const start = reader.at;
  if (start >= bytes.length) {
    reader.isShort = true;
    return 0;
  }
  const first = bytes[start]!;
  let magnitude = first & 0x3f;
  if (first < 0x80) {
    reader.at = start + 1;
    return first & 0x40 ? 0 - magnitude : magnitude;
  }
  const stop = Math.min(bytes.length, start + EXACT_BYTES);
  let scale = 0x40;
  for (let at = start + 1; at < stop; at++) {
    const byte = bytes[at]!;
    magnitude += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      reader.at = at + 1;
      // 0 - 0 and not -0: negative zero reads as zero.
      return first & 0x40 ? 0 - magnitude : magnitude;
    }
    scale *= 0x80;
  }
  return readLongVarint(reader, start);
}

function readLongVarint(reader: ByteReader, start: number): MojoInt {
  const bytes = reader.bytes;
  const first = bytes[start]!;
  let magnitude = BigInt(first & 0x3f);
  let shift = 6n;
  for (let at = start + 1; ; at++) {
    if (at - start === MAX_VARINT_BYTES) {
      const offset = reader.base + start;
      throw new AustinError(
        'ERR_MOJO_VARINT',
        `The integer at byte ${offset} is longer than ${MAX_VARINT_BYTES} bytes, the most that 64 bits need.`,
        { kind: 'data', offset },
      );
    }
    if (at >= bytes.length) {
      reader.isShort = true;
      return 0;
    }
    const byte = bytes[at]!;
    magnitude |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte < 0x80) {
      reader.at = at + 1;
      return toMojoInt(first & 0x40 ? -magnitude : magnitude);
    }
  }
}

/** The one representation of an integer: see {@link MojoInt}. */
export function toMojoInt(value: bigint): MojoInt {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

/**
 * Writes an integer in its shortest form.
 *
 * @throws AustinError `ERR_MOJO_UNENCODABLE` for a number that is not a safe integer, or a bigint beyond 69 bits
 */
export function writeVarint(writer: ByteWriter, value: MojoInt): void {
  if (typeof value === 'bigint') {
    writeLongVarint(writer, value);
    return;
  }
  if (!Number.isSafeInteger(value)) throw unencodable(String(value));
  const sign = value < 0 ? 0x40 : 0;
  const magnitude = Math.abs(value);
  if (magnitude < 0x40) {
    writer.byte(sign | magnitude);
    return;
  }
  writer.byte(0x80 | sign | (magnitude % 0x40));
  let rest = Math.floor(magnitude / 0x40);
  while (rest >= 0x80) {
    writer.byte(0x80 | (rest % 0x80));
    rest = Math.floor(rest / 0x80);
  }
  writer.byte(rest);
}

function writeLongVarint(writer: ByteWriter, value: bigint): void {
  const magnitude = value < 0n ? -value : value;
  if (magnitude >> 69n !== 0n) throw unencodable(String(value));
  const first = Number(magnitude & 0x3fn) | (value < 0n ? 0x40 : 0);
  let rest = magnitude >> 6n;
  writer.byte(rest > 0n ? 0x80 | first : first);
  while (rest > 0n) {
    const group = Number(rest & 0x7fn);
    rest >>= 7n;
    writer.byte(rest > 0n ? 0x80 | group : group);
  }
}

function unencodable(value: string): AustinError {
  return new AustinError(
    'ERR_MOJO_UNENCODABLE',
    `MOJO cannot hold ${value} as an integer; expected a whole number that is exact as a double, or a bigint.`,
    { kind: 'data' },
  );
}
