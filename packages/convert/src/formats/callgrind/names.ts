/**
 * Names of objects, files and functions: written out at first use, as `(number) name`, and as `(number)` from then on. Viewers
 * tell names apart by their text and not by the number, so functions of one name in one file become one.
 */
export class NameList {
  readonly #objects = new Map<string, string>();
  readonly #files = new Map<string, string>();
  readonly #functions = new Map<number, string>();

  object(name: string): string {
    return numbered(this.#objects, name);
  }

  file(name: string): string {
    return numbered(this.#files, name);
  }

  fn(id: number, name: string): string {
    const known = this.#functions.get(id);
    if (known !== undefined) return known;
    const number = `(${this.#functions.size + 1})`;
    this.#functions.set(id, number);
    return `${number} ${oneLine(name)}`;
  }
}

function numbered(names: Map<string, string>, name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  const number = `(${names.size + 1})`;
  names.set(name, number);
  return `${number} ${oneLine(name) || '???'}`;
}

/** A name that cannot end its line: control characters become blanks. Lone surrogates are what UTF-8 makes of them. */
export function oneLine(name: string): string {
  const text = name.replace(/[\p{Cc}\u2028\u2029]/gu, ' ').replace(/\p{Surrogate}/gu, '\ufffd');
  return text.trim() || '???';
}
