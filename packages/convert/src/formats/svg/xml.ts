/**
 * Text for XML: what could be markup is escaped. XML cannot hold control characters and lone surrogates at all, not even
 * escaped: they are shown by the symbol that stands for them (U+2400 and on), or by U+FFFD. Marks that turn the direction
 * of text would turn all that follows on the line, and are shown as U+FFFD too.
 */
export function xmlText(text: string): string {
  return text
    .replace(/\p{Cc}/gu, (character) => controlPicture(character.codePointAt(0)!))
    .replace(/[\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function controlPicture(code: number): string {
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}
