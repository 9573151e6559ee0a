import {
  type Diagnostic,
  GIL_HOLDERS_KEY,
  type Profile,
  type ProfileSink,
  type ProfileTables,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import type { BoundedBuilder } from './adding-up/bounded-builder.js';
import type { Piece, StreamingWriter } from './format.js';

/** Keeps a profile and writes it at the end: for formats that have nothing to write before they know everything. */
export class BoundedProfile implements StreamingWriter {
  readonly #builder: BoundedBuilder;
  readonly #write: (profile: Profile) => Iterable<Piece> | AsyncIterable<Piece>;
  readonly tables: ProfileTables;
  readonly waiting = 0;

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

/**
 * Hands everything on to another sink, but that holders of the interpreter lock are known: of the formats that can be read only
 * MOJO tells which samples are theirs.
 */
export class UnmarkedSink implements ProfileSink {
  readonly #sink: ProfileSink;

  constructor(sink: ProfileSink) {
    this.#sink = sink;
  }

  get tables(): ProfileSink['tables'] {
    return this.#sink.tables;
  }

  addSample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    this.#sink.addSample(stack, thread, timeUs, memoryBytes, flags);
  }

  addMetadata(key: string, value: string): void {
    if (key !== GIL_HOLDERS_KEY) this.#sink.addMetadata(key, value);
  }

  addDiagnostic(diagnostic: Diagnostic): void {
    this.#sink.addDiagnostic(diagnostic);
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
