import {
  type Diagnostic,
  type Profile,
  ProfileBuilder,
  type ProfileSink,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import type { Piece, StreamingWriter } from './format.js';

/** Keeps a whole profile and writes it at the end: for formats that have nothing to write before they know everything. */
export class WholeProfile extends ProfileBuilder implements StreamingWriter {
  readonly #write: (profile: Profile) => Iterable<Piece> | AsyncIterable<Piece>;

  constructor(write: (profile: Profile) => Iterable<Piece> | AsyncIterable<Piece>) {
    super();
    this.#write = write;
  }

  take(): Iterable<Piece> {
    return [];
  }

  end(): Iterable<Piece> | AsyncIterable<Piece> {
    return this.#write(this.build());
  }
}

/** Hands everything on to another sink, and counts what passes. */
export class CountingSink implements ProfileSink {
  readonly #sink: ProfileSink;
  readonly diagnostics: Diagnostic[] = [];
  #sampleCount = 0;

  constructor(sink: ProfileSink) {
    this.#sink = sink;
  }

  get tables(): ProfileSink['tables'] {
    return this.#sink.tables;
  }

  get sampleCount(): number {
    return this.#sampleCount;
  }

  addSample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    this.#sampleCount++;
    this.#sink.addSample(stack, thread, timeUs, memoryBytes, flags);
  }

  addMetadata(key: string, value: string): void {
    this.#sink.addMetadata(key, value);
  }

  addDiagnostic(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic);
    this.#sink.addDiagnostic(diagnostic);
  }
}
