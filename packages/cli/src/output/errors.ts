import { isAustinError } from '@austin-profiler/profile';
import { ExitCode } from '../exit-codes.js';
import { colorsFor } from './colors.js';
import { say } from './stdio.js';

/**
 * Prints an error for the person at the terminal and answers with the exit code it deserves.
 *
 * @param program as the person called it
 */
export function reportError(error: unknown, program = 'austin'): number {
  const colors = colorsFor(2);
  say(`${colors.red(`${program}:`)} ${errorText(error)}`);
  if (process.env.AUSTIN_DEBUG === '1' && error instanceof Error) say(error.stack ?? String(error));
  return isAustinError(error) && error.kind === 'usage' ? ExitCode.Usage : ExitCode.Failure;
}

/** What an error says: what happened, where, and what to do next. */
export function errorText(error: unknown): string {
  if (!isAustinError(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return [
      `unexpected error: ${message}`,
      'This is a bug in austin-profiler. Please report it as docs/troubleshooting.md describes; AUSTIN_DEBUG=1 shows where it happened.',
    ].join('\n');
  }
  const place = [
    ...(error.offset === undefined ? [] : [`at byte ${error.offset}`]),
    ...(error.line === undefined ? [] : [`on line ${error.line}`]),
  ].filter((words) => !error.message.includes(words));
  const where = place.length > 0 ? `, ${place.join(', ')}` : '';
  return [
    `${error.message.replace(/\.$/, '')}${where} (${error.code})`,
    ...(error.hint === undefined ? [] : [`hint: ${error.hint}`]),
  ].join('\n');
}
