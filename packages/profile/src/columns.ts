/** The typed arrays that a {@link Column} can grow. */
type ColumnArray = Uint8Array | Int32Array | Uint32Array | Float64Array;

/** A typed array that grows by doubling. Holds bulk data without an object per row. */
export class Column<A extends ColumnArray> {
  #array: A;
  #length = 0;
  readonly #make: (length: number) => A;

  constructor(make: (length: number) => A, capacity = 64) {
    this.#make = make;
    this.#array = make(capacity);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#array.length) {
      const grown = this.#make(this.#array.length * 2);
      grown.set(this.#array);
      this.#array = grown;
    }
    this.#array[this.#length++] = value;
  }

  /** Puts a value into a row; those before it that are not there yet are 0. */
  set(index: number, value: number): void {
    while (this.#length <= index) this.push(0);
    this.#array[index] = value;
  }

  at(index: number): number {
    return this.#array[index]!;
  }

  /** Adds to a row that is there. */
  add(index: number, value: number): void {
    this.#array[index]! += value;
  }

  /** The filled part, as a view of the live storage: valid until the next push. */
  view(): A {
    return this.#array.subarray(0, this.#length) as A;
  }
}

export function uint8Column(): Column<Uint8Array> {
  return new Column((n) => new Uint8Array(n));
}

export function int32Column(): Column<Int32Array> {
  return new Column((n) => new Int32Array(n));
}

export function uint32Column(): Column<Uint32Array> {
  return new Column((n) => new Uint32Array(n));
}

export function float64Column(): Column<Float64Array> {
  return new Column((n) => new Float64Array(n));
}
