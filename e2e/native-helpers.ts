import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { FrameKind, type Profile, SampleFlag, type StackId } from '../packages/profile/dist/index.js';
import { findPythons, type Python } from './pythons.js';
import { hasCommand, PROGRAMS, type Program, record, startProgram } from './record-helpers.js';

/** The ways of `programs/native/path.py`: at every moment a stack holds the beginning of one of them, with the functions in this order. */
const WAYS = ['first', 'second'].map((way) => [
  `${way}_way`,
  `${way}_call`,
  `${way}_call_inner`,
  `${way}_back`,
  `${way}_spin`,
  `${way}_spin_inner`,
]);
const NATIVE = /^(first|second)_(call|spin)/;

/** A compiler of C, where there is one. */
export const COMPILER = ['cc', 'gcc', 'clang'].find(hasCommand);
if (COMPILER === undefined) console.log('skipped: native stacks of an extension. Install a C compiler.');

/** `programs/native/nativepath.c`, built for some Pythons. */
export interface Extensions {
  /** Those that have headers, in their order. */
  readonly extended: readonly Python[];
  /** The folder of one's extension, which everybody may read. */
  readonly folderOf: (python: Python) => string;
  /** Starts `programs/native/path.py` with it, and waits until it goes its ways. */
  readonly start: (python: Python, ...args: readonly string[]) => Promise<Program>;
}

/** Builds it; what was built is removed after the tests of the file. */
export function buildExtensions(pythons: readonly Python[]): Extensions {
  const folder = mkdtempSync(join(tmpdir(), 'austin-native-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const folderOf = ({ name }: Python): string => join(folder, name);
  const extended = (COMPILER === undefined ? [] : pythons).filter((python) => {
    mkdirSync(folderOf(python));
    return buildExtension(python, folderOf(python), ['-g']) !== undefined;
  });
  return {
    extended,
    folderOf,
    start: (python, ...args) => startPaths(python, folderOf(python), ...args),
  };
}

/** Builds `programs/native/nativepath.c`. Answers with the path of the library; undefined without the headers of Python. */
export function buildExtension(
  python: Python,
  folder: string,
  flags: readonly string[] = [],
): string | undefined {
  const paths = headersOf(python);
  if (COMPILER === undefined || paths === undefined) {
    console.log(
      `skipped: native stacks of an extension of CPython ${python.name}, which has no headers here`,
    );
    return undefined;
  }
  const includes = ['-I', paths.include, '-I', dirname(paths.include)];
  const source = join(PROGRAMS, 'native/nativepath.c');
  const library = join(folder, `nativepath${paths.suffix}`);
  const all = ['-O2', ...flags, '-shared', '-fPIC', ...includes, '-o', library, source, '-pthread'];
  execFileSync(COMPILER, all);
  return library;
}

interface Paths {
  readonly include: string;
  readonly suffix: string;
}

function headersOf(python: Python): Paths | undefined {
  const question =
    'import os, sysconfig; p = sysconfig.get_paths()["include"]; print(os.path.exists(p + "/Python.h"), p, sysconfig.get_config_var("EXT_SUFFIX"), sep="\\n")';
  const [found, include, suffix] = execFileSync(python.path, ['-c', question], { encoding: 'utf8' }).split(
    '\n',
  );
  return found === 'True' ? { include: include!, suffix: suffix! } : undefined;
}

export interface NamedFrame {
  readonly name: string;
  readonly isNative: boolean;
  /** Of a native function the library, or `native@<address>` where none is known. */
  readonly file: string;
}

export function namedFramesOf({ tables }: Profile, stack: number): NamedFrame[] {
  return tables.stackFrames(stack as StackId).map((frame) => {
    const { name, kind, file } = tables.frameInfo(frame);
    return { name, isNative: kind === FrameKind.Native, file };
  });
}

/** Whether the recording calls a sample's stack whole. */
export function isWhole({ samples }: Profile, i: number): boolean {
  return (samples.flags[i]! & SampleFlag.Invalid) === 0;
}

/** The stacks that the recording calls whole, one for each sample. */
export function* wholeStacks(profile: Profile): Generator<NamedFrame[]> {
  for (let i = 0; i < profile.samples.length; i++) {
    if (isWhole(profile, i)) yield namedFramesOf(profile, profile.samples.stack[i]!);
  }
}

/** Whether the functions of the two ways on a stack are the beginning of one of them; natively, where they are C. */
export function ways(frames: readonly Omit<NamedFrame, 'file'>[]): boolean {
  if (frames.some(({ name, isNative }) => NATIVE.test(name) && !isNative)) return false;
  // The dive is another way to the first spin.
  if (frames.some(({ name }) => name === 'dive')) return true;
  const taken = frames.map(({ name }) => name).filter((name) => WAYS.some((way) => way.includes(name)));
  return WAYS.some((way) => taken.every((name, i) => way[i] === name));
}

export interface JudgedPaths {
  /** Stacks that the program cannot have. Must be empty. */
  readonly illegal: string[];
  readonly whole: number;
  /** Of the whole ones, those that show a way to its end. */
  readonly full: number;
}

/** Holds the whole stacks of a recording of the ways against them. */
export function judgePaths(profile: Profile): JudgedPaths {
  const illegal: string[] = [];
  let whole = 0;
  let full = 0;
  for (const frames of wholeStacks(profile)) {
    whole++;
    if (!ways(frames)) illegal.push(frames.map(({ name }) => name).join(' > '));
    if (frames.some(({ name }) => name.endsWith('_spin_inner'))) full++;
  }
  return { illegal, whole, full };
}

/** Whether the kernel copies native stacks without a stop; what it, or a container, refuses is found out by asking. */
export async function isUndisturbedGranted(): Promise<boolean> {
  const [python] = await findPythons();
  if (python === undefined) return false;
  const program = startProgram(python.path, ['-c', 'while True: pass'], { stdio: 'ignore' });
  const { result } = await record(program.pid, { native: 'undisturbed', durationUs: 100_000 });
  process.kill(program.pid, 'SIGKILL');
  await program.ended;
  if (result.error?.code === 'ERR_PERF_PERMISSION') console.log(`skipped: ${result.error.message}`);
  return result.error?.code !== 'ERR_PERF_PERMISSION';
}

/** Starts `programs/native/path.py` with an extension that was built for it, and waits until it goes its ways. */
export async function startPaths(
  python: Python,
  extension: string,
  ...args: readonly string[]
): Promise<Program> {
  const program = startProgram(python.path, ['native/path.py', extension, ...args]);
  expect(await program.line()).toBe('ready');
  return program;
}

/** A recording of that program has the stacks of its ways, and most of them as far as they go. */
export function expectPaths(profile: Profile): void {
  const { illegal, whole, full } = judgePaths(profile);
  expect(illegal.slice(0, 3)).toEqual([]);
  expect(whole).toBeGreaterThan(20);
  expect(full).toBeGreaterThan(whole / 3);
}

/** The threads of a process that somebody stops, traces, or has not let go of after their end: a line for each. */
export function heldThreads(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((tid) => {
    let status: string;
    try {
      status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8');
    } catch {
      return []; // it has just ended
    }
    const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
    const isHeld = /^[TtZ]/.test(field('State')) || field('TracerPid') !== '0';
    return isHeld ? [`${tid} is ${field('State')}, traced by ${field('TracerPid')}`] : [];
  });
}
