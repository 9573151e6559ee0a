import type { Profile } from '@austin-profiler/profile';
import type { WriteOptions } from '../../format.js';
import { facts, type Table, tables } from './tables.js';

/** Longer names are cut in the middle: a table of 64 kB wide columns is no table. */
const MAX_CELL = 200;

/** Writes a summary as Markdown. No name is taken for markup, and none for HTML. */
export function* writeMarkdown(profile: Profile, options: WriteOptions): Iterable<string> {
  for (const [name, value] of facts(profile, options)) yield `- **${name}:** ${markdownText(value)}\n`;
  for (const { title, columns, rows, notes } of tables(profile)) {
    yield `\n## ${markdownText(title)}\n\n`;
    yield `| ${columns.map((column) => column.title).join(' | ')} |\n`;
    yield `| ${columns.map(({ isNumber }) => (isNumber ? '---:' : '---')).join(' | ')} |\n`;
    for (const row of rows) yield `| ${row.map(markdownText).join(' | ')} |\n`;
    if (notes.length > 0) yield `\n${notes.join('\n')}\n`;
  }
}

/** Writes a summary as text with aligned columns. */
export function* writeText(profile: Profile, options: WriteOptions): Iterable<string> {
  for (const [name, value] of facts(profile, options)) yield `${name}: ${printable(value)}\n`;
  for (const table of tables(profile)) yield* textTable(table);
}

function* textTable({ title, columns, rows, notes }: Table): Iterable<string> {
  const cells = [columns.map((column) => column.title), ...rows].map((row) => row.map(printable));
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]!.length)));
  yield `\n${printable(title)}\n\n`;
  for (const row of cells) {
    const padded = row.map((cell, at) =>
      columns[at]!.isNumber ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!),
    );
    yield `${padded.join('  ').trimEnd()}\n`;
  }
  if (notes.length > 0) yield `\n${notes.join('\n')}\n`;
}

/** Punctuation that Markdown or HTML could read as markup stands for itself. */
function markdownText(text: string): string {
  return printable(text)
    .replace(/[\\`*_{}[\]|~$#+!()]/g, '\\$&')
    .replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/:\/\/|@|www\./gi, (link) => `${link[0]}<!-- -->${link.slice(1)}`);
}

/** On one line, without what would move a terminal's cursor or turn the direction of text, and not too long. */
function printable(text: string): string {
  const cut = text.length > MAX_CELL ? `${text.slice(0, MAX_CELL / 2)}…${text.slice(-MAX_CELL / 2)}` : text;
  return cut.replace(
    /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
