import { type Column, float64Column } from './columns.js';
import type { SampleColumns } from './profile.js';

/** How many samples a row stands for. */
export function samplesOfRow({ count }: Pick<SampleColumns, 'count'>, row: number): number {
  return count?.[row] ?? 1;
}

/** The sum of the squares of what the samples of a row weigh. */
export function squareOfRow(samples: SampleColumns, row: number, weight: 'timeUs' | 'memoryBytes'): number {
  const { squares } = samples;
  return squares ? squares[weight][row]! : samples[weight][row]! ** 2 / samplesOfRow(samples, row);
}

/** What the rows of a new profile stand for, which are added up from those of others. */
export class RowSums {
  readonly #count: Column<Float64Array> = float64Column();
  readonly #timeUs: Column<Float64Array> = float64Column();
  readonly #memoryBytes: Column<Float64Array> = float64Column();

  /** Adds row `row` of `samples` to row `into`, or to the end if `into` is the number of rows so far. */
  add(into: number, samples: SampleColumns, row: number): void {
    this.addUp(
      into,
      samplesOfRow(samples, row),
      squareOfRow(samples, row, 'timeUs'),
      squareOfRow(samples, row, 'memoryBytes'),
    );
  }

  /** Adds as many samples as row `row` stands for, each of which weighs 1 as a time and nothing as memory. */
  addCounts(into: number, samples: SampleColumns, row: number): void {
    const count = samplesOfRow(samples, row);
    this.addUp(into, count, count, 0);
  }

  /** Adds so many samples, with the sums of the squares of what they weigh. */
  addUp(into: number, count: number, timeSquare: number, memorySquare: number): void {
    if (into === this.#count.length) {
      this.#count.push(0);
      this.#timeUs.push(0);
      this.#memoryBytes.push(0);
    }
    this.#count.add(into, count);
    this.#timeUs.add(into, timeSquare);
    this.#memoryBytes.add(into, memorySquare);
  }

  columns(): Required<Pick<SampleColumns, 'count' | 'squares'>> {
    return {
      count: this.#count.view(),
      squares: { timeUs: this.#timeUs.view(), memoryBytes: this.#memoryBytes.view() },
    };
  }
}
