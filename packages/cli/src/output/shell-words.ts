import { printable } from './printable.js';

/** Words as they can be typed into a POSIX shell again. */
export function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${printable(word).replaceAll("'", String.raw`'\''`)}'`;
}
