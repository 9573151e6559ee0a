import { write as writeCallback, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const write = promisify(writeCallback);

const STDERR = 2;

/**
 * Prints a line for people on standard error.
 *
 * At once, and not through a stream: the lines keep their place among those of the recorded program, and none
 * is lost when this process exits. What cannot be printed is dropped: nobody is there to read it.
 */
export function say(text: string): void {
  saySome(`${text}\n`);
}

/** Like {@link say}, without a line end. */
export function saySome(text: string): void {
  let rest = Buffer.from(text);
  for (let waits = 0; rest.length > 0 && waits < 100; ) {
    try {
      rest = rest.subarray(writeSync(STDERR, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      waits++;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** Writes all of it to a descriptor, however often that takes. Rejects with the system's error. */
export async function writeAll(fd: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += (await write(fd, bytes, at)).bytesWritten;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await delay(5);
    }
  }
}
