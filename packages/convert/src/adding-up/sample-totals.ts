import {
  type MetadataEntry,
  metadataValue,
  type Profile,
  SampleFlag,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import { CELL_LIMITS, SampleCells } from './sample-cells.js';
import { ThreadClocks } from './thread-clocks.js';

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

  /** @param count how many samples it stands for */
  addSample(
    stack: StackId,
    thread: ThreadId,
    timeUs: number,
    memoryBytes: number,
    flags: number,
    count = 1,
  ): void {
    // Damaged files hold negative times.
    const time = Math.max(timeUs, 0);
    const position = this.#isMemory ? this.#count : this.#clocks.next(thread, time);
    this.#count += count;
    this.#weight += time;
    if (flags & SampleFlag.Invalid) {
      this.#invalidCount += count;
      this.#invalidWeight += time;
    }
    if (timeUs !== 0) this.hasTime = true;
    if (memoryBytes !== 0) this.hasMemory = true;
    this.cells.add({ thread, stack, position, flags, time, memory: memoryBytes, count });
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
  const { samples } = profile;
  const totals = new SampleTotals(profile.tables, limits);
  for (const entry of profile.metadata) totals.noteMetadata(entry);
  totals.noteMetadata({ key: 'mode', value: metadataValue(profile, 'mode') ?? profile.mode });
  for (let i = 0; i < samples.length; i++) {
    totals.addSample(
      samples.stack[i]! as StackId,
      samples.thread[i]! as ThreadId,
      samples.timeUs[i]!,
      samples.memoryBytes[i]!,
      samples.flags[i]!,
      samples.count?.[i],
    );
  }
  return totals;
}
