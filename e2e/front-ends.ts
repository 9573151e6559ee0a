import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CLI, CLI3, temporaryFolder } from './cli-helpers.js';
import { findPythons, type Python } from './pythons.js';

const run = promisify(execFile);

const CACHE = fileURLToPath(new URL('../node_modules/.cache/front-ends', import.meta.url));

/** Lies in an environment that was installed to its end. */
const COMPLETE = 'complete';

/** The front ends of one generation, unmodified, in a virtual environment of their own. */
export interface FrontEnds {
  /** The interpreter of the virtual environment. */
  readonly python: string;
  /** The path of a program that a package has installed. */
  program(name: string): string;
  /** An environment in which they find our `austin`, and a folder to run in. */
  environment(): NodeJS.ProcessEnv;
}

/**
 * Installs packages from the Python package index, once for all test runs.
 *
 * @param generation which of our executables they find as `austin`
 * @param minors the versions of Python that can run them, best first
 * @returns undefined, with a message printed, where that cannot be done
 */
export async function installFrontEnds(
  generation: 3 | 4,
  packages: readonly string[],
  minors: readonly number[],
): Promise<FrontEnds | undefined> {
  const pythons = await findPythons();
  const python = minors
    .map((minor) => pythons.find(({ version }) => version.minor === minor))
    .find((found) => found !== undefined);
  if (!python) {
    console.log(`no CPython 3.${minors.join(', 3.')} for ${packages.join(', ')}: they are not tested`);
    return undefined;
  }
  const venv = await installPackages(python, packages);
  if (venv === undefined) return undefined;
  return {
    python: join(venv, 'bin/python3'),
    program: (name) => join(venv, 'bin', name),
    environment() {
      const folder = temporaryFolder();
      symlinkSync(generation === 3 ? CLI3 : CLI, join(folder, 'austin'));
      return { AUSTINPATH: folder };
    },
  };
}

/**
 * Installs packages from the Python package index into a virtual environment, once for all test runs.
 *
 * @param pipOptions further ones of `pip install`
 * @returns the folder of the environment; undefined, with a message printed, where that cannot be done
 */
export async function installPackages(
  python: Python,
  packages: readonly string[],
  pipOptions: readonly string[] = [],
): Promise<string | undefined> {
  const venv = join(CACHE, `${packages.join('+').replace(/[^\w.+-]+/g, '_')}-${python.name}`);
  if (existsSync(join(venv, COMPLETE))) return venv;
  try {
    await install(python, venv, [...pipOptions, ...packages]);
    return venv;
  } catch (error) {
    const reason = (error as Error).message.split('\n').filter(Boolean).at(-1);
    console.log(`${packages.join(', ')} cannot be installed for ${python.name} (${reason}): not tested`);
    return undefined;
  }
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
