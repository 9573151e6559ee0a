import { leave } from './leave.js';
import { reportError } from './output/errors.js';

/** Runs a command line with the words of this process, and ends it with the exit code that `run` answers with. */
export async function start(run: (words: readonly string[]) => Promise<number>): Promise<never> {
  // Nothing is thrown past `run` but from a callback of the system, which is a bug of ours.
  process.on('uncaughtException', (error) => leave(reportError(error)));
  // At once: a thread that still waits for a reader must not keep this process.
  leave(await run(process.argv.slice(2)));
}
