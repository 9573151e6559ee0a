import type { Piece } from './format.js';

/** Output is handed on in chunks of about this many bytes. */
const CHUNK_BYTES = 1 << 16;

/** Encodes text as UTF-8 and joins small pieces into chunks. */
export async function* toChunks(pieces: Iterable<Piece> | AsyncIterable<Piece>): AsyncIterable<Uint8Array> {
  const joiner = new ChunkJoiner();
  if (Symbol.iterator in pieces) {
    // Not `for await`, which waits at every piece even where nothing is to be waited for.
    for (const piece of pieces) {
      joiner.add(piece);
      if (joiner.size >= CHUNK_BYTES) yield joiner.take();
    }
  } else {
    for await (const piece of pieces) {
      joiner.add(piece);
      if (joiner.size >= CHUNK_BYTES) yield joiner.take();
    }
  }
  if (joiner.size > 0) yield joiner.take();
}

/** Collects pieces; text is encoded when it is as long as a chunk, not piece by piece. */
class ChunkJoiner {
  readonly #encoder = new TextEncoder();
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #text = '';

  /** Bytes held; UTF-16 units of text that is not encoded yet. */
  get size(): number {
    return this.#partBytes + this.#text.length;
  }

  add(piece: Piece): void {
    if (typeof piece === 'string') {
      this.#text += piece;
      return;
    }
    this.#encodeText();
    this.#hold(piece);
  }

  take(): Uint8Array {
    this.#encodeText();
    const chunk = join(this.#parts, this.#partBytes);
    this.#parts = [];
    this.#partBytes = 0;
    return chunk;
  }

  #encodeText(): void {
    if (this.#text === '') return;
    this.#hold(this.#encoder.encode(this.#text));
    this.#text = '';
  }

  #hold(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#partBytes += bytes.length;
  }
}

/** Copies parts of `size` bytes in all into one array; a single part is returned as it is. */
export function join(parts: readonly Uint8Array[], size: number): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
