import { write as writeCallback } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { UnhurriedWriter } from './unhurried-writer.js';

const write = promisify(writeCallback);

const STDERR = 2;

let words: UnhurriedWriter | undefined;

/**
 * Prints a line for people on standard error.
 *
 * At once, and not through a stream: the lines keep their place among those of the recorded program, and none
 * is lost when this process exits. A terminal that takes nothing gets them later, or never; nothing waits for it.
 */
export function say(text: string): void {
  saySome(`${text}\n`);
}

/** Like {@link say}, without a line end. */
export function saySome(text: string): void {
  words ??= new UnhurriedWriter(STDERR);
  words.write(text);
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
