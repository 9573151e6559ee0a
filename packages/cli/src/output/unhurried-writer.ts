import { writeSync } from 'node:fs';
import { openAgain } from './open-again.js';

/** Between attempts to write what was not taken. */
const RETRY_MS = 20;
/** So long the end of the process waits for whoever does not read. */
const LAST_WAIT_MS = 1000;
/** Of what is not taken, so much is kept. */
const MOST_BYTES = 1 << 20;

/**
 * Writes at once what its reader takes, and the rest when that takes more: nothing waits for a terminal that was stopped or
 * hangs, but for a second the end of the process.
 */
export class UnhurriedWriter {
  readonly #fd: number;
  #rest: Uint8Array = new Uint8Array(0);
  #timer: NodeJS.Timeout | undefined;

  constructor(fd: number) {
    this.#fd = openAgain(fd) ?? fd;
    process.on('exit', () => this.#finish());
  }

  write(text: string): void {
    const bytes = Buffer.from(text);
    // What would be too much is dropped whole: nobody reads.
    if (this.#rest.length + bytes.length > MOST_BYTES) return;
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#drain();
  }

  #drain(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writeSome();
    if (this.#rest.length === 0) return;
    this.#timer = setTimeout(() => this.#drain(), RETRY_MS);
    // It keeps no process alive: the end has its own patience.
    this.#timer.unref();
  }

  #finish(): void {
    const until = performance.now() + LAST_WAIT_MS;
    while (this.#rest.length > 0 && performance.now() < until) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      this.#writeSome();
    }
  }

  /** What cannot be printed at all is dropped: nobody is there to read it. */
  #writeSome(): void {
    try {
      while (this.#rest.length > 0) this.#rest = this.#rest.subarray(writeSync(this.#fd, this.#rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.#rest = new Uint8Array(0);
    }
  }
}
