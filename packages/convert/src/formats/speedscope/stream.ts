import {
  type Column,
  type Diagnostic,
  float64Column,
  type Profile,
  type StackId,
  type ThreadId,
  uint8Column,
  uint32Column,
} from '@austin-profiler/profile';
import type { Piece, StreamingWriter, WriteOptions } from '../../format.js';
import { ProfileFacts, type SampleSums, sumSamples } from '../../summing-stream.js';
import { type Limits, SizeEstimate, SPEEDSCOPE_LIMITS } from './size.js';
import { SUMMED_NOTICE, writeSpeedscope, writeSums, writeWhole } from './write.js';

/**
 * Writes speedscope JSON of a recording while it is read. Samples are kept in order up to what speedscope can open; from
 * there on equal ones are summed, all of them, and a notice says so. Sums that are too large as well are cut at the end.
 */
export class SpeedscopeStream implements StreamingWriter {
  readonly #facts = new ProfileFacts();
  readonly tables = this.#facts.tables;
  readonly waiting = 0;
  readonly #options: WriteOptions;
  readonly #limits: Limits;
  readonly #size: SizeEstimate;
  #kept: KeptSamples | undefined = new KeptSamples();
  #sums: SampleSums | undefined;
  #mode: string | undefined;
  /** A mode came behind the first sample, which was measured without it. */
  #isModeLate = false;

  constructor(options: WriteOptions, limits: Limits = SPEEDSCOPE_LIMITS) {
    this.#options = options;
    this.#limits = limits;
    this.#size = new SizeEstimate(this.tables);
  }

  addSample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    this.#facts.noteSample(timeUs, memoryBytes);
    if (this.#sums) {
      this.#sums.add(stack, thread, timeUs, memoryBytes, flags);
      return;
    }
    this.#kept!.add(stack, thread, timeUs, memoryBytes, flags);
    this.#size.add(stack, timeUs, memoryBytes, flags, this.#mode);
    if (!this.#size.isWithin(this.#limits)) this.#sum();
  }

  addMetadata(key: string, value: string): void {
    if (key === 'mode') {
      this.#isModeLate ||= this.#mode !== value && this.#kept?.length !== 0;
      this.#mode = value;
    }
    this.#facts.addMetadata(key, value);
  }

  addDiagnostic(diagnostic: Diagnostic): void {
    this.#facts.addDiagnostic(diagnostic);
  }

  take(): Iterable<Piece> {
    return [];
  }

  *end(): Iterable<Piece> {
    if (this.#sums) {
      yield* writeSums(this.#facts.build(this.#sums.build()), this.#options, this.#limits);
      return;
    }
    const profile = this.#facts.build(this.#kept!.samples());
    const isMeasured = !this.#isModeLate && profile.mode === this.#mode;
    if (isMeasured) yield* writeWhole(profile, this.#options);
    else yield* writeSpeedscope(profile, this.#options, this.#limits);
  }

  #sum(): void {
    this.#sums = sumSamples(this.#kept!.samples());
    this.#kept = undefined;
    this.#options.onNotice?.(SUMMED_NOTICE);
  }
}

class KeptSamples {
  readonly #stack: Column<Uint32Array> = uint32Column();
  readonly #thread: Column<Uint32Array> = uint32Column();
  readonly #timeUs: Column<Float64Array> = float64Column();
  readonly #memoryBytes: Column<Float64Array> = float64Column();
  readonly #flags: Column<Uint8Array> = uint8Column();

  add(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    this.#stack.push(stack);
    this.#thread.push(thread);
    this.#timeUs.push(timeUs);
    this.#memoryBytes.push(memoryBytes);
    this.#flags.push(flags);
  }

  get length(): number {
    return this.#stack.length;
  }

  samples(): Profile['samples'] {
    return {
      length: this.#stack.length,
      stack: this.#stack.view(),
      thread: this.#thread.view(),
      timeUs: this.#timeUs.view(),
      memoryBytes: this.#memoryBytes.view(),
      flags: this.#flags.view(),
    };
  }
}
