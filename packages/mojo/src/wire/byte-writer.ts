/** A buffer of bytes that grows by doubling and is emptied by {@link ByteWriter.take}. */
export class ByteWriter {
  #buffer: Uint8Array;
  #length = 0;

  constructor(capacity = 1024) {
    this.#buffer = new Uint8Array(capacity);
  }

  /** Number of bytes written since the last {@link ByteWriter.take}. */
  get length(): number {
    return this.#length;
  }

  /** Appends the low 8 bits of `value`. */
  byte(value: number): void {
    if (this.#length === this.#buffer.length) this.#grow(1);
    this.#buffer[this.#length++] = value;
  }

  bytes(values: Uint8Array): void {
    if (this.#length + values.length > this.#buffer.length) this.#grow(values.length);
    this.#buffer.set(values, this.#length);
    this.#length += values.length;
  }

  /** What was written, as an array of its own; the writer is empty afterwards. */
  take(): Uint8Array {
    const taken = this.#buffer.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #grow(extra: number): void {
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + extra, 16));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}
