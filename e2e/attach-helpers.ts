import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import type { Python } from './pythons.js';
import { hasCommand, judge, record, type TruthfulProgram, temporaryFolder } from './record-helpers.js';

const isRoot = process.getuid?.() === 0;

/** Namespaces need root, and a container may forbid them even so. */
export const canUnshare =
  isRoot && hasCommand('unshare') && works('unshare', '--mount', '--pid', '--fork', 'true');
if (!canUnshare) console.log('skipped: namespaces. Run as root, with unshare, where mounting is allowed.');

/** Whether a command can be run and succeeds. */
export function works(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What an interpreter says the value of an expression is. */
export function ask(python: Python, expression: string): string {
  const code = `import os, sys; print(${expression})`;
  return execFileSync(python.path, ['-c', code], { encoding: 'utf8' }).trim();
}

/** Records a program of `programs/` for a moment, starting at `root`, and holds what comes out against its truth. */
export async function expectTrue(
  program: TruthfulProgram,
  options: { root?: number; pid?: number; foreignTids?: boolean } = {},
): Promise<void> {
  const { profile, result } = await record(options.root ?? program.pid, { durationUs: 150_000 });
  expect(result.error).toBeUndefined();
  expect(result).toMatchObject({ end: 'duration', target: { pid: options.pid ?? program.truth.pid } });
  const { illegal, legal } = judge(profile, program.truth, { foreignTids: options.foreignTids ?? false });
  expect(illegal).toEqual([]);
  expect(legal).toBeGreaterThan(0);
}

/** An interpreter of its own, made of copies. */
export interface InterpreterCopy {
  readonly command: string;
  /** The executable, and the library if it runs with one. */
  readonly files: readonly string[];
  readonly env: Record<string, string>;
}

/** A copy of an interpreter and its shared library that runs: the program to start and what to start it with. */
export function copyOf(python: Python): InterpreterCopy {
  const folder = temporaryFolder();
  const files = [python.path, ...loadedLibraries(python)].map((path) => {
    const copy = join(folder, basename(path));
    copyFileSync(path, copy);
    return copy;
  });
  return {
    command: files[0]!,
    files,
    env: { PYTHONHOME: ask(python, 'sys.base_prefix'), LD_LIBRARY_PATH: folder },
  };
}

/** The libpython that an interpreter runs with, if it is not all in the executable. */
export function loadedLibraries(python: Python): string[] {
  const code =
    "print(*{line.split()[-1] for line in open('/proc/self/maps') if '/libpython3' in line}, sep='\\n')";
  const output = execFileSync(python.path, ['-c', code], { encoding: 'utf8' });
  return output.split('\n').filter((path) => path !== '');
}

/** The processes below one, for the operating system. */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}
