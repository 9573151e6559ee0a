import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { outputOf } from './output.mjs';
import { executables } from './search.mjs';

const MINORS = [8, 9, 10, 11, 12, 13, 14, 15];

const QUESTION = [
  'import importlib.util, os, sys',
  'print(sys.implementation.name, *sys.version_info[:3])',
  'print(os.path.realpath(sys.executable))',
  "print(importlib.util.find_spec('profiling') is not None)",
].join('\n');

/** The Python most benchmarks run: AUSTIN_BENCH_PYTHON, or python3. */
export async function mainPython() {
  const asked = process.env.AUSTIN_BENCH_PYTHON;
  for (const path of asked ? [asked] : executables('python3')) {
    const python = await ask(path);
    if (python) return python;
  }
  throw new Error(
    asked ? `AUSTIN_BENCH_PYTHON is no working CPython: ${asked}` : 'no working python3 on PATH',
  );
}

/** One CPython of each supported minor version, of the highest patch level; oldest first. */
export async function allPythons() {
  const named = (process.env.AUSTIN_TEST_PYTHONS ?? '').split(delimiter).filter(Boolean);
  const onPath = ['python3', ...MINORS.map((minor) => `python3.${minor}`)].flatMap(executables);
  const found = await Promise.all([...new Set([...named, ...onPath, ...(await ofPyenv())])].map(ask));
  const best = new Map();
  for (const python of found) {
    if (!python || !MINORS.includes(python.minor)) continue;
    const known = best.get(python.minor);
    if (!known || known.micro < python.micro) best.set(python.minor, python);
  }
  return [...best.values()].sort((a, b) => a.minor - b.minor);
}

async function ofPyenv() {
  const root = process.env.PYENV_ROOT ?? (await outputOf('pyenv', ['root']));
  const versions = root && join(root, 'versions');
  if (!versions || !existsSync(versions)) return [];
  return readdirSync(versions)
    .map((name) => join(versions, name, 'bin/python3'))
    .filter(existsSync);
}

/** What an executable says of itself. Its path is the real one: behind a shim, the process would not be Python at first. */
async function ask(path) {
  const answer = await outputOf(path, ['-S', '-c', QUESTION]);
  const match = /^cpython 3 (\d+) (\d+)\n(.+)\n(True|False)$/.exec(answer ?? '');
  if (!match) return undefined;
  const [minor, micro] = [Number(match[1]), Number(match[2])];
  return { path: match[3], minor, micro, version: `3.${minor}.${micro}`, hasProfiler: match[4] === 'True' };
}
