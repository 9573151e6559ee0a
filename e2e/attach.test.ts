import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeSnapshot } from '../packages/sampler/dist/index.js';
import { ask, canUnshare, childrenOf, copyOf, expectTrue, works } from './attach-helpers.js';
import { findPythons } from './pythons.js';
import {
  hasCommand,
  judge,
  PROGRAMS,
  record,
  startProgram,
  startRecordingFile,
  startTruthful,
  type TruthfulProgram,
  temporaryFolder,
  tidOf,
  until,
} from './record-helpers.js';

const pythons = await findPythons({ freeThreaded: true });

const canStrip = hasCommand('strip');
if (!canStrip) console.log('skipped: stripped interpreters. Install binutils.');

describe.each(pythons)('Python $name', (python) => {
  it('under a shell script', async () => {
    const program = await startTruthful('sh', ['-c', `'${python.path}' shares.py; true`]);
    expect(program.truth.pid).not.toBe(program.pid);
    await expectTrue(program);
  });

  it('in the place of a shell script', async () => {
    const program = await startTruthful('sh', ['-c', `exec '${python.path}' shares.py`]);
    expect(program.truth.pid).toBe(program.pid);
    await expectTrue(program);
  });

  it('in a virtual environment', async () => {
    const folder = join(temporaryFolder(), 'venv');
    execFileSync(python.path, ['-m', 'venv', '--without-pip', folder]);
    await expectTrue(await startTruthful(join(folder, 'bin/python'), ['shares.py']));
  });

  it('run as a module', async () => {
    await expectTrue(await startTruthful(python.path, ['-m', 'pkgdemo']));
  });

  it.runIf(canStrip)('stripped of its symbols', async ({ skip }) => {
    const { command, files, env } = copyOf(python);
    for (const file of files) execFileSync('strip', ['--strip-all', file], { stdio: 'ignore' });
    // Executables that were edited after they had been linked do not survive it.
    skip(
      !works('env', ...Object.entries(env).map(([key, value]) => `${key}=${value}`), command, '-c', ''),
      'strip broke it',
    );
    const program = await startTruthful(command, ['shares.py'], { env });
    expect(readFileSync(`/proc/${program.pid}/maps`, 'utf8')).toContain(files.at(-1));
    await expectTrue(program);
  });

  it('whose executable has been deleted', async () => {
    const { command, files, env } = copyOf(python);
    const program = await startTruthful(command, ['shares.py'], { env });
    for (const file of files) rmSync(file);
    expect(readFileSync(`/proc/${program.pid}/maps`, 'utf8')).toContain(`${files.at(-1)} (deleted)`);
    await expectTrue(program);
  });

  it.runIf(canUnshare)('at a path that exists only in its mount namespace', async () => {
    const prefix = ask(python, 'sys.base_prefix');
    const place = join(temporaryFolder(), 'place');
    mkdirSync(place);
    const command = join(place, python.path.slice(prefix.length));
    const script = `mount --bind '${prefix}' '${place}' && exec '${command}' shares.py`;
    const program = await startTruthful('unshare', ['--mount', 'sh', '-c', script]);
    expect(readdirSync(place)).toEqual([]);
    await expectTrue(program);
  });

  it.runIf(canUnshare)('at a path that exists only in its chroot', async () => {
    const prefix = ask(python, 'sys.base_prefix');
    const folder = temporaryFolder();
    const [root, place] = [join(folder, 'root'), join(folder, 'place')];
    for (const path of [root, place]) mkdirSync(path);
    const script = [
      `mount --rbind / '${root}'`,
      `mount --bind '${prefix}' '${root}${place}'`,
      `cd '${root}'`,
      `exec chroot '${root}' sh -c 'cd "${PROGRAMS}"; exec "${join(place, python.path.slice(prefix.length))}" shares.py'`,
    ].join(' && ');
    const program = await startTruthful('unshare', ['--mount', 'sh', '-c', script]);
    expect(readdirSync(place)).toEqual([]);
    await expectTrue(program);
  });

  it.runIf(canUnshare)('in a PID namespace, known by its numbers outside', async () => {
    const args = ['--pid', '--fork', '--mount-proc', python.path, 'threads.py'];
    const program = await startTruthful('unshare', args);
    expect(program.truth.pid).toBe(1);
    const [pid] = childrenOf(program.pid);
    await expectTrue(program, { pid: pid!, foreignTids: true });
    const { profile } = await record(program.pid, { durationUs: 50_000 });
    const tids = Array.from({ length: profile.tables.threadCount }, (_, id) => tidOf(profile, id)).sort(
      (a, b) => a - b,
    );
    expect(tids).toEqual(
      readdirSync(`/proc/${pid}/task`)
        .map(Number)
        .sort((a, b) => a - b),
    );
  });

  it('by its pid, for one look', async () => {
    const program = await startTruthful('sh', ['-c', `'${python.path}' static_stack.py; true`]);
    const { target, threads } = await takeSnapshot(program.pid);
    expect(target).toMatchObject({
      pid: program.truth.pid,
      pythonVersion: expect.stringMatching(/^3\.\d+\.\d+/),
    });
    expect(threads.map((thread) => thread.name).sort((a = '', b = '') => (a < b ? -1 : 1))).toEqual([
      'MainThread',
      'deep',
      'shallow',
      'tell',
      'waiter',
    ]);
  });
});

const [oldest, newest] = [pythons[0]!, pythons.at(-1)!];

describe('another program', () => {
  it.skipIf(oldest === newest)('in the place of the one that is recorded is recorded, too', async () => {
    // Stands still, so that its stack is known, until it is told to become the other Python.
    const code = [
      'import os, sys',
      'def before():',
      '    print("ready", flush=True); sys.stdin.readline()',
      'before()',
      `os.execv(${JSON.stringify(newest.path)}, [${JSON.stringify(newest.path)}, "shares.py"])`,
    ].join('\n');
    const program = startProgram(oldest.path, ['-c', code]);
    expect(await program.line()).toBe('ready');
    const counts: number[] = [];
    const recording = startRecordingFile(program.pid, {
      progressMs: 20,
      onProgress: ({ samples }) => counts.push(samples),
    });
    await until(() => (counts.at(-1) ?? 0) > 0);
    program.child.stdin?.write('\n');
    const truth = JSON.parse((await program.line()) ?? '') as TruthfulProgram['truth'];
    const known = counts.at(-1) ?? 0;
    await until(() => (counts.at(-1) ?? 0) > known + 50);
    await program.finish();
    const { profile, result } = await recording.finished;
    expect(result).toMatchObject({
      end: 'target-ended',
      target: { pid: program.pid, executable: newest.path },
    });
    const versions = profile.metadata.filter(({ key }) => key === 'python').map(({ value }) => value);
    expect(versions.map((version) => Number(version.split('.')[1]))).toEqual([
      oldest.version.minor,
      newest.version.minor,
    ]);
    const { seen } = judge(profile, truth);
    expect([...seen].filter((name) => name.startsWith('work of '))).toHaveLength(1);
    const names = Array.from({ length: profile.tables.functionCount }, (_, id) =>
      profile.tables.string(profile.tables.functionName(id as never)),
    );
    expect(names).toContain('before');
  });
});
