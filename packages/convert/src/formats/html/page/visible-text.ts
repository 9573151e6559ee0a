/** Characters that show nothing, reorder what is around them, or are no text at all: controls, formats, lone surrogates. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The text with what one could not see written out, as Python would: `\n`, `\u202e`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    const digits = character.codePointAt(0)!.toString(16);
    return digits.length > 4 ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
  });
}

/** The beginning and the end of a long text, `most` letters in all. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor((most - 1) / 2);
  // Not inside a pair of surrogates.
  return visible(`${text.slice(0, half)}…${text.slice(text.length - half)}`);
}
