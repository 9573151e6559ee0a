import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAMS = join(import.meta.dirname, '../programs');

export function programPath(name) {
  return join(PROGRAMS, name);
}

/** Runs `body` with a program that works meanwhile. Returns what `body` returns and the line the program ended with. */
export async function withTarget(python, program, body) {
  const child = spawn(python.path, [programPath(program)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  // A benchmark that is interrupted must not leave a busy process behind: its end closes the program's input.
  child.stdin.on('error', () => {});
  try {
    const first = await lines.next();
    if (first.value !== 'ready') throw new Error(`${program} did not start with ${python.path}`);
    const result = await body(child.pid);
    child.stdin.end();
    const last = await lines.next();
    if ((await closed) !== 0) throw new Error(`${program} failed`);
    return { result, said: last.value };
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
  }
}
