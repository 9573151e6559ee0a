import type { Generation } from './classic/generation.js';
import { main } from './main.js';
import { reportError } from './output/errors.js';

/** Runs the command line of this process and ends it. */
export async function start(generation: Generation): Promise<never> {
  // Nothing is thrown past `main` but from a callback of the system, which is a bug of ours.
  process.on('uncaughtException', (error) => process.exit(reportError(error)));
  // At once: a thread that still waits for a reader must not keep this process.
  process.exit(await main(process.argv.slice(2), generation));
}
