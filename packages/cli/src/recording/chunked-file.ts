import { writeAll } from '../output/stdio.js';
import { GzipEncoder } from './gzip-encoder.js';
import type { OutputFile } from './output-file.js';
import { isGzipName } from './part-names.js';
import { type SnapshotFile, writeSnapshot } from './snapshot-file.js';

/**
 * A file that is written chunk by chunk from JavaScript, compressed if its name says so. Every chunk is in the file, and can
 * be read there, when its `write` has settled.
 */
export class ChunkedFile {
  readonly #file: OutputFile;
  readonly #encoder: GzipEncoder | undefined;
  #size = 0;
  /** Whether what the file held before is gone. */
  #isBegun = false;
  /** What was asked for last. Everything waits for what was asked for before it, and fails with it. */
  #last: Promise<unknown> = Promise.resolve();
  #isFinished = false;

  constructor(file: OutputFile) {
    this.#file = file;
    this.#encoder = isGzipName(file.path) ? new GzipEncoder() : undefined;
  }

  get path(): string {
    return this.#file.path;
  }

  /** Bytes in the file. */
  get size(): number {
    return this.#size;
  }

  /** Takes away what the file held before. */
  empty(): void {
    this.#file.empty();
    this.#isBegun = true;
  }

  /** Rejects with the system's error, and from then on always. */
  async write(chunk: Uint8Array): Promise<void> {
    // The descriptor may be another file's by now.
    if (this.#isFinished) throw new Error(`${this.path} is complete`);
    this.#isBegun = true;
    return this.#queue(async () => {
      if (this.#encoder === undefined) return this.#append(chunk);
      await this.#appendPacked(await this.#encoder.encode(chunk));
    });
  }

  /** Completes the file. Rejects with the system's error. */
  async finish(): Promise<void> {
    if (this.#isFinished) return;
    this.#isFinished = true;
    try {
      await this.#queue(async () => {
        if (this.#encoder !== undefined && this.#isBegun) await this.#appendPacked(this.#encoder.trailer());
      });
    } finally {
      this.#file.close();
    }
  }

  /** Closes it and removes it if it was not there before. */
  discard(): void {
    this.#isFinished = true;
    this.#file.discard();
  }

  /**
   * Copies what has been written into a file beside this one.
   *
   * @param footer MOJO that is added to the copy
   * @throws AustinError `ERR_SNAPSHOT`
   */
  async snapshot(footer: Uint8Array): Promise<SnapshotFile> {
    const [size, end] = await this.#queue(async () => {
      const trailer = this.#encoder?.trailer(footer) ?? footer;
      return [this.#size, trailer] as const;
    });
    // The file grows meanwhile; what has been measured stays what it is.
    return writeSnapshot(this.path, size, end);
  }

  #queue<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#last.then(action);
    this.#last = result;
    // Whoever asked is told; the chain itself is nobody's to await.
    result.catch(() => {});
    return result;
  }

  async #appendPacked(packed: Uint8Array): Promise<void> {
    await this.#append(this.#size === 0 ? Buffer.concat([GzipEncoder.header, packed]) : packed);
  }

  async #append(bytes: Uint8Array): Promise<void> {
    await writeAll(this.#file.fd, bytes);
    this.#size += bytes.length;
  }
}
