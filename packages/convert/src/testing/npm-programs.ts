import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/npm-programs', import.meta.url));

/**
 * The path of a program from the npm registry, which is installed once for all test runs: one that wants another Node than this
 * repository does and yet runs with it, so that it can be no dependency of ours.
 *
 * @param version of the package, exactly
 * @param tests what does not happen without it, for the message that is printed then
 * @returns undefined where it cannot be installed
 */
export function npmProgram(
  name: string,
  packageName: string,
  version: string,
  tests: string,
): string | undefined {
  const folder = join(CACHE, `${packageName.replace(/\W+/g, '-')}-${version}`);
  const program = join(folder, 'node_modules/.bin', name);
  if (existsSync(program)) return program;
  // Made aside: a folder with that name is whole, whoever else installs it at the same time.
  const aside = `${folder}.${process.pid}`;
  mkdirSync(aside, { recursive: true });
  const args = [
    'install',
    '--prefix',
    aside,
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--loglevel=error',
  ];
  const quick = ['--fetch-retries=1', '--fetch-timeout=30000'];
  const { status, stderr, error } = spawnSync('npm', [...args, ...quick, `${packageName}@${version}`], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  try {
    if (status === 0) renameSync(aside, folder);
  } catch {
    // Another one was faster.
  }
  rmSync(aside, { recursive: true, force: true });
  if (existsSync(program)) return program;
  const reason =
    error?.message ?? stderr.split('\n').find((line) => line.includes('ERR') || line.includes('error'));
  console.warn(`skipped: ${tests}: ${packageName} cannot be installed (${reason ?? `status ${status}`})`);
  return undefined;
}
