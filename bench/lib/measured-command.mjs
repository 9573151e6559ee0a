import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { programPath } from './target.mjs';

const run = promisify(execFile);

/** Runs a command and returns what it cost: {wall, cpu} in seconds, {peakBytes} of memory. Throws if it fails. */
export async function measuredCommand(python, command) {
  const { stdout, stderr } = await run(python.path, [programPath('measure.py'), ...command], {
    maxBuffer: 1 << 26,
  });
  const { status, ...cost } = JSON.parse(stdout);
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr.slice(-300)}`);
  return cost;
}
