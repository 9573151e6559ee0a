import { float64Column, uint32Column } from '@austin-profiler/profile';

/** When each row of a table that only grows was last seen to have another value. */
export class ChangeLog {
  readonly #value = float64Column();
  readonly #version = uint32Column();

  /** Number of rows seen. */
  get length(): number {
    return this.#value.length;
  }

  /** Looks at a row: the next one, or one seen before. Answers whether it is new or has another value. */
  note(row: number, value: number, version: number): boolean {
    if (row === this.length) {
      this.#value.push(value);
      this.#version.push(version);
      return true;
    }
    const before = this.#value.at(row);
    if (before === value) return false;
    this.#value.add(row, value - before);
    this.#version.add(row, version - this.#version.at(row));
    return true;
  }

  /** The rows that somebody does not know who knows the first `known` as they were at a version. Ascending. */
  since(version: number, known: number): number[] {
    const rows: number[] = [];
    for (let row = 0; row < this.length; row++) {
      if (row >= known || this.#version.at(row) > version) rows.push(row);
    }
    return rows;
  }
}
