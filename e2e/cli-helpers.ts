import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';

export const CLI = fileURLToPath(new URL('../packages/cli/dist/cli.js', import.meta.url));

/** The same for front ends of Austin 3. */
export const CLI3 = fileURLToPath(new URL('../packages/cli/dist/austin3.js', import.meta.url));

/** A pid above every one that Linux hands out. */
export const NO_PID = 4_194_304;

/** The interpreter itself: what is on PATH may be a shell script that starts it. */
export const PYTHON = execFileSync(
  process.env.AUSTIN_TEST_PYTHONS?.split(':')[0] || 'python3',
  ['-c', 'import sys; print(sys.executable)'],
  { encoding: 'utf8' },
).trim();

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly finished: Promise<Finished>;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly input?: Uint8Array | string;
  /** Leaves the standard input open. */
  readonly keepsInput?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

const processes: ChildProcess[] = [];
const folders: string[] = [];

afterEach(() => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder for one test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'austin-e2e-'));
  folders.push(folder);
  return folder;
}

/** Starts a program; what still runs at the end of the test is killed. */
export function start(program: string, args: readonly string[], options: RunOptions = {}): Running {
  const child = spawn(program, args, {
    stdio: 'pipe',
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
  });
  processes.push(child);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on('error', () => {});
  if (!options.keepsInput) child.stdin.end(options.input);
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() });
    });
  });
  return { child, pid: child.pid ?? 0, finished };
}

/** Starts the built command line. */
export function startAustin(args: readonly string[], options: RunOptions = {}): Running {
  return start(process.execPath, [CLI, ...args], options);
}

/** Runs the built command line to its end. */
export function austin(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return startAustin(args, options).finished;
}

/** Starts one of the tools that have the names of austin-python's. */
export function startTool(name: string, args: readonly string[], options: RunOptions = {}): Running {
  return start(process.execPath, [join(dirname(CLI), `${name}.js`), ...args], options);
}

/** Runs one of these tools to its end. */
export function tool(name: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return startTool(name, args, options).finished;
}

/** Waits for the first lines that a program prints, without their ends. */
export async function linesOf(program: Running, count: number): Promise<string[]> {
  let text = '';
  program.child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await until(() => text.split('\n').length > count || program.child.exitCode !== null);
  const lines = text.split('\n').slice(0, -1);
  if (lines.length < count) throw new Error(`the program ended: ${(await program.finished).stderr}`);
  return lines;
}

/** Waits for something to become true; the test's own time limit bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20);
}

/** Waits for a file with a whole line in it, and answers with its text. */
export async function fileText(path: string): Promise<string> {
  await until(() => existsSync(path) && readFileSync(path, 'utf8').endsWith('\n'));
  return readFileSync(path, 'utf8');
}

/**
 * Waits until the script in `folder` has written its pid, and then for samples of what it does after that.
 * Answers with the pid.
 */
export async function sampled(folder: string, recording: string): Promise<number> {
  const pid = Number(await fileText(join(folder, 'pid')));
  const path = join(folder, recording);
  await until(() => existsSync(path));
  const size = statSync(path).size;
  await until(() => statSync(path).size > size + 2_000);
  return pid;
}

/** Whether a process runs; a zombie does not. */
export function runs(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** The recording as collapsed text: it can be read to its end, or the test fails. */
export async function collapsed(path: string): Promise<string> {
  const { code, stdout, stderr } = await austin([
    'convert',
    path,
    '--to',
    'collapsed',
    '--strict',
    '-o',
    '-',
  ]);
  if (code !== 0) throw new Error(`${path} cannot be read: ${stderr}`);
  return stdout.toString();
}

/** Computes for a while in functions with names to look for. */
export const BUSY = `
def inner(n):
    return sum(i * i for i in range(n))

def outer(rounds):
    for _ in range(rounds):
        inner(2000)
`;

/** Says that it runs, by its pid in the file \`pid\`, and computes until it is ended. */
export const ENDLESS = `${BUSY}
import os
def ready():
    with open('pid', 'w') as file:
        file.write('%d\\n' % os.getpid())
`;

/** Writes a program into a folder. Answers with its path. */
export function script(folder: string, text: string, name = 'app.py'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
