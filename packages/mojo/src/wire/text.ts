import { AustinError } from '@austin-profiler/profile';
import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';

/** The longest text that is believed, in bytes. The format has no limit; without one, a lost NUL would eat the file. */
export const MAX_TEXT_BYTES = 16 * 1024 * 1024;

/** Texts up to here are searched by a loop: calling the engine's search costs more than a short thread id. */
const SHORT_TEXT_BYTES = 24;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/*
 * A text is its bytes, nominally UTF-8, closed by one NUL. There is no length and no escape.
 */

/**
 * Moves past one text and returns the index one past its last byte, the NUL not counted. Sets `isShort` and
 * `openText` when the input ends before the NUL.
 *
 * @throws AustinError `ERR_MOJO_TEXT_TOO_LONG` beyond {@link MAX_TEXT_BYTES}
 */
export function readText(reader: ByteReader): number {
  const bytes = reader.bytes;
  const start = reader.at;
  const near = Math.min(bytes.length, start + SHORT_TEXT_BYTES);
  let end = start;
  while (end < near && bytes[end] !== 0) end++;
  if (end === near) {
    end = bytes.indexOf(0, near);
    if (end < 0) {
      checkTextLength(reader, start, bytes.length);
      if (!reader.isShort) reader.openText = start;
      reader.isShort = true;
      return start;
    }
    checkTextLength(reader, start, end);
  }
  reader.at = end + 1;
  return end;
}

/** Refuses a text that runs from index `start` to `end` of the reader's bytes, if that is too long to believe. */
export function checkTextLength(reader: ByteReader, start: number, end: number): void {
  if (end - start <= MAX_TEXT_BYTES) return;
  const offset = reader.base + start;
  throw new AustinError(
    'ERR_MOJO_TEXT_TOO_LONG',
    `The text at byte ${offset} has no end within ${MAX_TEXT_BYTES} bytes; the file is damaged before it.`,
    { kind: 'data', offset },
  );
}

/** The text of a byte range, U+FFFD for what is not UTF-8. A byte order mark is kept. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, end));
}

/**
 * The bytes of a range, copied, if `text`, which was decoded from it, does not say what they are; undefined
 * if it does, which is the rule.
 */
export function lostBytes(
  text: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array | undefined {
  if (!text.includes('\ufffd')) return undefined;
  const again = encoder.encode(text);
  if (again.length === end - start && again.every((byte, i) => byte === bytes[start + i])) return undefined;
  return bytes.slice(start, end);
}

export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * Writes a text and its closing NUL.
 *
 * @throws AustinError `ERR_MOJO_UNENCODABLE` if the text holds a NUL, which the format cannot express
 */
export function writeText(writer: ByteWriter, text: Uint8Array): void {
  if (text.includes(0)) {
    throw new AustinError(
      'ERR_MOJO_UNENCODABLE',
      `MOJO cannot hold ${JSON.stringify(decodeText(text, 0, text.length))}: NUL ends a text.`,
      { kind: 'data', hint: 'Replace U+0000 in names before writing.' },
    );
  }
  writer.bytes(text);
  writer.byte(0);
}
