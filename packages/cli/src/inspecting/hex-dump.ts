const ROW_BYTES = 16;

/**
 * Rows of 16 bytes with the offset of the first, in hex, and what can be printed of them. The bytes from `marked` on have a
 * `>` before the first of them.
 *
 * @param offset of the first byte, a multiple of 16
 */
export function hexDump(bytes: Uint8Array, offset: number, marked: number): string[] {
  const rows: string[] = [];
  for (let start = 0; start < bytes.length; start += ROW_BYTES) {
    const row = [...bytes.subarray(start, start + ROW_BYTES)];
    const cells = row.map((byte, at) => {
      const mark = offset + start + at === marked ? '>' : ' ';
      return mark + byte.toString(16).padStart(2, '0');
    });
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    rows.push(
      `${(offset + start).toString(16).padStart(8, '0')} ${cells.join('').padEnd(3 * ROW_BYTES)}  ${text}`,
    );
  }
  return rows;
}
