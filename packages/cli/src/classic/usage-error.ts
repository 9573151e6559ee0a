import { AustinError } from '@austin-profiler/profile';
import { printable } from '../output/printable.js';

/** A command line that makes no sense, in the words that scripts look for. */
export function classicUsage(code: string, message: string): AustinError {
  return new AustinError(code, printable(message), {
    kind: 'usage',
    hint: "Try `austin --help' or `austin --usage' for more information.",
  });
}
