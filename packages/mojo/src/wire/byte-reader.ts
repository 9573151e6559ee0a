/**
 * A place in a run of input bytes. Plain mutable data: the readers in this folder move `at` forward.
 *
 * A reader that needs a byte past the end sets `isShort` and returns a filler, so that running out of input,
 * which happens at every chunk border, costs no exception. The caller checks `isShort` once per event.
 */
export interface ByteReader {
  bytes: Uint8Array;
  /** Index in `bytes` of the next byte to read. */
  at: number;
  /** Offset in the whole input of `bytes[0]`. */
  base: number;
  isShort: boolean;
  /** When short: index in `bytes` of a text whose closing NUL is missing, or -1 if something else is. */
  openText: number;
}

export function createByteReader(bytes: Uint8Array = new Uint8Array(0), base = 0): ByteReader {
  return { bytes, at: 0, base, isShort: false, openText: -1 };
}
