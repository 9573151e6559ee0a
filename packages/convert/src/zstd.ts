import { AustinError } from '@austin-profiler/profile';
import { Decompress } from 'fzstd';

/** Frames begin with this number, least significant byte first; those to be skipped with one of 16 others. */
const MAGIC = 0xfd2fb528;
const SKIPPED_MAGIC = 0x184d2a50;
const SKIPPED_MAGICS_MASK = 0xfffffff0;

/** The most that a frame may ask to keep of what was unpacked, as other readers have it. */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;

/** Whether an input starts as Zstandard does. Give it at least 4 bytes. */
export function isZstd(head: Uint8Array): boolean {
  return head.length >= 4 && isFrame(uint32(head));
}

/**
 * Unpacks Zstandard, in pieces: a block of a frame at a time, so that a small input cannot give a huge piece. Checksums
 * are not checked.
 *
 * @throws AustinError ERR_ZSTD_INVALID when the data is damaged or cut; all whole blocks came before
 */
export async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const unpacker = new Unpacker();
  for await (const chunk of chunks) yield* unpacker.push(chunk);
  unpacker.end();
}

/** What the bytes at hand are the start of. The rest of a frame is blocks, the last with the checksum behind it. */
type Expected = 'frame' | 'block' | 'skipped';

class Unpacker {
  #input: Uint8Array = new Uint8Array(0);
  /** Offset in the whole input of the first byte of `#input`. */
  #offset = 0;
  #expected: Expected = 'frame';
  #hasChecksum = false;
  #skip = 0;
  #decompress!: Decompress;
  #output: Uint8Array[] = [];

  *push(chunk: Uint8Array): Generator<Uint8Array> {
    const input = new Uint8Array(this.#input.length + chunk.length);
    input.set(this.#input);
    input.set(chunk, this.#input.length);
    this.#input = input;
    for (let size = this.#next(); size > 0; size = this.#next()) {
      this.#input = this.#input.subarray(size);
      this.#offset += size;
      const output = this.#output;
      this.#output = [];
      yield* output;
    }
  }

  end(): void {
    if (this.#expected !== 'frame' || this.#input.length > 0)
      throw invalid(this.#offset, 'it ends too early');
  }

  /** Takes one part of the input and returns its size, or 0 if it is not all there. */
  #next(): number {
    switch (this.#expected) {
      case 'frame':
        return this.#frame();
      case 'block':
        return this.#block();
      case 'skipped': {
        const size = Math.min(this.#skip, this.#input.length);
        this.#skip -= size;
        if (this.#skip === 0) this.#expected = 'frame';
        return size;
      }
    }
  }

  #frame(): number {
    const input = this.#input;
    if (input.length < 8) return 0;
    const magic = uint32(input);
    if (isSkipped(magic)) {
      this.#skip = uint32(input.subarray(4));
      if (this.#skip > 0) this.#expected = 'skipped';
      return 8;
    }
    if (magic !== MAGIC) throw invalid(this.#offset, 'no frame begins there');
    const { size, windowBytes, hasChecksum } = frameHeader(input);
    if (input.length < size) return 0;
    if (windowBytes > MAX_WINDOW_BYTES) {
      throw invalid(
        this.#offset,
        `it asks for ${windowBytes} bytes of memory; at most ${MAX_WINDOW_BYTES} are given`,
      );
    }
    this.#hasChecksum = hasChecksum;
    this.#expected = 'block';
    this.#decompress = new Decompress((piece) => {
      if (piece.length > 0) this.#output.push(piece);
    });
    this.#feed(input.subarray(0, size), false);
    return size;
  }

  #block(): number {
    const input = this.#input;
    if (input.length < 3) return 0;
    const header = input[0]! | (input[1]! << 8) | (input[2]! << 16);
    const isLast = (header & 1) !== 0;
    const isRun = ((header >> 1) & 3) === 1;
    const size = 3 + (isRun ? 1 : header >> 3) + (isLast && this.#hasChecksum ? 4 : 0);
    if (input.length < size) return 0;
    this.#feed(input.subarray(0, size), isLast);
    if (isLast) this.#expected = 'frame';
    return size;
  }

  #feed(bytes: Uint8Array, isEnd: boolean): void {
    try {
      this.#decompress.push(bytes, isEnd);
    } catch (cause) {
      throw invalid(this.#offset, cause instanceof Error ? cause.message : String(cause), cause);
    }
  }
}

/** Give it at least 6 bytes: https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1.1 */
function frameHeader(bytes: Uint8Array): { size: number; windowBytes: number; hasChecksum: boolean } {
  const flags = bytes[4]!;
  const isSingleSegment = (flags & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3]!;
  const lengthBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6]!;
  const lengthAt = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes;
  const size = lengthAt + lengthBytes;
  // With a single segment, the window is the content: its length, least significant byte first.
  let windowBytes = 0;
  if (isSingleSegment) {
    for (let at = size - 1; at >= lengthAt; at--) windowBytes = windowBytes * 256 + (bytes[at] ?? 0);
  } else {
    const base = 2 ** (10 + (bytes[5]! >> 3));
    windowBytes = base + (base / 8) * (bytes[5]! & 7);
  }
  return { size, windowBytes, hasChecksum: (flags & 4) !== 0 };
}

function isFrame(magic: number): boolean {
  return magic === MAGIC || isSkipped(magic);
}

function isSkipped(magic: number): boolean {
  return (magic & SKIPPED_MAGICS_MASK) >>> 0 === SKIPPED_MAGIC;
}

function uint32(bytes: Uint8Array): number {
  return (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;
}

function invalid(offset: number, why: string, cause?: unknown): AustinError {
  return new AustinError('ERR_ZSTD_INVALID', `The Zstandard data is damaged at byte ${offset}: ${why}.`, {
    kind: 'data',
    offset,
    hint: 'What came before the damage can be read without `strict`.',
    cause,
  });
}
