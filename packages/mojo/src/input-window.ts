/** A row of a dump. */
const ROW_BYTES = 16;

/** How much is kept before the place that has been read up to, and behind it. */
const BEFORE_BYTES = 4 * ROW_BYTES;
const BEHIND_BYTES = 4 * ROW_BYTES;

/** Keeps the bytes around the place up to which a stream has been read, whatever its chunks. */
export class InputWindow {
  #bytes = new Uint8Array(0);
  /** Offset in the input of the first byte kept. */
  #start = 0;
  /** Bytes seen. */
  #size = 0;

  /** @param offset the place that has been read up to, this chunk included */
  push(chunk: Uint8Array, offset: number): void {
    const chunkStart = this.#size;
    this.#size += chunk.length;
    const start = Math.max(0, offset - BEFORE_BYTES);
    const end = offset + BEHIND_BYTES;
    const isFull = this.#start + this.#bytes.length >= end;
    if (isFull && end <= chunkStart) return;
    const isGap = this.#start + this.#bytes.length < chunkStart;
    const kept = isGap ? new Uint8Array(0) : this.#bytes;
    const keptStart = isGap ? chunkStart : this.#start;
    const oldPart = kept.subarray(Math.max(0, start - keptStart));
    const newPart = chunk.subarray(Math.max(0, start - chunkStart), Math.max(0, end - chunkStart));
    const bytes = new Uint8Array(oldPart.length + newPart.length);
    bytes.set(oldPart);
    bytes.set(newPart, oldPart.length);
    this.#bytes = bytes;
    this.#start = oldPart.length > 0 ? Math.max(start, keptStart) : Math.max(start, chunkStart);
  }

  /** The rows from the one of `from` to some behind `offset`, as far as they are kept. */
  around(from: number, offset: number): { context: Uint8Array; contextOffset: number } {
    const firstRow = Math.max(rowOf(from), rowOf(offset) - BEFORE_BYTES + ROW_BYTES, rowUp(this.#start));
    const end = rowOf(offset) + BEHIND_BYTES;
    const context = this.#bytes.slice(firstRow - this.#start, Math.max(0, end - this.#start));
    return { context, contextOffset: firstRow };
  }
}

function rowOf(offset: number): number {
  return offset - (offset % ROW_BYTES);
}

function rowUp(offset: number): number {
  return rowOf(offset + ROW_BYTES - 1);
}
