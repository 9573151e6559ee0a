import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

export interface PythonVersion {
  readonly major: number;
  readonly minor: number;
  readonly micro: number;
}

export interface Python {
  /** The real executable, behind all shims and virtual environments. */
  readonly path: string;
  readonly version: PythonVersion;
  /** Whether it was built to run without a GIL. */
  readonly freeThreaded: boolean;
  /** Its version as its file name has it: `3.13`, or `3.13t` without a GIL. */
  readonly name: string;
}

/** The versions of CPython that the sampler supports: 3.8 to 3.15. */
export const SUPPORTED_MINORS: readonly number[] = [8, 9, 10, 11, 12, 13, 14, 15];

/** Those of them that can be built without a GIL. */
export const FREE_THREADED_MINORS: readonly number[] = [13, 14, 15];

export interface FindOptions {
  /** Adds, behind the others, the builds without a GIL. Not every test is about them. Default false. */
  readonly freeThreaded?: boolean;
}

const run = promisify(execFile);

/**
 * One CPython of each supported version on this machine, of the highest patch level; oldest version first. Looks at the
 * executables named in AUSTIN_TEST_PYTHONS (separated by colons), on PATH, and at the versions of pyenv. Prints which
 * versions it did not find: tests of those do not happen, and that should be seen.
 */
export async function findPythons(options: FindOptions = {}): Promise<Python[]> {
  const found = await Promise.all([...new Set([...named(), ...onPath(), ...(await ofPyenv())])].map(ask));
  const withGil = bestOf(found, SUPPORTED_MINORS, false);
  return options.freeThreaded ? [...withGil, ...bestOf(found, FREE_THREADED_MINORS, true)] : withGil;
}

/**
 * Those of which most differs: the oldest and the newest. All of them where AUSTIN_TEST_EVERY_PYTHON is set, for the tests that are too many
 * for each.
 */
export function outermost(pythons: readonly Python[]): Python[] {
  if (process.env.AUSTIN_TEST_EVERY_PYTHON) return [...pythons];
  return pythons.filter((python) => [pythons[0], pythons.at(-1)].includes(python));
}

function bestOf(
  found: readonly (Python | undefined)[],
  minors: readonly number[],
  freeThreaded: boolean,
): Python[] {
  const best = new Map<number, Python>();
  for (const python of found) {
    if (!python || python.freeThreaded !== freeThreaded || !minors.includes(python.version.minor)) continue;
    const known = best.get(python.version.minor);
    if (!known || known.version.micro < python.version.micro) best.set(python.version.minor, python);
  }
  const missing = minors.filter((minor) => !best.has(minor));
  if (missing.length > 0) {
    const names = missing.map((minor) => nameOf(minor, freeThreaded)).join(', ');
    console.log(`no CPython ${names} on this machine (AUSTIN_TEST_PYTHONS)`);
  }
  return [...best.values()].sort((a, b) => a.version.minor - b.version.minor);
}

function nameOf(minor: number, freeThreaded: boolean): string {
  return `3.${minor}${freeThreaded ? 't' : ''}`;
}

function named(): string[] {
  return (process.env.AUSTIN_TEST_PYTHONS ?? '').split(':').filter(Boolean);
}

function onPath(): string[] {
  const names = [
    'python3',
    ...SUPPORTED_MINORS.map((minor) => `python3.${minor}`),
    ...FREE_THREADED_MINORS.map((minor) => `python3.${minor}t`),
  ];
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .filter((path) => existsSync(path));
}

async function ofPyenv(): Promise<string[]> {
  const root = process.env.PYENV_ROOT ?? (await output('pyenv', ['root']));
  const versions = root && join(root, 'versions');
  if (!versions || !existsSync(versions)) return [];
  return readdirSync(versions)
    .map((name) => join(versions, name, 'bin/python3'))
    .filter((path) => existsSync(path));
}

const QUESTION = [
  'import os, sys',
  'print(sys.implementation.name, *sys.version_info[:3], int("t" in sys.abiflags))',
  'print(os.path.realpath(sys.executable))',
].join('\n');

/** What an executable says of itself, or undefined when it is no CPython that starts. */
async function ask(path: string): Promise<Python | undefined> {
  const answer = await output(path, ['-S', '-c', QUESTION]);
  const match = /^cpython 3 (\d+) (\d+) ([01])\n(.+)$/.exec(answer ?? '');
  if (!match) return undefined;
  const minor = Number(match[1]);
  const freeThreaded = match[3] === '1';
  return {
    path: match[4]!,
    version: { major: 3, minor, micro: Number(match[2]) },
    freeThreaded,
    name: nameOf(minor, freeThreaded),
  };
}

async function output(command: string, args: string[]): Promise<string | undefined> {
  try {
    return (await run(command, args, { timeout: 60_000 })).stdout.trim();
  } catch {
    return undefined; // not there, or not working: then it is not a candidate
  }
}
