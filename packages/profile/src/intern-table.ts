const EMPTY = 0xffffffff;

/**
 * Gives each distinct row of `width` unsigned 32-bit numbers an id, counted from 0 in order of first
 * appearance. Rows lie flat in one typed array and are found by open addressing, so a million rows
 * cost a million rows and no objects.
 */
export class InternTable {
  readonly width: number;
  #rows: Uint32Array;
  #slots: Uint32Array;
  #size = 0;

  constructor(width: number) {
    this.width = width;
    this.#rows = new Uint32Array(64 * width);
    this.#slots = new Uint32Array(128).fill(EMPTY);
  }

  get size(): number {
    return this.#size;
  }

  /** The number in column `column` of row `id`. */
  get(id: number, column: number): number {
    return this.#rows[id * this.width + column]!;
  }

  /** The id of the row (a, b, …); missing columns count as 0. */
  intern(a: number, b = 0, c = 0, d = 0, e = 0, f = 0): number {
    if ((this.#size + 1) * 2 > this.#slots.length) this.#rehash();
    const rows = this.#rows;
    const width = this.width;
    const mask = this.#slots.length - 1;
    let slot = (width <= 2 ? hashPair(a, b) : hash(a, b, c, d, e, f)) & mask;
    for (;;) {
      const id = this.#slots[slot]!;
      if (id === EMPTY) break;
      const at = id * width;
      if (
        rows[at] === a &&
        (width < 2 || rows[at + 1] === b) &&
        (width < 3 || rows[at + 2] === c) &&
        (width < 4 || rows[at + 3] === d) &&
        (width < 5 || rows[at + 4] === e) &&
        (width < 6 || rows[at + 5] === f)
      ) {
        return id;
      }
      slot = (slot + 1) & mask;
    }
    const id = this.#size++;
    this.#slots[slot] = id;
    this.#store(id, a, b, c, d, e, f);
    return id;
  }

  #store(id: number, a: number, b: number, c: number, d: number, e: number, f: number): void {
    const width = this.width;
    const at = id * width;
    if (at + width > this.#rows.length) {
      const grown = new Uint32Array(this.#rows.length * 2);
      grown.set(this.#rows);
      this.#rows = grown;
    }
    const rows = this.#rows;
    rows[at] = a;
    if (width > 1) rows[at + 1] = b;
    if (width > 2) rows[at + 2] = c;
    if (width > 3) rows[at + 3] = d;
    if (width > 4) rows[at + 4] = e;
    if (width > 5) rows[at + 5] = f;
  }

  #rehash(): void {
    const rows = this.#rows;
    const width = this.width;
    const slots = new Uint32Array(this.#slots.length * 2).fill(EMPTY);
    const mask = slots.length - 1;
    for (let id = 0; id < this.#size; id++) {
      const at = id * width;
      const a = rows[at]!;
      const b = width > 1 ? rows[at + 1]! : 0;
      let slot =
        (width <= 2
          ? hashPair(a, b)
          : hash(
              a,
              b,
              rows[at + 2]!,
              width > 3 ? rows[at + 3]! : 0,
              width > 4 ? rows[at + 4]! : 0,
              width > 5 ? rows[at + 5]! : 0,
            )) & mask;
      while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.#slots = slots;
  }
}

/** Stacks are rows of two, and there are many. */
function hashPair(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ b, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hash(a: number, b: number, c: number, d: number, e: number, f: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ b, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ c, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15) ^ d, 0x165667b1);
  h = Math.imul(h ^ (h >>> 13) ^ e, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15) ^ f, 0x85ebca6b);
  return (h ^ (h >>> 16)) >>> 0;
}
