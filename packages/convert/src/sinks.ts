import type {
  Diagnostic,
  Profile,
  ProfileSink,
  ProfileTables,
  StackId,
  ThreadId,
} from '@austin-profiler/profile';
import type { BoundedBuilder } from './adding-up/bounded-builder.js';
import type { Piece, StreamingWriter } from './format.js';

/** Keeps a profile and writes it at the end: for formats that have nothing to write before they know everything. */
export class BoundedProfile implements StreamingWriter {
  readonly #builder: BoundedBuilder;
  readonly #write: (profile: Profile) => Iterable<Piece> | AsyncIterable<Piece>;
  readonly tables: ProfileTables;

  constructor(builder: BoundedBuilder, write: (profile: Profile) => Iterable<Piece> | AsyncIterable<Piece>) {
    this.#builder = builder;
    this.#write = write;
    this.tables = builder.tables;
  }

  addSample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    this.#builder.addSample(stack, thread, timeUs, memoryBytes, flags);
  }

  addMetadata(key: string, value: string): void {
    this.#builder.addMetadata(key, value);
  }

  addDiagnostic(diagnostic: Diagnostic): void {
    this.#builder.addDiagnostic(diagnostic);
  }

  take(): Iterable<Piece> {
    return [];
  }

  end(): Iterable<Piece> | AsyncIterable<Piece> {
    return this.#write(this.#builder.build());
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
