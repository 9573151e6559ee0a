import { MojoWriter, type WriteMojoOptions } from '@austin-profiler/mojo';
import {
  metadataInPlace,
  ProfileBuilder,
  replaySample,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import type { Piece, StreamingWriter } from '../../format.js';
import { DECIDING_SAMPLES } from '../../line-stream.js';
import { hasDecimalThreadIds, hexThreadId, mapThreadKey, THREAD_IDS_KEY } from '../../thread-ids.js';

/**
 * Writes MOJO of a profile while it is read. Its first samples are held back until they have decided what the samples measure, and
 * whether threads have decimal ids; the rest is not held.
 */
export class MojoStream implements StreamingWriter {
  readonly #start = new ProfileBuilder();
  readonly #options: WriteMojoOptions;
  readonly tables = this.#start.tables;
  #held = 0;
  #writer: MojoWriter | undefined;
  #hasDecimalIds = false;

  constructor(options: WriteMojoOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#writer?.length ?? 0;
  }

  addSample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    if (this.#writer) {
      this.#writer.addSample(stack, thread, timeUs, memoryBytes, flags);
      return;
    }
    this.#start.addSample(stack, thread, timeUs, memoryBytes, flags);
    if (++this.#held === DECIDING_SAMPLES) this.#decide();
  }

  addMetadata(key: string, value: string): void {
    // The builder also keeps the names of threads.
    this.#start.addMetadata(key, value);
    if (this.#writer) this.#writeMetadata(this.#writer, key, value);
  }

  /** MOJO has no room for it: whoever reads keeps it. */
  addDiagnostic(): void {}

  *take(): Iterable<Piece> {
    if (this.#writer && this.#writer.length > 0) yield this.#writer.take();
  }

  *end(): Iterable<Piece> {
    if (!this.#writer) this.#decide();
    yield* this.take();
  }

  #decide(): void {
    const profile = this.#start.build();
    const { samples, metadata, mode } = profile;
    this.#hasDecimalIds = hasDecimalThreadIds(profile);
    const writer = new MojoWriter(this.tables, {
      ...this.#options,
      mode,
      ...(this.#hasDecimalIds && { threadId: hexThreadId }),
    });
    this.#writer = writer;
    const writeMetadata = metadataInPlace(metadata, ({ key, value }) =>
      this.#writeMetadata(writer, key, value),
    );
    for (let i = 0; i < samples.length; i++) {
      writeMetadata(i);
      replaySample(samples, i, writer);
    }
    writeMetadata(samples.length);
  }

  #writeMetadata(writer: MojoWriter, key: string, value: string): void {
    if (!this.#hasDecimalIds) writer.addMetadata(key, value);
    else if (key !== THREAD_IDS_KEY) writer.addMetadata(mapThreadKey(key, hexThreadId), value);
  }
}
