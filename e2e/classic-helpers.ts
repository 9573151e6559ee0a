import { type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeMojo, type LocatedMojoEvent } from '../packages/mojo/dist/index.js';
import {
  CLI,
  CLI3,
  type Finished,
  fileText,
  type Running,
  type RunOptions,
  runs,
  start,
  until,
} from './cli-helpers.js';

/** Starts the command line as Austin 4. */
export function startClassic(args: readonly string[], options: RunOptions = {}): Running {
  return start(process.execPath, [CLI, ...args], options);
}

/** Starts the command line as Austin 3. */
export function startClassic3(args: readonly string[], options: RunOptions = {}): Running {
  return start(process.execPath, [CLI3, ...args], options);
}

export function classic(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return startClassic(args, options).finished;
}

export function classic3(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return startClassic3(args, options).finished;
}

export interface MojoStream {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, string>;
  readonly samples: number;
  readonly names: ReadonlySet<string>;
  readonly events: readonly LocatedMojoEvent[];
}

/** Reads a stream to its end; one that is damaged or breaks off fails the test. */
export function mojoStream(bytes: Uint8Array): MojoStream {
  const { version, events } = decodeMojo(bytes, { strict: true });
  const metadata = new Map(
    events.flatMap((event) => (event.type === 'metadata' ? [[event.key, event.value] as const] : [])),
  );
  const names = new Set(events.flatMap((event) => (event.type === 'string' ? [event.value] : [])));
  return { version, metadata, names, events, samples: events.filter(({ type }) => type === 'stack').length };
}

export interface TextProfile {
  readonly header: ReadonlyMap<string, string>;
  readonly samples: readonly string[];
  readonly footer: ReadonlyMap<string, string>;
}

/** Takes the text stream of Austin 3 apart; one that is not whole fails the test. */
export function textStream(text: string): TextProfile {
  const match = /^((?:# .*\n)+)\n((?:P.*\n)*)\n((?:# .*\n)+)\n$/.exec(text);
  if (!match)
    throw new Error(`not a whole text stream: ${JSON.stringify(text.slice(0, 300))} … ${text.slice(-300)}`);
  const samples = match[2]!.split('\n').slice(0, -1);
  for (const sample of samples) {
    if (!/^P\d+;T\d+:\d+(;:INVALID:)?(;[^;]*:[^;:]*:\d+)*(;:GC:)? (-?\d+|\d+,[01],-?\d+)$/.test(sample))
      throw new Error(`not a sample: ${sample}`);
  }
  return { header: metadataOf(match[1]!), samples, footer: metadataOf(match[3]!) };
}

function metadataOf(lines: string): Map<string, string> {
  const entries = lines.split('\n').slice(0, -1);
  return new Map(entries.map((line) => /^# (.*?): (.*)$/.exec(line)!.slice(1, 3) as [string, string]));
}

/** Starts the command line with descriptors of the caller's choice. Answers with what it exits with. */
export function exitOf(
  cli: string,
  args: readonly string[],
  options: SpawnOptions,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  const child = spawn(process.execPath, [cli, ...args], options);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** The pid that a program of `ENDLESS` wrote, once it has. */
export async function pidIn(folder: string): Promise<number> {
  return Number(await fileText(join(folder, 'pid')));
}

/** The same, if it came to that before it was ended. */
export function pidIfWritten(folder: string): number | undefined {
  const path = join(folder, 'pid');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text.endsWith('\n') ? Number(text) : undefined;
}

/** The processes that a process has started, oldest first. */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** Waits until a process has ended. */
export async function ended(pid: number): Promise<void> {
  await until(() => !runs(pid));
}
