/**
 * What is open, innermost last, where each end names what it ends. Ends of what is not open are found out without a
 * search, so that no order of ends takes more time than the whole is long.
 */
export class OpenStack<K, V> {
  readonly #open: { readonly key: K; readonly value: V }[] = [];
  readonly #counts = new Map<K, number>();

  get size(): number {
    return this.#open.length;
  }

  get innermost(): V | undefined {
    return this.#open.at(-1)?.value;
  }

  push(key: K, value: V): void {
    this.#open.push({ key, value });
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** How many are outside the innermost of this key; -1 if none is open. */
  depthOf(key: K): number {
    if ((this.#counts.get(key) ?? 0) === 0) return -1;
    return this.#open.findLastIndex((opened) => opened.key === key);
  }

  /** Ends all but the outermost `keep`, and returns them, outermost first. */
  end(keep: number): V[] {
    const ended = this.#open.splice(keep);
    for (const { key } of ended) this.#counts.set(key, this.#counts.get(key)! - 1);
    return ended.map(({ value }) => value);
  }
}
