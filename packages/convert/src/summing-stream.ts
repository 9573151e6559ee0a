import {
  type Column,
  type Diagnostic,
  float64Column,
  InternTable,
  MODES,
  metadataValue,
  type Profile,
  ProfileBuilder,
  type SampleColumns,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import type { Piece, StreamingWriter } from './format.js';

/** A profile in which samples that differ in nothing but their weight are one. */
export interface SummedProfile {
  readonly profile: Profile;
  /** How many samples each sample of the profile stands for. */
  readonly counts: Float64Array;
}

/**
 * Sums samples of the same stack, thread and flags, in order of first appearance. Memory allocated and memory deallocated
 * are summed apart. Negative times, which damaged files hold, are nothing.
 */
export class SampleSums {
  /** (stack, thread, flags, whether memory was deallocated) */
  readonly #rows = new InternTable(4);
  readonly #counts: Column<Float64Array> = float64Column();
  readonly #timeUs: Column<Float64Array> = float64Column();
  readonly #memoryBytes: Column<Float64Array> = float64Column();

  add(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    const row = this.#rows.intern(stack, thread, flags, memoryBytes < 0 ? 1 : 0);
    if (row === this.#counts.length) {
      this.#counts.push(0);
      this.#timeUs.push(0);
      this.#memoryBytes.push(0);
    }
    this.#counts.add(row, 1);
    this.#timeUs.add(row, Math.max(0, timeUs));
    this.#memoryBytes.add(row, memoryBytes);
  }

  /** The sums as samples, and how many each stands for. */
  build(): { readonly samples: SampleColumns; readonly counts: Float64Array } {
    const length = this.#rows.size;
    const column = (at: number): Uint32Array => {
      const values = new Uint32Array(length);
      for (let row = 0; row < length; row++) values[row] = this.#rows.get(row, at);
      return values;
    };
    const samples = {
      length,
      stack: column(0),
      thread: column(1),
      flags: Uint8Array.from(column(2)),
      timeUs: this.#timeUs.view(),
      memoryBytes: this.#memoryBytes.view(),
    };
    return { samples, counts: this.#counts.view() };
  }
}

/** Sums samples that are there. */
export function sumSamples({ stack, thread, timeUs, memoryBytes, flags, length }: SampleColumns): SampleSums {
  const sums = new SampleSums();
  for (let i = 0; i < length; i++) {
    sums.add(stack[i]! as StackId, thread[i]! as ThreadId, timeUs[i]!, memoryBytes[i]!, flags[i]!);
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
    const named = metadataValue(profile, 'mode');
    if (MODES.some((mode) => mode === named)) return { ...profile, samples };
    const mode = this.#hasMemory ? (this.#hasTime ? 'full' : 'memory') : 'wall';
    return { ...profile, samples, mode };
  }
}

/** Writes a format that sums equal samples anyway: they are summed as they come, and written at the end. */
export class SummingStream implements StreamingWriter {
  readonly #facts = new ProfileFacts();
  readonly #sums = new SampleSums();
  readonly #write: (summed: SummedProfile) => Iterable<Piece>;
  readonly tables = this.#facts.tables;

  constructor(write: (summed: SummedProfile) => Iterable<Piece>) {
    this.#write = write;
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
    const { samples, counts } = this.#sums.build();
    yield* this.#write({ profile: this.#facts.build(samples), counts });
  }
}
