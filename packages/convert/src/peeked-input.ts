import { join } from './pieces.js';

/** Where bytes come from: a file stream, the body of a response, or an array of chunks. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Holds back the start of an input so that it can be looked at before it is read. */
export class PeekedInput {
  readonly #iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);
  #ended = false;

  constructor(chunks: Chunks) {
    this.#iterator =
      Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  }

  /** The first `size` bytes or more; fewer only if the input ends before. */
  async head(size: number): Promise<Uint8Array> {
    while (this.#held.length < size && !this.#ended) {
      const next = await this.#iterator.next();
      if (next.done) this.#ended = true;
      else this.#held = join([this.#held, next.value], this.#held.length + next.value.length);
    }
    return this.#held;
  }

  /** The whole input, from its start. Ask once. */
  async *all(): AsyncIterable<Uint8Array> {
    try {
      if (this.#held.length > 0) yield this.#held;
      this.#held = new Uint8Array(0);
      while (!this.#ended) {
        const next = await this.#iterator.next();
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await this.#iterator.return?.();
    }
  }
}
