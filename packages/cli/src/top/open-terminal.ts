import { openSync } from 'node:fs';
import { isatty, ReadStream } from 'node:tty';
import { AustinError } from '@austin-profiler/profile';
import { Terminal } from '@austin-profiler/tui';
import { openAgain } from '../output/open-again.js';

const [STDIN, STDOUT] = [0, 1];

/**
 * The terminal to draw on. Keys come from it too where standard input is something else.
 *
 * @throws AustinError `ERR_USAGE_TERMINAL`
 */
export function openTerminal(env: NodeJS.ProcessEnv = process.env): Terminal {
  if (!isatty(STDOUT)) throw noTerminal('standard output is not one');
  if (env.TERM === undefined || env.TERM === 'dumb')
    throw noTerminal('this one cannot move its cursor (TERM)');
  return new Terminal({
    input: isatty(STDIN) ? (process.stdin as ReadStream) : keyboard(),
    output: process.stdout,
    fd: openAgain(STDOUT) ?? STDOUT,
    env,
  });
}

/** The terminal that this process belongs to, to read from. */
function keyboard(): ReadStream {
  try {
    return new ReadStream(openSync('/dev/tty', 'r'));
  } catch {
    throw noTerminal('standard input is not one, and there is no other');
  }
}

function noTerminal(reason: string): AustinError {
  return new AustinError('ERR_USAGE_TERMINAL', `a live view needs a terminal: ${reason}`, {
    kind: 'usage',
    hint: '`austin record` writes a file, `austin summary FILE` prints the hottest functions, `austin where PID` the stacks',
  });
}
