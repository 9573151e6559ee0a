/** A function and where it is, as many programs write them in one text. */
export interface Place {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** Reads `function (file.py:12)`; undefined if the text is not of this form. Takes time in proportion to its length. */
export function parsePlace(text: string): Place | undefined {
  const end = /:(\d+)\)$/.exec(text);
  if (!end) return undefined;
  // The last blank with a parenthesis, and something between it and the colon.
  const at = text.lastIndexOf(' (', end.index - 3);
  if (at < 1) return undefined;
  return { name: text.slice(0, at), file: text.slice(at + 2, end.index), line: Number(end[1]) };
}
