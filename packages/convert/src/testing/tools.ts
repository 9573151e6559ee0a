import { spawnSync } from 'node:child_process';

/** Tells whether a program can be run here; if not, says which tests do not happen. */
export function hasTool(name: string, args: readonly string[], tests: string): boolean {
  const isThere = spawnSync(name, args, { encoding: 'utf8' }).error === undefined;
  if (!isThere) console.warn(`skipped: ${tests}: \`${name}\` is not installed`);
  return isThere;
}

/** Runs a program and returns what it printed; fails with what it complained of. */
export function run(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const result = spawnSync(name, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 1 << 28,
  });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`${name} ended with ${result.status}: ${result.stderr}`);
  return result.stdout;
}
