import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findPythons, type Python } from './pythons.js';

const run = promisify(execFile);

const CACHE = fileURLToPath(new URL('../node_modules/.cache/front-ends', import.meta.url));

/** Lies in an environment that was installed to its end. */
const COMPLETE = 'complete';

/** A virtual environment with packages from the Python package index. */
export interface PythonPackages {
  /** Its interpreter. */
  readonly python: string;
  /** The path of a program that a package has installed. */
  program(name: string): string;
  /** The folder of an importable package. */
  folder(name: string): string;
}

/**
 * Installs packages from the Python package index, once for all test runs.
 *
 * @param minors the versions of Python that can run them, best first
 * @returns undefined, with a message printed, where that cannot be done
 */
export async function installPythonPackages(
  packages: readonly string[],
  minors: readonly number[],
): Promise<PythonPackages | undefined> {
  const pythons = await findPythons();
  const python = minors
    .map((minor) => pythons.find(({ version }) => version.minor === minor))
    .find((found) => found !== undefined);
  if (!python) {
    console.log(`no CPython 3.${minors.join(', 3.')} for ${packages.join(', ')}: they are not tested`);
    return undefined;
  }
  return installPackages(python, packages);
}

/**
 * The same for one interpreter.
 *
 * @param pipOptions further ones of `pip install`
 */
export async function installPackages(
  python: Python,
  packages: readonly string[],
  pipOptions: readonly string[] = [],
): Promise<PythonPackages | undefined> {
  const venv = join(CACHE, `${packages.join('+').replace(/[^\w.+-]+/g, '_')}-${python.name}`);
  if (!existsSync(join(venv, COMPLETE))) {
    try {
      await install(python, venv, [...pipOptions, ...packages]);
    } catch (error) {
      const reason = (error as Error).message.split('\n').filter(Boolean).at(-1);
      console.log(`${packages.join(', ')} cannot be installed for ${python.name} (${reason}): not tested`);
      return undefined;
    }
  }
  return {
    python: join(venv, 'bin/python3'),
    program: (name) => join(venv, 'bin', name),
    folder: (name) => join(venv, `lib/python3.${python.version.minor}/site-packages`, name),
  };
}

/** A virtual environment has its path written into it, so it is made where it stays. */
async function install(python: Python, venv: string, words: readonly string[]): Promise<void> {
  rmSync(venv, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  await run(python.path, ['-m', 'venv', venv]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1'];
  await run(join(venv, 'bin/python3'), [...pip, '--timeout', '15', ...words], { timeout: 300_000 });
  writeFileSync(join(venv, COMPLETE), '');
}
