/** The string table of a pprof message: entry 0 is the empty string, each text has one entry. */
export class StringTable {
  readonly #ids = new Map<string, number>([['', 0]]);

  id(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.#ids.size;
      this.#ids.set(text, id);
    }
    return id;
  }

  /** All texts, in order of their ids. */
  texts(): Iterable<string> {
    return this.#ids.keys();
  }
}
