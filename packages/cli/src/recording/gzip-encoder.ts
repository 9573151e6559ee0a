import { promisify } from 'node:util';
import { constants, crc32, deflateRaw as deflateRawCallback, deflateRawSync } from 'node:zlib';

const deflateRaw = promisify<Uint8Array, import('node:zlib').ZlibOptions, Buffer>(deflateRawCallback);

/** How far deflate looks back. */
const WINDOW_BYTES = 1 << 15;

/**
 * Writes gzip piece by piece, so that what is written can be unpacked at any time, up to the last piece.
 *
 * Each piece is deflated by itself, on a thread of Node's pool, with the 32 KiB before it as its dictionary, and ends with
 * a sync flush, which leaves it at a byte border. Such pieces one after the other are one deflate stream.
 */
export class GzipEncoder {
  #window = new Uint8Array(0);
  #crc = 0;
  #length = 0;

  /** Magic number, deflate, no name, no time, made on Unix. */
  static readonly header: Uint8Array = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3);

  /** The bytes for a piece. Ask for one piece at a time. */
  async encode(piece: Uint8Array): Promise<Uint8Array> {
    const packed = await deflateRaw(piece, {
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(this.#window.length > 0 && { dictionary: this.#window }),
    });
    this.#window = lastBytes(this.#window, piece);
    this.#crc = checksum(piece, this.#crc);
    this.#length += piece.length;
    return packed;
  }

  /**
   * What completes the bytes made so far: with it they are a whole gzip file. More pieces may follow in the original all
   * the same.
   *
   * @param last a piece that is only in what is completed
   */
  trailer(last: Uint8Array = new Uint8Array(0)): Uint8Array {
    const sums = Buffer.alloc(8);
    sums.writeUInt32LE(checksum(last, this.#crc), 0);
    sums.writeUInt32LE((this.#length + last.length) % 2 ** 32, 4);
    return Buffer.concat([deflateRawSync(last), sums]);
  }
}

/** Of bytes that follow others. Of no bytes at all zlib answers 0, whatever came before. */
function checksum(bytes: Uint8Array, before: number): number {
  return bytes.length === 0 ? before : crc32(bytes, before);
}

function lastBytes(before: Uint8Array, added: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = before.subarray(Math.max(0, before.length + added.length - WINDOW_BYTES));
  const last = added.subarray(Math.max(0, added.length - WINDOW_BYTES));
  const window = new Uint8Array((added.length >= WINDOW_BYTES ? 0 : kept.length) + last.length);
  if (added.length < WINDOW_BYTES) window.set(kept);
  window.set(last, window.length - last.length);
  return window;
}
