import {
  type Column,
  type Diagnostic,
  float64Column,
  InternTable,
  modeOf,
  type Profile,
  ProfileBuilder,
  RowSums,
  type SampleColumns,
  type StackId,
  samplesOfRow,
  squareOfRow,
  type ThreadId,
} from '@austin-profiler/profile';
import type { Piece, StreamingWriter } from './format.js';

/**
 * Which samples of a stack are summed into one row. `signs`: memory allocated and memory deallocated apart. `weights`:
 * also apart what has a weight from what has none, so that the number of samples of each weight can be told.
 */
export type SummedBy = 'signs' | 'weights';

/**
 * Sums samples of the same stack, thread and flags, in order of first appearance. Negative times, which damaged files hold,
 * are nothing.
 */
export class SampleSums {
  /** (stack, thread, flags, which weights) */
  readonly #rows = new InternTable(4);
  readonly #by: SummedBy;
  readonly #sums = new RowSums();
  readonly #timeUs: Column<Float64Array> = float64Column();
  readonly #memoryBytes: Column<Float64Array> = float64Column();

  constructor(by: SummedBy = 'signs') {
    this.#by = by;
  }

  add(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    const time = Math.max(0, timeUs);
    const row = this.#rowOf(stack, thread, time, memoryBytes, flags);
    this.#sums.addUp(row, 1, time * time, memoryBytes * memoryBytes);
  }

  /**
   * Adds row `i` of samples, which may stand for several.
   *
   * @param stack what it is to count for, if that is another
   * @param mark flags that it gets besides its own
   */
  addRow(samples: SampleColumns, i: number, stack = samples.stack[i]! as StackId, mark = 0): void {
    const { thread, timeUs, memoryBytes, flags } = samples;
    const time = Math.max(0, timeUs[i]!);
    const row = this.#rowOf(stack, thread[i]! as ThreadId, time, memoryBytes[i]!, flags[i]! | mark);
    const timeSquare = time > 0 ? squareOfRow(samples, i, 'timeUs') : 0;
    this.#sums.addUp(row, samplesOfRow(samples, i), timeSquare, squareOfRow(samples, i, 'memoryBytes'));
  }

  #rowOf(stack: StackId, thread: ThreadId, time: number, memoryBytes: number, flags: number): number {
    const kind = this.#by === 'weights' ? kindOf(time, memoryBytes) : memoryBytes < 0 ? 1 : 0;
    const row = this.#rows.intern(stack, thread, flags, kind);
    if (row === this.#timeUs.length) {
      this.#timeUs.push(0);
      this.#memoryBytes.push(0);
    }
    this.#timeUs.add(row, time);
    this.#memoryBytes.add(row, memoryBytes);
    return row;
  }

  /** The sums as samples, with how many each stands for. */
  build(): SampleColumns {
    const length = this.#rows.size;
    const column = (at: number): Uint32Array => {
      const values = new Uint32Array(length);
      for (let row = 0; row < length; row++) values[row] = this.#rows.get(row, at);
      return values;
    };
    return {
      length,
      stack: column(0),
      thread: column(1),
      flags: Uint8Array.from(column(2)),
      timeUs: this.#timeUs.view(),
      memoryBytes: this.#memoryBytes.view(),
      ...this.#sums.columns(),
    };
  }
}

/** A number for each combination of weights. */
function kindOf(timeUs: number, memoryBytes: number): number {
  return (timeUs > 0 ? 3 : 0) + Math.sign(memoryBytes) + 1;
}

/** Sums samples that are there. */
export function sumSamples(samples: SampleColumns): SampleSums {
  const sums = new SampleSums();
  for (let i = 0; i < samples.length; i++) sums.addRow(samples, i);
  return sums;
}

/** All of a profile but its samples, which somebody else keeps. */
export class ProfileFacts {
  readonly #builder = new ProfileBuilder();
  readonly tables = this.#builder.tables;
  #hasTime = false;
  #hasMemory = false;

  /** A sample's weights: they tell the mode where no metadata does. */
  noteSample(timeUs: number, memoryBytes: number): void {
    if (timeUs !== 0) this.#hasTime = true;
    if (memoryBytes !== 0) this.#hasMemory = true;
  }

  /** Its place between the samples is not kept. */
  addMetadata(key: string, value: string): void {
    this.#builder.addMetadata(key, value);
  }

  addDiagnostic(diagnostic: Diagnostic): void {
    this.#builder.addDiagnostic(diagnostic);
  }

  /** The profile with these samples. */
  build(samples: SampleColumns): Profile {
    const profile = this.#builder.build();
    return { ...profile, samples, mode: modeOf(profile.metadata, this.#hasTime, this.#hasMemory) };
  }
}

/** Writes a format that sums equal samples anyway: they are summed as they come, and written at the end. */
export class SummingStream implements StreamingWriter {
  readonly #facts = new ProfileFacts();
  readonly #sums: SampleSums;
  readonly #write: (profile: Profile) => Iterable<Piece>;
  readonly tables = this.#facts.tables;
  readonly waiting = 0;

  constructor(write: (profile: Profile) => Iterable<Piece>, by?: SummedBy) {
    this.#write = write;
    this.#sums = new SampleSums(by);
  }

  addSample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    this.#facts.noteSample(timeUs, memoryBytes);
    this.#sums.add(stack, thread, timeUs, memoryBytes, flags);
  }

  addMetadata(key: string, value: string): void {
    this.#facts.addMetadata(key, value);
  }

  addDiagnostic(diagnostic: Diagnostic): void {
    this.#facts.addDiagnostic(diagnostic);
  }

  take(): Iterable<Piece> {
    return [];
  }

  *end(): Iterable<Piece> {
    yield* this.#write(this.#facts.build(this.#sums.build()));
  }
}
