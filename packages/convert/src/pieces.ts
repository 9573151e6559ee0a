import { ByteOutput } from './byte-output.js';
import type { Piece } from './format.js';

/** Output is handed on in chunks of at least this many bytes. */
const CHUNK_BYTES = 1 << 16;

/**
 * Encodes text as UTF-8 and joins small pieces into chunks.
 *
 * @param isReused a chunk may be overwritten as soon as the next is asked for
 */
export async function* toChunks(
  pieces: Iterable<Piece> | AsyncIterable<Piece>,
  isReused = false,
): AsyncIterable<Uint8Array> {
  const chunks = new ChunkMaker(isReused);
  if (Symbol.iterator in pieces) {
    // Not `for await`, which waits at every piece even where nothing is to be waited for.
    for (const piece of pieces) yield* chunks.add(piece);
  } else {
    for await (const piece of pieces) yield* chunks.add(piece);
  }
  yield* chunks.rest();
}

/** Collects pieces; text is encoded when it is as long as a chunk, not piece by piece. */
class ChunkMaker {
  readonly #isReused: boolean;
  readonly #joined = new ByteOutput();
  #text = '';

  constructor(isReused: boolean) {
    this.#isReused = isReused;
  }

  /** The chunks that a piece completes. */
  *add(piece: Piece): Iterable<Uint8Array> {
    if (typeof piece === 'string') {
      this.#text += piece;
      if (this.#joined.length + this.#text.length >= CHUNK_BYTES) yield* this.rest();
      return;
    }
    if (piece.length >= CHUNK_BYTES) {
      yield* this.rest();
      yield this.#isReused ? piece : piece.slice();
      return;
    }
    this.#encodeText();
    this.#joined.bytes(piece);
    if (this.#joined.length >= CHUNK_BYTES) yield* this.rest();
  }

  *rest(): Iterable<Uint8Array> {
    this.#encodeText();
    if (this.#joined.length > 0) yield this.#isReused ? this.#joined.view() : this.#joined.view().slice();
    this.#joined.clear();
  }

  #encodeText(): void {
    if (this.#text !== '') this.#joined.text(this.#text);
    this.#text = '';
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
