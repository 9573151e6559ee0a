import {
  type MetadataEntry,
  metadataInPlace,
  type Profile,
  type SampleColumns,
  SampleFlag,
  type StackId,
  ThreadClocks,
  type ThreadId,
} from '@austin-profiler/profile';
import { type AddedSample, CELL_LIMITS, SampleCells } from './sample-cells.js';

/** The samples of a profile, added up one by one. */
export class SampleTotals {
  readonly cells: SampleCells;
  readonly #clocks: ThreadClocks;
  #isMemory = false;
  #count = 0;
  #invalidCount = 0;
  #weight = 0;
  #invalidWeight = 0;
  hasTime = false;
  hasMemory = false;

  constructor(tables: Profile['tables'], limits = CELL_LIMITS) {
    this.cells = new SampleCells(tables, limits);
    this.#clocks = new ThreadClocks(tables);
  }

  noteMetadata({ key, value }: Pick<MetadataEntry, 'key' | 'value'>): void {
    if (key === 'mode') this.#isMemory = value === 'memory';
    else this.#clocks.noteMetadata(key, value);
  }

  /**
   * @param count how many samples it stands for
   * @param squares of their weights, if they are known
   */
  addSample(
    stack: StackId,
    thread: ThreadId,
    timeUs: number,
    memoryBytes: number,
    flags: number,
    count = 1,
    squares?: Pick<AddedSample, 'timeSquares' | 'memorySquares'>,
  ): void {
    // Damaged files hold negative times.
    const time = Math.max(timeUs, 0);
    // The middle of the time that the sample stands for.
    const position = this.#isMemory ? this.#count : Math.max(0, this.#clocks.next(thread, time) - time / 2);
    this.#count += count;
    this.#weight += time;
    if (flags & SampleFlag.Invalid) {
      this.#invalidCount += count;
      this.#invalidWeight += time;
    }
    if (timeUs !== 0) this.hasTime = true;
    if (memoryBytes !== 0) this.hasMemory = true;
    this.cells.add({ thread, stack, position, flags, time, memory: memoryBytes, count, ...squares });
  }

  /** Adds a row of other samples, which may stand for several. */
  addRow({ stack, thread, timeUs, memoryBytes, flags, count, squares }: SampleColumns, row: number): void {
    this.addSample(
      stack[row]! as StackId,
      thread[row]! as ThreadId,
      timeUs[row]!,
      memoryBytes[row]!,
      flags[row]!,
      count?.[row],
      squares && { timeSquares: squares.timeUs[row]!, memorySquares: squares.memoryBytes[row]! },
    );
  }

  /** What positions, and with them slots, count: µs, or in recordings of memory, which know no times, samples. */
  get slotUnit(): 'µs' | 'samples' {
    return this.#isMemory ? 'samples' : 'µs';
  }

  get sampleCount(): number {
    return this.#count;
  }

  /** How many samples there were; `asCounts` takes their times as numbers of samples. */
  counts(asCounts: boolean): { samples: number; invalid: number } {
    return asCounts
      ? { samples: this.#weight, invalid: this.#invalidWeight }
      : { samples: this.#count, invalid: this.#invalidCount };
  }
}

/** Adds up a profile that is in memory. */
export function totalsOf(profile: Profile, limits = CELL_LIMITS): SampleTotals {
  const { samples, metadata } = profile;
  const totals = new SampleTotals(profile.tables, limits);
  totals.noteMetadata({ key: 'mode', value: profile.mode });
  const noteUpTo = metadataInPlace(metadata, (entry) => {
    if (entry.key !== 'mode') totals.noteMetadata(entry);
  });
  for (let i = 0; i < samples.length; i++) {
    noteUpTo(i);
    totals.addRow(samples, i);
  }
  noteUpTo(samples.length);
  return totals;
}
