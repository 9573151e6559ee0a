/**
 * Names of files and functions: written out at first use, as `(number) name`, and as `(number)` from then on. Viewers
 * tell names apart by their text and not by the number, so functions of one name in one file become one.
 */
export class NameList {
  readonly #files = new Map<string, string>();
  readonly #functions = new Map<number, string>();

  file(name: string): string {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const number = `(${this.#files.size + 1})`;
    this.#files.set(name, number);
    return `${number} ${oneLine(name) || '???'}`;
  }

  fn(id: number, name: string): string {
    const known = this.#functions.get(id);
    if (known !== undefined) return known;
    const number = `(${this.#functions.size + 1})`;
    this.#functions.set(id, number);
    return `${number} ${oneLine(name)}`;
  }
}

/** A name that cannot end its line: control characters become blanks. Lone surrogates are what UTF-8 makes of them. */
export function oneLine(name: string): string {
  const text = name.replace(/[\p{Cc}\u2028\u2029]/gu, ' ').replace(/\p{Surrogate}/gu, '\ufffd');
  return text.trim() || '???';
}
