import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Those of the end-to-end tests tell what their stacks can be: see e2e/programs/README.md. */
const FOLDERS = ['../programs', '../../e2e/programs'].map((folder) => join(import.meta.dirname, folder));

export function programPath(name) {
  const path = FOLDERS.map((folder) => join(folder, name)).find(existsSync);
  if (!path) throw new Error(`no program ${name}`);
  return path;
}

/**
 * Runs `body` with the pid of a program that works meanwhile, and what the program told before it began (undefined, or
 * its truth). Returns what `body` returns and the line the program ended with.
 */
export async function withTarget(python, program, body, args = []) {
  const child = spawn(python.path, [programPath(program), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: join(FOLDERS[0], 'traceable') },
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  // A benchmark that is interrupted must not leave a busy process behind: its end closes the program's input.
  child.stdin.on('error', () => {});
  try {
    const first = (await lines.next()).value;
    if (first !== 'ready' && !first?.startsWith('{')) {
      throw new Error(`${program} did not start with ${python.path}`);
    }
    const result = await body(child.pid, first === 'ready' ? undefined : JSON.parse(first));
    child.stdin.end();
    const last = await lines.next();
    if ((await closed) !== 0) throw new Error(`${program} failed`);
    return { result, said: last.value };
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
  }
}
