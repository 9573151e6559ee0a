import { type Profile, ProfileBuilder, type StackId, type ThreadId } from '@austin-profiler/profile';
import type { Piece, StreamingWriter } from './format.js';

/** Writes a format that has a line for each metadata entry and each sample, in order. */
export interface LineWriter {
  /** Comes before all lines. */
  readonly head: string;
  metadata(key: string, value: string): string;
  sample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): string;
}

/**
 * Some facts of a profile decide how all its lines look: its mode, whether threads have ids or names. They are taken from
 * this many samples where there are more.
 */
export const DECIDING_SAMPLES = 1 << 15;

/** Writes a profile that is there as a whole. */
export function* writeLines(profile: Profile, lines: LineWriter): Iterable<string> {
  const { samples, metadata } = profile;
  const { stack, thread, timeUs, memoryBytes, flags, length } = samples;
  let next = 0;
  if (lines.head !== '') yield lines.head;
  for (let i = 0; i <= length; i++) {
    for (; next < metadata.length && metadata[next]!.sampleIndex <= i; next++) {
      yield lines.metadata(metadata[next]!.key, metadata[next]!.value);
    }
    if (i === length) return;
    yield lines.sample(stack[i]! as StackId, thread[i]! as ThreadId, timeUs[i]!, memoryBytes[i]!, flags[i]!);
  }
}

/** Writes a profile while it is read: its first samples are held back until they have decided, the rest is not held. */
export class LineStream implements StreamingWriter {
  readonly #start = new ProfileBuilder();
  readonly #makeLines: (profile: Profile) => LineWriter;
  readonly tables = this.#start.tables;
  #held = 0;
  #lines: LineWriter | undefined;
  #pieces: string[] = [];

  constructor(makeLines: (profile: Profile) => LineWriter) {
    this.#makeLines = makeLines;
  }

  addSample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    if (this.#lines) {
      this.#pieces.push(this.#lines.sample(stack, thread, timeUs, memoryBytes, flags));
      return;
    }
    this.#start.addSample(stack, thread, timeUs, memoryBytes, flags);
    if (++this.#held === DECIDING_SAMPLES) this.#decide();
  }

  addMetadata(key: string, value: string): void {
    // The builder also keeps the names of threads.
    this.#start.addMetadata(key, value);
    if (this.#lines) this.#pieces.push(this.#lines.metadata(key, value));
  }

  /** Lines have no room for it: whoever reads keeps it. */
  addDiagnostic(): void {}

  *take(): Iterable<Piece> {
    yield* this.#pieces;
    this.#pieces = [];
  }

  *end(): Iterable<Piece> {
    if (!this.#lines) this.#decide();
    yield* this.take();
  }

  #decide(): void {
    const profile = this.#start.build();
    this.#lines = this.#makeLines(profile);
    for (const line of writeLines(profile, this.#lines)) this.#pieces.push(line);
  }
}
