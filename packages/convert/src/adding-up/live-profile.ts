import {
  type Diagnostic,
  modeOf,
  type Profile,
  type ProfileSink,
  ProfileTables,
  type SampleColumns,
  SampleFlag,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import type { ProfileHead } from '../format.js';
import { BoundedBuilder } from './bounded-builder.js';
import { CELL_LIMITS } from './sample-cells.js';
import type { SampleTotals } from './sample-totals.js';

/** What a thread did when it was sampled last. */
export interface LatestSample {
  readonly stack: StackId;
  /** A set of SampleFlag. */
  readonly flags: number;
  /** How many samples of all threads had come, this one included. */
  readonly number: number;
}

/** What has come since the start, or since the last reset. */
export interface LiveCounts {
  readonly samples: number;
  /** Of them, those whose stack could not be read whole. */
  readonly invalid: number;
  /** Of them, those of a thread that collected garbage. */
  readonly gc: number;
}

/**
 * A recording that is still being made, for views that show it meanwhile: filled by a `MojoReader` with `live`. Samples
 * are added up as they come, so memory is bounded by what differs and not by how long it runs; the last one of each
 * thread is kept.
 */
export class LiveProfile implements ProfileSink {
  readonly tables = new ProfileTables();
  readonly #limits;
  readonly #metadata = new Map<string, string>();
  readonly #diagnostics: Diagnostic[] = [];
  #builder: BoundedBuilder;
  #latest: (LatestSample | undefined)[] = [];
  #number = 0;
  #samples = 0;
  #invalid = 0;
  #gc = 0;

  constructor(limits = CELL_LIMITS) {
    this.#limits = limits;
    this.#builder = new BoundedBuilder(0, limits, this.tables);
  }

  addSample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    this.#builder.addSample(stack, thread, timeUs, memoryBytes, flags);
    this.#note(stack, thread, flags, 1);
  }

  /** Adds a row of samples that refer to the same tables, and that may stand for several. */
  addRow(samples: SampleColumns, row: number): void {
    this.#builder.addRow(samples, row);
    const { stack, thread, flags, count } = samples;
    this.#note(stack[row]! as StackId, thread[row]! as ThreadId, flags[row]!, count?.[row] ?? 1);
  }

  #note(stack: StackId, thread: ThreadId, flags: number, count: number): void {
    this.#number += count;
    this.#samples += count;
    if (flags & SampleFlag.Invalid) this.#invalid += count;
    if (flags & SampleFlag.Gc) this.#gc += count;
    this.#latest[thread] = { stack, flags, number: this.#number };
  }

  addMetadata(key: string, value: string): void {
    this.#metadata.set(key, value);
    this.#builder.addMetadata(key, value);
  }

  addDiagnostic(diagnostic: Diagnostic): void {
    this.#diagnostics.push(diagnostic);
    this.#builder.addDiagnostic(diagnostic);
  }

  /** Of all samples ever, also before a reset: changes whenever something has come. */
  get sampleNumber(): number {
    return this.#number;
  }

  get counts(): LiveCounts {
    return { samples: this.#samples, invalid: this.#invalid, gc: this.#gc };
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  /** The last value that the recording gave a key. */
  metadata(key: string): string | undefined {
    return this.#metadata.get(key);
  }

  /** Undefined for a thread without a sample since the last reset. */
  latest(thread: ThreadId): LatestSample | undefined {
    return this.#latest[thread];
  }

  /** What is known beside the samples: the last value of each key, and what the reader met. */
  head(): ProfileHead {
    const metadata = [...this.#metadata].map(([key, value]) => ({ key, value, sampleIndex: 0 }));
    const { hasTime = false, hasMemory = false } = this.totals ?? {};
    const mode = modeOf(metadata, hasTime, hasMemory);
    return { tables: this.tables, metadata, diagnostics: this.#diagnostics, mode };
  }

  /** The samples as they are added up; undefined until one has come, and another object after a reset. */
  get totals(): SampleTotals | undefined {
    return this.#builder.totals;
  }

  /**
   * What has come, a row for all samples of a thread with the same stack and flags in the same slot of time. Rows are in
   * order of time. May be asked for again and again; ids stay what they are.
   */
  profile(): Profile {
    return this.#builder.build();
  }

  /** Forgets the samples. What the recording said of itself, names and ids stay. */
  reset(): void {
    this.#builder = new BoundedBuilder(0, this.#limits, this.tables);
    for (const [key, value] of this.#metadata) this.#builder.addMetadata(key, value);
    this.#latest = [];
    this.#samples = this.#invalid = this.#gc = 0;
  }
}
