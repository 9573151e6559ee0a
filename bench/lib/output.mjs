import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a command prints, trimmed, or undefined when it is not there or does not work. */
export async function outputOf(command, args, timeout = 10_000) {
  try {
    return (await run(command, args, { timeout })).stdout.trim();
  } catch {
    return undefined;
  }
}

/** The same with the reason: {output} or {error}, which is the first line a failing command said. */
export async function tryOutput(command, args, timeout = 10_000) {
  try {
    return { output: (await run(command, args, { timeout })).stdout.trim() };
  } catch (error) {
    return { error: (error.stderr || error.message).trim().split('\n')[0] };
  }
}
