import { ByteOutput } from '../../byte-output.js';

const Wire = { Varint: 0, Bytes: 2 } as const;

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Beyond this, bits have to be taken by division. */
const MAX_INT32 = 0x7fffffff;

/** The largest int64 that is a double. What is larger, as sums of damaged files are, is written as this. */
const MAX_INT64 = 2 ** 63 - 1024;

/** Writes the fields of a protobuf message, one after another. */
export class ProtoOutput {
  readonly #out = new ByteOutput();
  /** For a message in this one: its length comes before it. */
  #inner: ProtoOutput | undefined;

  get length(): number {
    return this.#out.length;
  }

  /** @param value a number is not negative; of a bigint the lower 64 bits count */
  number(field: number, value: number | bigint): void {
    // What is not there is 0.
    if (value === 0 || value === 0n) return;
    this.tag(field, Wire.Varint);
    if (typeof value === 'number') this.varint(value);
    else this.#longVarint(value);
  }

  text(field: number, text: string): void {
    const inner = this.#cleared();
    if (LONE_SURROGATE.test(text)) inner.#anyText(text);
    else inner.#out.text(text);
    this.#bytes(field, inner);
  }

  message(field: number, write: (message: ProtoOutput) => void): void {
    const inner = this.#cleared();
    write(inner);
    this.#bytes(field, inner);
  }

  /** The start of a field of so many bytes, which the caller writes next. */
  head(field: number, length: number): void {
    this.tag(field, Wire.Bytes);
    this.varint(length);
  }

  tag(field: number, wire: number): void {
    this.varint((field << 3) | wire);
  }

  /** What is in a field already: its tag, its length and its content. */
  raw(bytes: Uint8Array): void {
    this.#out.bytes(bytes);
  }

  varint(value: number): void {
    let rest = Math.min(value, MAX_INT64);
    while (rest > MAX_INT32) {
      this.#out.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    while (rest > 0x7f) {
      this.#out.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.#out.byte(rest);
  }

  /** See {@link ByteOutput.place}. */
  get place(): number {
    return this.#out.place;
  }

  get firstPlace(): number {
    return this.#out.firstPlace;
  }

  /** See {@link ByteOutput.again}. */
  again(place: number, length: number): void {
    this.#out.again(place, length);
  }

  /** Hands on what was written, which is then forgotten. */
  given(): Iterable<Uint8Array> {
    return this.#out.given();
  }

  /** What was written, as an array of its own. */
  copy(): Uint8Array {
    return this.#out.view().slice();
  }

  /** Text with lone surrogates, each in three bytes as if it were a character: names come back as they were. */
  #anyText(text: string): void {
    for (const character of text) {
      if (LONE_SURROGATE.test(character)) {
        const code = character.charCodeAt(0);
        this.#out.byte(0xe0 | (code >> 12));
        this.#out.byte(0x80 | ((code >> 6) & 0x3f));
        this.#out.byte(0x80 | (code & 0x3f));
      } else {
        this.#out.text(character);
      }
    }
  }

  #longVarint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) this.#out.byte(Number(rest & 0x7fn) | 0x80);
    this.#out.byte(Number(rest));
  }

  #cleared(): ProtoOutput {
    this.#inner ??= new ProtoOutput();
    this.#inner.#out.clear();
    return this.#inner;
  }

  #bytes(field: number, inner: ProtoOutput): void {
    this.head(field, inner.length);
    this.#out.bytes(inner.#out.buffer, 0, inner.length);
  }
}

/** How many bytes {@link ProtoOutput.varint} takes for it. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = Math.min(value, MAX_INT64); rest > 0x7f; rest = Math.floor(rest / 0x80)) size++;
  return size;
}
