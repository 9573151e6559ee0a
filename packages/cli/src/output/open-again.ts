import { constants, fstatSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * The terminal or pipe of a descriptor once more, so that writing never waits: who does not read must not keep signals from
 * being heard. The descriptor itself is shared with others, who would notice. Undefined where that is not to be had, and for
 * files, which take what they are given.
 */
export function openAgain(fd: number): number | undefined {
  try {
    if (!isatty(fd) && !fstatSync(fd).isFIFO()) return undefined;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}
