interface Chunk {
  readonly bytes: Uint8Array;
  readonly taken: () => void;
}

interface Reader {
  readonly resolve: (result: IteratorResult<Uint8Array, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Chunks on their way from one writer to one reader, in order. */
export class ChunkQueue {
  readonly #chunks: Chunk[] = [];
  readonly #readers: Reader[] = [];
  #isPassing = false;
  #isClosed = false;
  /** Thrown to the reader once, after the last chunk. */
  #failure: { readonly error: unknown } | undefined;

  /** The promise is fulfilled when the reader has taken the chunk, at once if nobody will. */
  push(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#isClosed) return undefined;
    const reader = this.#readers.shift();
    if (!reader) return this.#keep(bytes);
    reader.resolve({ done: false, value: bytes });
    return undefined;
  }

  /** From now on the writer does not wait: there is not much to come, and the reader may never. */
  letPass(): void {
    this.#isPassing = true;
    for (const { taken } of this.#chunks) taken();
  }

  /** Nothing more comes. The reader still gets what is there, and then the error. */
  close(failure?: { readonly error: unknown }): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#failure = failure;
    for (const reader of this.#readers.splice(0)) this.#end(reader);
  }

  /** Like {@link close}, and what is there is dropped. */
  discard(failure?: { readonly error: unknown }): void {
    for (const { taken } of this.#chunks.splice(0)) taken();
    this.close(failure);
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = this.#chunks.shift();
    if (chunk) {
      chunk.taken();
      return Promise.resolve({ done: false, value: chunk.bytes });
    }
    return new Promise((resolve, reject) => {
      if (this.#isClosed) this.#end({ resolve, reject });
      else this.#readers.push({ resolve, reject });
    });
  }

  #keep(bytes: Uint8Array): Promise<void> | undefined {
    if (!this.#isPassing) return new Promise((taken) => this.#chunks.push({ bytes, taken }));
    this.#chunks.push({ bytes, taken() {} });
    return undefined;
  }

  #end(reader: Reader): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) reader.reject(failure.error);
    else reader.resolve(DONE);
  }
}
