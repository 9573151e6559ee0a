const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text of a range of bytes, U+FFFD for what is not UTF-8. A byte order mark is kept. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, end));
}
