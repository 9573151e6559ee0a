import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach } from 'vitest';
import { readMojo } from '../packages/mojo/dist/index.js';
import {
  type Profile,
  ProfileBuilder,
  SampleFlag,
  type StackId,
  type ThreadId,
} from '../packages/profile/dist/index.js';
import {
  type Recording,
  type RecordingOptions,
  type RecordingResult,
  startRecording,
} from '../packages/sampler/dist/index.js';
import { type ProgramTruth, type SampledFrame, stackJudge } from './truth.js';

export const PROGRAMS = join(import.meta.dirname, 'programs');

/** A pid above every one that Linux hands out. */
export const NO_PID = 4_194_304;

const processes: ChildProcess[] = [];
const recordings: Recording[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const child of processes.splice(0)) killGroup(child);
  for (const recording of recordings.splice(0)) {
    recording.stop();
    await recording.finished;
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A program under a shell is another process than the one we started. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is empty: everything in it has ended.
  }
}

/** A folder for one test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'austin-record-'));
  folders.push(folder);
  return folder;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that ends with the test at the latest. Its standard input stays open until `finish`. */
export interface Program {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** The lines it prints, in order; undefined once there are no more. */
  line(): Promise<string | undefined>;
  /** Closes its standard input, which ends the programs of `programs/`. */
  finish(): Promise<Ended>;
}

export function startProgram(command: string, args: readonly string[], options: SpawnOptions = {}): Program {
  const child = spawn(command, args, {
    cwd: PROGRAMS,
    stdio: ['pipe', 'pipe', 'inherit'],
    // A group of its own, so that everything it starts can be ended.
    detached: true,
    ...options,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: PROGRAMS, ...options.env },
  });
  processes.push(child);
  child.stdin?.on('error', () => {}); // it may be gone before we close it
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  ended.catch(() => {});
  const lines = child.stdout && createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    pid: child.pid ?? 0,
    ended,
    line: async () => (await lines?.next())?.value as string | undefined,
    finish: () => {
      child.stdin?.end();
      return ended;
    },
  };
}

export interface TruthfulProgram extends Program {
  readonly truth: ProgramTruth;
}

/** Starts a program of `programs/` and waits until it says what it does; `command` may be anything that runs it. */
export async function startTruthful(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<TruthfulProgram> {
  const program = startProgram(command, args, options);
  const line = await program.line();
  if (line === undefined) {
    throw new Error(`${command} ${args.join(' ')} printed nothing: ${JSON.stringify(await program.ended)}`);
  }
  return { ...program, truth: JSON.parse(line) as ProgramTruth };
}

export interface Recorded {
  readonly result: RecordingResult;
  readonly bytes: Buffer;
  readonly profile: Profile;
}

export interface RunningRecording {
  stop(): void;
  readonly attached: Promise<void>;
  /** The recording read back from its file, strictly: damage fails the test. */
  readonly finished: Promise<Recorded>;
}

/** Starts a recording into a file. */
export function startRecordingFile(
  pid: number,
  options: Omit<Partial<RecordingOptions>, 'pid' | 'outputFd'> = {},
): RunningRecording {
  const path = join(temporaryFolder(), 'recording.mojo');
  const fd = openSync(path, 'w');
  let attach: () => void;
  const attached = new Promise<void>((resolve) => {
    attach = resolve;
  });
  const recording = startRecording({
    intervalUs: 1000,
    ...options,
    pid,
    outputFd: fd,
    onAttached: (target) => {
      attach();
      options.onAttached?.(target);
    },
  });
  closeSync(fd); // the recording has its own
  recordings.push(recording);
  const finished = recording.finished.then(async (result) => {
    attach(); // nobody should wait for what will not happen
    const bytes = readFileSync(path);
    return { result, bytes, profile: await readProfile(bytes) };
  });
  return { stop: () => recording.stop(), attached, finished };
}

/** Records into a file until the target ends or `options.durationUs` is over. */
export function record(
  pid: number,
  options: Omit<Partial<RecordingOptions>, 'pid' | 'outputFd'> = {},
): Promise<Recorded> {
  return startRecordingFile(pid, options).finished;
}

export async function readProfile(bytes: Uint8Array): Promise<Profile> {
  const builder = new ProfileBuilder();
  await readMojo([bytes], builder, { strict: true });
  return builder.build();
}

/** The frames of a stack, outermost first. */
export function framesOf({ tables }: Profile, stack: number): SampledFrame[] {
  return tables.stackFrames(stack as StackId).map((frame) => tables.frameInfo(frame));
}

/** The number of a thread for the operating system. */
export function tidOf({ tables }: Profile, thread: number): number {
  return Number.parseInt(tables.thread(thread as ThreadId).tid, 16);
}

export interface Judgement {
  /** One line for each different stack that the program cannot have. Must be empty. */
  readonly illegal: string[];
  /** How many samples show the program at its work. */
  readonly legal: number;
  /** Functions seen, as `functionKey` writes them. */
  readonly seen: Set<string>;
}

export function functionKey({ name, file }: { readonly name: string; readonly file: string }): string {
  return `${name} of ${file.replace(/[\p{Surrogate}\uFFFD]+/gu, '\uFFFD')}`;
}

/**
 * Holds every sample against the truth. Those the recording itself calls incomplete must be the outer part of a
 * possible stack, or empty.
 *
 * @param options.foreignTids the threads of the profile are numbered otherwise than those of the truth
 */
export function judge(
  profile: Profile,
  truth: ProgramTruth,
  options: { readonly foreignTids?: boolean } = {},
): Judgement {
  const { samples } = profile;
  const decide = stackJudge(truth);
  const verdicts = new Map<string, ReturnType<typeof decide>>();
  const illegal = new Map<string, number>();
  const seen = new Set<string>();
  const working = new Set<number>();
  let legal = 0;
  for (let i = 0; i < samples.length; i++) {
    const stack = samples.stack[i]!;
    const thread = samples.thread[i]!;
    const cut = (samples.flags[i]! & SampleFlag.Invalid) !== 0;
    const key = `${stack} ${thread} ${cut}`;
    let verdict = verdicts.get(key);
    if (verdict === undefined) {
      const frames = framesOf(profile, stack);
      const tid = options.foreignTids ? {} : { tid: tidOf(profile, thread) };
      verdict = decide(frames, { ...tid, cut });
      verdicts.set(key, verdict);
      if (verdict.kind === 'legal' && !cut) for (const frame of frames) seen.add(functionKey(frame));
    }
    let reason = verdict.kind === 'illegal' ? verdict.reason : undefined;
    if (verdict.kind === 'legal' && !cut) {
      legal++;
      working.add(thread);
    }
    // A thread that works works until the end: a stack without its work has lost frames.
    if (verdict.kind === 'outside' && !cut && working.has(thread)) reason = 'the work is not in it';
    if (reason !== undefined) {
      const path = framesOf(profile, stack).map((frame) => `${frame.name}:${frame.line}`);
      const shown = path.length > 24 ? [...path.slice(0, 12), '…', ...path.slice(-12)] : path;
      const line = `${cut ? 'cut: ' : ''}${reason} | thread ${tidOf(profile, thread)}: ${shown.join(' > ')}`;
      illegal.set(line, (illegal.get(line) ?? 0) + 1);
    }
  }
  return { illegal: [...illegal].map(([line, count]) => `${count} × ${line}`), legal, seen };
}

/** Functions of the program that its work calls: with enough samples each of them shows up. */
export function workOf(truth: ProgramTruth): Set<string> {
  const own = new Set(truth.files);
  const called = truth.edges.map(([, callee]) => truth.codes[callee]);
  return new Set(
    called.filter((code) => code !== undefined && own.has(code.file)).map((code) => functionKey(code!)),
  );
}

/** Waits for something to become true; the test's own time limit bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20);
}

/** Whether a program is on PATH. */
export function hasCommand(name: string): boolean {
  return (process.env.PATH ?? '')
    .split(':')
    .some((folder) => folder !== '' && existsSync(join(folder, name)));
}
