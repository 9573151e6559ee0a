import {
  type Column,
  type Diagnostic,
  float64Column,
  InternTable,
  modeOf,
  type Profile,
  ProfileBuilder,
  type SampleColumns,
  type StackId,
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
  readonly #counts: Column<Float64Array> = float64Column();
  readonly #timeUs: Column<Float64Array> = float64Column();
  readonly #memoryBytes: Column<Float64Array> = float64Column();
  readonly #timeSquares: Column<Float64Array> = float64Column();
  readonly #memorySquares: Column<Float64Array> = float64Column();

  constructor(by: SummedBy = 'signs') {
    this.#by = by;
  }

  /** @param count how many samples it stands for */
  add(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number, count = 1): void {
    const time = Math.max(0, timeUs);
    const kind = this.#by === 'weights' ? kindOf(time, memoryBytes) : memoryBytes < 0 ? 1 : 0;
    const row = this.#rows.intern(stack, thread, flags, kind);
    if (row === this.#counts.length) {
      this.#counts.push(0);
      this.#timeUs.push(0);
      this.#memoryBytes.push(0);
      this.#timeSquares.push(0);
      this.#memorySquares.push(0);
    }
    this.#counts.add(row, count);
    this.#timeUs.add(row, time);
    this.#memoryBytes.add(row, memoryBytes);
    // As if all had the same weight, where several come as one.
    this.#timeSquares.add(row, (time * time) / count);
    this.#memorySquares.add(row, (memoryBytes * memoryBytes) / count);
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
      count: this.#counts.view(),
      squares: { timeUs: this.#timeSquares.view(), memoryBytes: this.#memorySquares.view() },
    };
  }
}

/** A number for each combination of weights. */
function kindOf(timeUs: number, memoryBytes: number): number {
  return (timeUs > 0 ? 3 : 0) + Math.sign(memoryBytes) + 1;
}

/** Sums samples that are there. */
export function sumSamples(samples: SampleColumns): SampleSums {
  const { stack, thread, timeUs, memoryBytes, flags, count } = samples;
  const sums = new SampleSums();
  for (let i = 0; i < samples.length; i++) {
    const [stackId, threadId] = [stack[i]! as StackId, thread[i]! as ThreadId];
    sums.add(stackId, threadId, timeUs[i]!, memoryBytes[i]!, flags[i]!, count?.[i]);
  }
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
