/** A view for {@link commonBytes} of all of an array. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** How many bytes from `aStart` in `a` on are those from `bStart` in `b` on, `most` at most, which both have. */
export function commonBytes(a: DataView, aStart: number, b: DataView, bStart: number, most: number): number {
  let count = 0;
  // Eight bytes at a time, which costs a quarter of one at a time. Equal numbers are equal bytes, but for the two zeros.
  for (; count + 8 <= most; count += 8) {
    const eight = a.getFloat64(aStart + count);
    if (eight !== b.getFloat64(bStart + count) || eight === 0) break;
  }
  while (count < most && a.getUint8(aStart + count) === b.getUint8(bStart + count)) count++;
  return count;
}
