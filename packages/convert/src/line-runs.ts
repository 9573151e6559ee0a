import { ByteOutput } from './byte-output.js';

const LINE_END = 0x0a;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Hands on whole lines of a text over any chunk border, many at a time: `bytes` from `start` to `end`. Each ends in LF, but for
 * the last of the input, which may have no end. A byte order mark at the start is dropped.
 */
export async function forEachLineRun(
  chunks: AsyncIterable<Uint8Array>,
  onLines: (bytes: Uint8Array, start: number, end: number) => void,
): Promise<void> {
  /** The line that the last chunk cut. */
  const open = new ByteOutput();
  let isFirst = true;
  const hand = (bytes: Uint8Array, start: number, end: number): void => {
    const hasMark = isFirst && BYTE_ORDER_MARK.every((byte, i) => bytes[start + i] === byte);
    isFirst = false;
    onLines(bytes, hasMark ? start + BYTE_ORDER_MARK.length : start, end);
  };

  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(LINE_END) + 1;
    let start = 0;
    if (end > 0 && open.length > 0) {
      start = chunk.indexOf(LINE_END) + 1;
      open.bytes(chunk, 0, start);
      hand(open.view(), 0, open.length);
      open.clear();
    }
    if (start < end) hand(chunk, start, end);
    open.bytes(chunk, end);
  }
  if (open.length > 0) hand(open.view(), 0, open.length);
}
