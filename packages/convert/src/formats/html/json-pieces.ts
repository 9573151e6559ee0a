/** Arrays longer than this are written in several pieces. */
const SLICE = 16_384;

/**
 * JSON text that can stand inside a script element: `<` is escaped, so it holds neither `</script` nor `<!--`,
 * and so are the line separators that are not whitespace to every parser. Long arrays come in pieces, so that
 * the whole is never one string.
 */
export function* toJsonPieces(value: unknown): Iterable<string> {
  if (Array.isArray(value) && value.length > SLICE) {
    for (let at = 0; at < value.length; at += SLICE) {
      const text = encode(value.slice(at, at + SLICE));
      yield (at === 0 ? '[' : ',') + text.slice(1, -1);
    }
    yield ']';
  } else if (typeof value === 'object' && value !== null) {
    const isArray = Array.isArray(value);
    yield isArray ? '[' : '{';
    if (isArray && value.every((item) => typeof item !== 'object' || item === null)) {
      yield encode(value).slice(1, -1);
    } else {
      let separator = '';
      for (const [key, item] of Object.entries(value)) {
        yield isArray ? separator : `${separator}${encode(key)}:`;
        yield* toJsonPieces(item);
        separator = ',';
      }
    }
    yield isArray ? ']' : '}';
  } else {
    yield encode(value);
  }
}

function encode(value: unknown): string {
  return JSON.stringify(value).replace(/[<\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
