/**
 * Python's marshal format, as far as a file of `pstats` needs it. Written in the type codes of version 2, which every
 * Python since 2.5 reads. Source of the layout: `Python/marshal.c` of CPython.
 */

const Code = { Dict: 0x7b, Tuple: 0x28, Text: 0x75, Int32: 0x69, BigInt: 0x6c, Float64: 0x67, End: 0x30 };

/** Digits of marshal's big integers have 15 bits. */
const DIGIT_BITS = 15n;

/** A buffer is handed on when it is as long as this. */
const CHUNK_BYTES = 1 << 16;

/** Encodes values one after another; containers are opened and filled by the caller. */
export class MarshalWriter {
  #bytes = new Uint8Array(CHUNK_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get isFull(): boolean {
    return this.#length >= CHUNK_BYTES;
  }

  /** Opens a dict: then come a key and a value for each entry, and {@link endDict}. */
  dict(): void {
    this.#byte(Code.Dict);
  }

  endDict(): void {
    this.#byte(Code.End);
  }

  /** Opens a tuple, to be followed by `length` values. */
  tuple(length: number): void {
    this.#byte(Code.Tuple);
    this.#int32(length);
  }

  /** Lone surrogates stay what they are: marshal reads UTF-8 with `surrogatepass`. */
  text(text: string): void {
    const bytes = encodeText(text);
    this.#byte(Code.Text);
    this.#int32(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** @param value a whole number of 0 or more */
  int(value: number): void {
    if (value < 2 ** 31) {
      this.#byte(Code.Int32);
      this.#int32(value);
      return;
    }
    const digits: number[] = [];
    for (let rest = BigInt(value); rest > 0n; rest >>= DIGIT_BITS) digits.push(Number(rest & 0x7fffn));
    this.#byte(Code.BigInt);
    this.#int32(digits.length);
    for (const digit of digits) {
      this.#room(2);
      this.#view.setUint16(this.#length, digit, true);
      this.#length += 2;
    }
  }

  float(value: number): void {
    this.#byte(Code.Float64);
    this.#room(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  take(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  #byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  #int32(value: number): void {
    this.#room(4);
    this.#view.setInt32(this.#length, value, true);
    this.#length += 4;
  }

  #room(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + size));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** UTF-8, in which a lone surrogate has the three bytes that its number would have. */
function encodeText(text: string): Uint8Array {
  const encoder = new TextEncoder();
  if (!/\p{Surrogate}/u.test(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= 0xd800 && code <= 0xdfff) bytes.push(0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    else bytes.push(...encoder.encode(character));
  }
  return new Uint8Array(bytes);
}
