import type { SourceText } from '@austin-profiler/convert/live';

/** The lines of a file, or why they cannot be had. */
export type SourceLines =
  | { readonly lines: readonly string[]; readonly warning?: string }
  | { readonly problem: string };

/** Files that are kept. */
const MOST_FILES = 16;

/** Keeps the files that were looked at last: a view asks for them with each frame. */
export class Sources {
  readonly #read: (file: string) => SourceText;
  readonly #known = new Map<string, SourceLines>();

  constructor(read: (file: string) => SourceText) {
    this.#read = read;
  }

  of(file: string): SourceLines {
    const known = this.#known.get(file) ?? linesOf(this.#read(file));
    // The one asked for last is the last to go.
    this.#known.delete(file);
    this.#known.set(file, known);
    if (this.#known.size > MOST_FILES) this.#known.delete(this.#known.keys().next().value!);
    return known;
  }
}

function linesOf(source: SourceText): SourceLines {
  if ('problem' in source) return source;
  const lines = source.text.split(/\r\n|[\n\r]/);
  if (lines.at(-1) === '') lines.pop();
  return { lines, ...(source.warning !== undefined && { warning: source.warning }) };
}
