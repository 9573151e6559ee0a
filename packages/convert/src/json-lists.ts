/** Lists are handed on in pieces of about this many characters. */
const PIECE_LENGTH = 1 << 14;

/** A JSON array of `length` items, each as JSON text, in pieces: a list of millions is never one string. */
export function* jsonList(length: number, itemText: (index: number) => string): Iterable<string> {
  let piece = '[';
  for (let i = 0; i < length; i++) {
    if (i > 0) piece += ',';
    piece += itemText(i);
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}]`;
}

/** A JSON object of lists of equal length, with that length: how the Firefox Profiler writes tables. */
export function* jsonTable(
  length: number,
  columns: Readonly<Record<string, (index: number) => string>>,
): Iterable<string> {
  yield '{';
  for (const [name, itemText] of Object.entries(columns)) {
    yield `${JSON.stringify(name)}:`;
    yield* jsonList(length, itemText);
    yield ',';
  }
  yield `"length":${length}}`;
}
