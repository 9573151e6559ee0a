import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** A Python as it tells of itself. */
export interface PythonOnPath {
  /** As found on `PATH`. */
  readonly path: string;
  /** The interpreter behind it, which may be a link or a script that starts another. */
  readonly executable: string;
  /** For example `cpython`, `pypy`. */
  readonly implementation: string;
  readonly version: string;
  readonly freeThreaded: boolean;
  readonly isSupported: boolean;
}

const run = promisify(execFile);

const PATIENCE_MS = 5_000;
const AT_ONCE = 4;
const NAMES = /^python(3(\.\d+)?t?)?$/;

/** Works in every Python since 2.6. */
const QUESTION = [
  'import os, sys',
  'name = getattr(getattr(sys, "implementation", None), "name", "unknown")',
  'print(name)',
  'print("%d.%d.%d" % sys.version_info[:3])',
  'print("free-threading" in sys.version)',
  'print(os.path.realpath(sys.executable))',
].join('\n');

export interface PathSearch {
  /** In the order of `PATH`; each interpreter once. */
  readonly found: readonly PythonOnPath[];
  /** Executables of such a name that did not answer in time. */
  readonly silent: readonly string[];
}

/** Starts every Python that has one of its usual names, and asks what it is. */
export async function pythonsOnPath(supported: SupportedRange): Promise<PathSearch> {
  const found = new Map<string, PythonOnPath>();
  const silent: string[] = [];
  const paths = candidates();
  // A few at a time: shims are scripts, and a dozen at once take longer than each of them is given.
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    const some = paths.slice(at, at + AT_ONCE);
    const answers = await Promise.all(some.map((path) => askPython(path, supported)));
    for (const [i, answer] of answers.entries()) {
      if (answer === 'silent') silent.push(some[i]!);
      else if (answer && !found.has(answer.executable)) found.set(answer.executable, answer);
    }
  }
  return { found: [...found.values()], silent };
}

/** Minor versions, both included. */
export interface SupportedRange {
  readonly oldest: string;
  readonly newest: string;
}

/** What an executable says of itself; undefined when it is no Python that starts. */
export async function askPython(
  path: string,
  supported: SupportedRange,
): Promise<PythonOnPath | 'silent' | undefined> {
  try {
    const { stdout } = await run(path, ['-E', '-S', '-c', QUESTION], { timeout: PATIENCE_MS });
    return parseAnswer(path, stdout, supported);
  } catch (error) {
    // Otherwise a broken link, a shim without a version, another program of that name.
    return (error as { killed?: boolean }).killed ? 'silent' : undefined;
  }
}

export function parseAnswer(path: string, text: string, supported: SupportedRange): PythonOnPath | undefined {
  const [implementation = '', version = '', freeThreaded, executable = ''] = text.trim().split(/\r?\n/);
  if (!/^\d+\.\d+\.\d+$/.test(version) || executable === '') return undefined;
  return {
    path,
    executable,
    implementation,
    version,
    freeThreaded: freeThreaded === 'True',
    isSupported:
      implementation === 'cpython' &&
      minorOf(version) >= minorOf(supported.oldest) &&
      minorOf(version) <= minorOf(supported.newest),
  };
}

/** `3.12.1` as 3012, so that versions can be compared. */
function minorOf(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1000 + minor;
}

function candidates(): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...new Set(folders)].flatMap((folder) =>
    entriesOf(folder)
      .filter((name) => NAMES.test(name))
      .map((name) => join(folder, name))
      .filter(isExecutable),
  );
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return []; // PATH may name what is not there
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
