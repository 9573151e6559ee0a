import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Piece } from '../format.js';

/** The bytes of a file under the repository's `fixtures/`. */
export function fixture(path: string): Uint8Array {
  return readFileSync(fixturePath(path));
}

export function fixturePath(path: string): string {
  return fileURLToPath(new URL(`../../../../fixtures/${path}`, import.meta.url));
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A stream of the bytes, in chunks of `size`. */
export async function* chunked(bytes: Uint8Array, size = bytes.length || 1): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of chunks) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

export async function collectText(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  return new TextDecoder().decode(await collect(chunks));
}

/** The text of pieces, each of which is looked at before the next is asked for. */
export function piecesText(pieces: Iterable<Piece>): string {
  const decoder = new TextDecoder();
  let text = '';
  for (const piece of pieces)
    text += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
  return text;
}
