import { closeSync, fstatSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Ends this process at once, also where its terminal has been closed. */
export function leave(exitCode: number): never {
  for (const fd of [0, 1, 2]) {
    if (isLostTerminal(fd)) closeSync(fd);
  }
  process.exit(exitCode);
}

/**
 * Whether a standard stream is a terminal that is gone. Node puts back the modes of its terminals when it ends, and aborts where
 * that fails; streams that are closed it leaves alone. `/dev/null` looks the same, and closing it does no harm either.
 */
function isLostTerminal(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice() && !isatty(fd);
  } catch {
    // It is closed already.
    return false;
  }
}
