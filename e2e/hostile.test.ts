import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { metadataValue } from '../packages/profile/dist/index.js';
import { takeSnapshot } from '../packages/sampler/dist/index.js';
import { austin, runs, startAustin } from './cli-helpers.js';
import { findPythons } from './pythons.js';
import {
  hasCommand,
  PROGRAMS,
  type Program,
  readProfile,
  startProgram,
  temporaryFolder,
} from './record-helpers.js';

const pythons = await findPythons({ freeThreaded: true });

/** How long each process is recorded. A minute or more is the full claim. */
const SECONDS = Number(process.env.AUSTIN_TEST_HOSTILE_SECONDS ?? 3);

/** Most memory that the recorder may ever have, Node's own fifty included. */
const MOST_MEGABYTES = 400;

const compiler = ['cc', 'gcc', 'clang'].find(hasCommand);
if (compiler === undefined) console.log('skipped: hostile processes. Install a C compiler.');

function compile(source: string, output: string, ...flags: readonly string[]): string {
  execFileSync(compiler!, ['-O1', ...flags, '-o', output, join(PROGRAMS, 'hostile', source)]);
  return output;
}

/** The most memory that a process has had so far, in megabytes; 0 when it is gone. */
function peakMegabytes(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Records a process that lies, and checks that this did no harm to anybody. */
async function expectSurvival(program: Program): Promise<void> {
  expect(await program.line()).toMatch(/^ready/);
  const path = join(temporaryFolder(), 'recording.mojo');
  const recorder = startAustin([
    'record',
    '-i',
    '1ms',
    '-p',
    String(program.pid),
    '-x',
    String(SECONDS),
    '-o',
    path,
  ]);
  let peak = 0;
  let isDone = false;
  const finished = recorder.finished.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    peak = Math.max(peak, peakMegabytes(recorder.pid));
    await Promise.race([finished, delay(20)]);
  }
  const { code, signal, stderr } = await finished;
  expect({ code, signal }, stderr).toEqual({ code: 0, signal: null });
  expect(peak).toBeGreaterThan(0);
  expect(peak).toBeLessThan(MOST_MEGABYTES);
  expect(runs(program.pid)).toBe(true);

  const profile = await readProfile(readFileSync(path));
  const counted = ['x-exact', 'x-retried', 'x-between', 'x-cut', 'x-invalid'].map((key) =>
    metadataValue(profile, key),
  );
  expect(counted.reduce((sum, count) => sum + Number(count ?? 0), 0)).toBe(profile.samples.length);
  expect(Number(metadataValue(profile, 'count'))).toBe(profile.samples.length);
  expect(Number(metadataValue(profile, 'x-rounds'))).toBeGreaterThan(0);
}

const KINDS = [
  'threads',
  'interpreters',
  'frames',
  'lengths',
  'pointers',
  'crowd',
  'chunks',
  'turns',
  'pages',
  'restless',
];

describe.runIf(compiler !== undefined)('a process that lies', { timeout: SECONDS * 1000 + 60_000 }, () => {
  let forged: string;
  let vandal: string;

  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'austin-hostile-'));
    forged = compile('forged.c', join(folder, 'forged'), '-rdynamic');
    vandal = compile('vandal.c', join(folder, 'vandal.so'), '-shared', '-fPIC');
    return () => rmSync(folder, { recursive: true });
  });

  it.each(KINDS)('about its %s is recorded', async (kind) => {
    await expectSurvival(startProgram(forged, [kind]));
  });

  it.each(['frames', 'crowd', 'restless'])('about its %s is shown', async (kind) => {
    const program = startProgram(forged, [kind]);
    expect(await program.line()).toBe('ready');
    const { code, stderr } = await austin(['where', '--json', String(program.pid)]);
    expect(code, stderr).toBe(0);
    expect(runs(program.pid)).toBe(true);
  });

  it('about its crowd is read no longer than wanted, which is said', async () => {
    const program = startProgram(forged, ['crowd']);
    expect(await program.line()).toBe('ready');
    const snapshot = await takeSnapshot(program.pid, { patienceMs: 0 });
    expect(snapshot).toMatchObject({ attempts: 1, outOfTime: true });
    expect(snapshot.threads.length).toBeGreaterThan(0);
  });

  it.each(pythons)('about everything is recorded: Python $name', async (python) => {
    await expectSurvival(startProgram(python.path, ['hostile/vandal.py', vandal]));
  });
});
