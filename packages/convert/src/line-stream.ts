import {
  metadataInPlace,
  type Profile,
  ProfileBuilder,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import { ByteOutput } from './byte-output.js';
import type { Piece, StreamingWriter } from './format.js';

/** Writes a format that has a line for each metadata entry and each sample, in order. */
export interface LineWriter {
  /** Comes before all lines. */
  head(): void;
  metadata(key: string, value: string): void;
  sample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void;
}

/** Makes the lines of a profile. */
export type MakeLines = (profile: Profile, out: ByteOutput) => LineWriter;

/**
 * Some facts of a profile decide how all its lines look: its mode, whether threads have ids or names. They are taken from
 * this many samples where there are more.
 */
export const DECIDING_SAMPLES = 1 << 15;

/** Lines are handed on in pieces of about this many bytes. */
const PIECE_BYTES = 1 << 17;

/** Writes a profile that is there as a whole. */
export function* writeLines(profile: Profile, makeLines: MakeLines): Iterable<Piece> {
  const out = new ByteOutput();
  const lines = makeLines(profile, out);
  lines.head();
  yield* replayLines(profile, lines, out);
}

function* replayLines(
  { samples, metadata }: Profile,
  lines: LineWriter,
  out: ByteOutput,
): Iterable<Uint8Array> {
  const writeMetadata = metadataInPlace(metadata, ({ key, value }) => lines.metadata(key, value));
  for (let i = 0; i < samples.length; i++) {
    writeMetadata(i);
    const { stack, thread, timeUs, memoryBytes, flags } = samples;
    lines.sample(stack[i]! as StackId, thread[i]! as ThreadId, timeUs[i]!, memoryBytes[i]!, flags[i]!);
    if (out.length >= PIECE_BYTES) yield* out.given();
  }
  writeMetadata(samples.length);
  yield* out.given();
}

/** Writes a profile while it is read: its first samples are held back until they have decided, the rest is not held. */
export class LineStream implements StreamingWriter {
  readonly #start = new ProfileBuilder();
  readonly #makeLines: MakeLines;
  readonly #out = new ByteOutput();
  readonly tables = this.#start.tables;
  #held = 0;
  /** Undecided without them. */
  #lines: LineWriter | undefined;
  /** Samples are held until what was held before them has been taken, which is not written all at once: its lines may be long. */
  #isHolding = true;

  constructor(makeLines: MakeLines) {
    this.#makeLines = makeLines;
  }

  get waiting(): number {
    if (this.#lines === undefined) return 0;
    return this.#isHolding ? this.#held : this.#out.length;
  }

  addSample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    if (!this.#isHolding) {
      this.#lines!.sample(stack, thread, timeUs, memoryBytes, flags);
      return;
    }
    this.#start.addSample(stack, thread, timeUs, memoryBytes, flags);
    if (++this.#held === DECIDING_SAMPLES) this.#decide();
  }

  addMetadata(key: string, value: string): void {
    // The builder also keeps the names of threads.
    this.#start.addMetadata(key, value);
    if (!this.#isHolding) this.#lines!.metadata(key, value);
  }

  /** Lines have no room for it: whoever reads keeps it. */
  addDiagnostic(): void {}

  *take(): Iterable<Piece> {
    if (this.#lines === undefined) return;
    if (this.#isHolding) {
      this.#isHolding = false;
      this.#lines.head();
      yield* replayLines(this.#start.build(), this.#lines, this.#out);
    }
    yield* this.#out.given();
  }

  *end(): Iterable<Piece> {
    if (this.#lines === undefined) this.#decide();
    yield* this.take();
  }

  #decide(): void {
    const profile = this.#start.build();
    // What comes later does not decide.
    this.#lines = this.#makeLines({ ...profile, metadata: [...profile.metadata] }, this.#out);
  }
}
