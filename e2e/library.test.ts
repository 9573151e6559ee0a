import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { attach, type RecordingStream, type Statistics, spawn } from '../packages/sampler/dist/index.js';
import { findPythons } from './pythons.js';
import {
  judge,
  PROGRAMS,
  readProfile,
  startProgram,
  startTruthful,
  temporaryFolder,
  until,
} from './record-helpers.js';

const python = (await findPythons()).at(-1)!;
const PACKAGE = join(import.meta.dirname, '../packages/sampler');
const SAMPLER = pathToFileURL(join(PACKAGE, 'dist/index.js')).href;

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Whether a process runs; a zombie does not. */
function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** The pid that a program wrote to a file as its first line. */
async function pidIn(path: string): Promise<number> {
  await until(() => existsSync(path) && readFileSync(path, 'utf8').endsWith('\n'));
  return Number(readFileSync(path, 'utf8'));
}

/** A shell that starts a Python, which ignores SIGTERM if asked to, says its pid in a file and runs on. */
function familyOf(folder: string, { isStubborn = false } = {}): [string, string[]] {
  const path = join(folder, 'pid');
  const code = [
    'import os, signal, sys, time',
    ...(isStubborn ? ['signal.signal(signal.SIGTERM, signal.SIG_IGN)'] : []),
    `open(${JSON.stringify(path)}, "w").write("%d\\n" % os.getpid())`,
    'while True: sum(range(1000))',
  ].join('\n');
  return ['sh', ['-c', `'${python.path}' -c '${code}'; true`]];
}

describe('the example of the package', () => {
  it('works as it is written', async () => {
    const readme = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
    const example = /^```js\n(.*?)^```$/ms.exec(readme)?.[1];
    expect(example).toBeDefined();
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'node_modules/@austin-profiler'), { recursive: true });
    symlinkSync(PACKAGE, join(folder, 'node_modules/@austin-profiler/sampler'));
    mkdirSync(join(folder, 'bin'));
    symlinkSync(python.path, join(folder, 'bin/python3'));
    writeFileSync(join(folder, 'example.mjs'), example!);
    writeFileSync(
      join(folder, 'app.py'),
      'import time\ndef work():\n    end = time.monotonic() + 0.5\n    while time.monotonic() < end: pass\nwork()\n',
    );
    const { status, stdout, stderr } = spawnSync(process.execPath, ['example.mjs'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}` },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const said = /^target-ended: (\d+) samples, of which \d+ cut and \d+ invalid\n$/.exec(stdout);
    const profile = await readProfile(readFileSync(join(folder, 'app.mojo')));
    expect(profile.samples.length).toBe(Number(said?.[1]));
    expect(profile.samples.length).toBeGreaterThan(0);
  });
});

describe('attach', () => {
  it('streams what can be read as one recording', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    const seen: Statistics[] = [];
    const recording = attach(program.pid, {
      progressMs: 20,
      onProgress: (counts) => {
        if (seen.push(counts) === 10) program.child.kill('SIGKILL');
      },
    });
    expect(recording.statistics).toBeUndefined();
    const profile = await readProfile(await readAll(recording));
    const { end, statistics, target } = await recording.finished;
    expect(end).toBe('target-ended');
    expect(profile.samples.length).toBe(statistics.samples);
    expect(judge(profile, program.truth)).toMatchObject({ illegal: [] });
    expect(seen.length).toBeGreaterThanOrEqual(10);
    expect(recording.statistics).toBe(statistics);
    expect(recording.target).toBe(target);
    expect(target?.pid).toBe(program.pid);
  });

  it('ends when its reader has had enough, and leaves the process alone', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    const recording = attach(program.pid);
    let chunks = 0;
    for await (const _ of recording) if (++chunks === 2) break;
    // It is over by now, not only asked to be.
    const result = await Promise.race([recording.finished, Promise.resolve('not finished')]);
    expect(result).toMatchObject({ end: 'stopped' });
    expect(isRunning(program.pid)).toBe(true);
  });

  it('can be read to its end after it was stopped', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    const recording = attach(program.pid, { progressMs: 20 });
    await until(() => (recording.statistics?.samples ?? 0) > 100);
    recording.stop();
    const { end, statistics } = await recording.finished;
    expect(end).toBe('stopped');
    expect((await readProfile(await readAll(recording))).samples.length).toBe(statistics.samples);
  });

  it('ends with the block that uses it', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    let both: RecordingStream[];
    {
      using first = attach(program.pid);
      await using second = attach(program.pid);
      both = [first, second];
      await until(() => both.every(({ target }) => target !== undefined));
    }
    const ends = await Promise.all(both.map(({ finished }) => finished));
    expect(ends.map(({ end }) => end)).toEqual(['stopped', 'stopped']);
    expect(isRunning(program.pid)).toBe(true);
  });

  it('throws the reason of the signal that gives it up', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    const controller = new AbortController();
    const reason = new Error('enough');
    const recording = attach(program.pid, { signal: controller.signal });
    let chunks = 0;
    const read = async () => {
      for await (const _ of recording) if (++chunks === 2) controller.abort(reason);
    };
    await expect(read()).rejects.toBe(reason);
    expect((await recording.finished).end).toBe('stopped');
    expect(isRunning(program.pid)).toBe(true);
  });

  it('is one of several in a process', async () => {
    const programs = await Promise.all(
      ['shares.py', 'threads.py'].map((name) => startTruthful(python.path, [name])),
    );
    const all = [...programs, ...programs].map((program, i) => ({
      program,
      recording: attach(program.pid, { intervalUs: 700 + i, durationUs: 300_000 }),
    }));
    for (const { program, profile, result } of await Promise.all(
      all.map(async ({ program, recording }) => ({
        program,
        profile: await readProfile(await readAll(recording)),
        result: await recording.finished,
      })),
    )) {
      expect(result).toMatchObject({ end: 'duration', target: { pid: program.pid } });
      expect(profile.samples.length).toBe(result.statistics.samples);
      expect(judge(profile, program.truth)).toMatchObject({ illegal: [] });
    }
  });

  it('waits, in bounded memory, while nobody reads', async () => {
    // 16 MiB wait outside of JavaScript, about one within, and some are on their way.
    const [least, most] = [16 << 20, 20 << 20];
    // New functions with long names fill the bound soon.
    const code = `
def generation(n):
    names = ["f_%d_%d_%s" % (n, i, "x" * 2000) for i in range(50)]
    calls = ["def %s(): return %s()" % pair for pair in zip(names, names[1:])]
    scope = {}
    exec("\\n".join([*calls, "def %s(): return sum(range(50000))" % names[-1]]), scope)
    scope[names[0]]()
n = 0
while True:
    n += 1
    generation(n)`;
    const program = startProgram(python.path, ['-c', code]);
    const recording = attach(program.pid, { intervalUs: 200, progressMs: 20 });
    await until(() => (recording.statistics?.bytes ?? 0) >= least);
    // Time enough to go beyond it several times.
    await delay(1000);
    const waiting = recording.statistics!;
    expect(waiting.bytes).toBeLessThan(most);

    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of recording) {
      chunks.push(chunk);
      bytes += chunk.length;
      expect(chunk.length).toBeLessThan(most);
      if (bytes > most) recording.stop();
    }
    const { statistics } = await recording.finished;
    expect(statistics.rounds).toBeGreaterThan(waiting.rounds);
    expect(statistics.missedRounds).toBeGreaterThan(waiting.missedRounds);
    const profile = await readProfile(Buffer.concat(chunks));
    expect(profile.samples.length).toBe(statistics.samples);
    // The time in which it waited is not lost: the first sample after it stands for it.
    const weights = profile.samples.timeUs.reduce((sum, weight) => sum + weight, 0);
    expect(Math.abs(weights - statistics.durationUs)).toBeLessThanOrEqual(1000);
  });
});

describe('spawn', () => {
  it('samples a program from its start to its end', async () => {
    const recording = await spawn(python.path, ['shares.py'], {
      cwd: PROGRAMS,
      stdio: ['pipe', 'pipe', 'inherit'],
      progressMs: 20,
      onProgress: ({ samples }) => {
        if (said.includes('\n') && samples > 200) recording.child.kill('SIGKILL');
      },
    });
    let said = '';
    recording.child.stdout?.on('data', (text: Buffer) => {
      said += text;
    });
    const profile = await readProfile(await readAll(recording));
    const { end, target, error } = await recording.finished;
    expect({ end, error }).toEqual({ end: 'target-ended', error: undefined });
    expect(target?.pid).toBe(recording.pid);
    expect(recording.child.signalCode).toBe('SIGKILL');
    const judgement = judge(profile, JSON.parse(said));
    expect(judgement).toMatchObject({ illegal: [] });
    // Before its work it started Python and imported modules.
    expect(profile.samples.length).toBeGreaterThan(judgement.legal);
  });

  it('passes folder and environment on, and tells the exit code', async () => {
    const cwd = temporaryFolder();
    const code = 'import os, sys; open("place", "w").write(os.environ["WORD"]); sys.exit(7)';
    const recording = await spawn(python.path, ['-c', code], { cwd, env: { WORD: 'said' } });
    await readAll(recording);
    expect((await recording.finished).end).toBe('target-ended');
    expect(recording.child.exitCode).toBe(7);
    expect(readFileSync(join(cwd, 'place'), 'utf8')).toBe('said');
  });

  it('does not call it a failure when the program ends before it is Python', async () => {
    const recording = await spawn('sh', ['-c', 'exit 3']);
    await readAll(recording);
    const { end, error, statistics } = await recording.finished;
    expect({ end, error, samples: statistics.samples }).toEqual({
      end: 'target-ended',
      error: undefined,
      samples: 0,
    });
    expect(recording.child.exitCode).toBe(3);
  });

  it('fails when no Python comes, and ends the program', async () => {
    const recording = await spawn('sleep', ['60'], { timeoutMs: 50 });
    await expect(readAll(recording)).rejects.toMatchObject({ code: 'ERR_NOT_PYTHON' });
    expect((await recording.finished).error?.code).toBe('ERR_NOT_PYTHON');
    expect(recording.child.signalCode).toBe('SIGTERM');
  });

  it.each([
    ['its time is over', { durationUs: 100_000 }, 'duration', async () => {}],
    ['it is stopped', {}, 'stopped', async (recording: RecordingStream) => recording.stop()],
    ['it is given up', {}, 'stopped', (recording: RecordingStream) => recording[Symbol.asyncDispose]()],
    [
      'its reader leaves',
      {},
      'stopped',
      async (recording: RecordingStream) => {
        for await (const _ of recording) break;
      },
    ],
  ])('leaves nothing running when %s', async (_, options, end, act) => {
    const recording = await spawn(...familyOf(temporaryFolder()), options);
    await until(() => recording.target !== undefined);
    await act(recording);
    expect((await recording.finished).end).toBe(end);
    expect([recording.child.signalCode, isRunning(recording.target!.pid)]).toEqual(['SIGTERM', false]);
  });

  it('leaves nothing running that ignores SIGTERM', async () => {
    const folder = temporaryFolder();
    const controller = new AbortController();
    const recording = await spawn(...familyOf(folder, { isStubborn: true }), { signal: controller.signal });
    const pid = await pidIn(join(folder, 'pid'));
    controller.abort();
    await expect(readAll(recording)).rejects.toMatchObject({ name: 'AbortError' });
    await recording.finished;
    expect(isRunning(pid)).toBe(false);
  });

  it('says why a program cannot be started', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'script.py'), 'print()', { mode: 0o644 });
    await expect(spawn('no-such-command-anywhere')).rejects.toMatchObject({
      name: 'SamplerError',
      code: 'ERR_COMMAND_NOT_FOUND',
      message: expect.stringContaining('no-such-command-anywhere'),
      errno: 2,
    });
    await expect(spawn(python.path, [], { cwd: join(folder, 'nowhere') })).rejects.toMatchObject({
      code: 'ERR_COMMAND_NOT_FOUND',
      hint: expect.stringContaining('cwd'),
    });
    await expect(spawn(join(folder, 'script.py'))).rejects.toMatchObject({
      code: 'ERR_COMMAND_START',
      hint: expect.stringContaining('python3'),
    });
    await expect(spawn('')).rejects.toMatchObject({ code: 'ERR_SAMPLER_OPTION', kind: 'usage' });
  });

  it('starts nothing with options that are wrong', async () => {
    const folder = temporaryFolder();
    const trace = join(folder, 'trace');
    const touch: [string, string[]] = ['touch', [trace]];
    await expect(spawn(...touch, { intervalUs: -1 })).rejects.toMatchObject({ code: 'ERR_SAMPLER_OPTION' });
    await expect(spawn(...touch, { outputFd: 99_999 })).rejects.toMatchObject({ code: 'ERR_SAMPLER_OPTION' });
    await expect(spawn(...touch, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    execFileSync('sleep', ['0.2']);
    expect(existsSync(trace)).toBe(false);
  });
});

describe('the end of those who record', () => {
  /** Runs a script in a Node of its own, which may end as it likes. */
  function runNode(script: string, ...args: string[]) {
    const path = join(temporaryFolder(), 'script.mjs');
    writeFileSync(path, `import { attach, spawn } from '${SAMPLER}';\n${script}`);
    return spawnSync(process.execPath, [path, ...args], { encoding: 'utf8' });
  }

  it('of a worker that is terminated ends its programs, and nothing else', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    const folder = temporaryFolder();
    const script = `
      import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
      import { setTimeout as delay } from 'node:timers/promises';
      import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
      const { pid, path, command, args } = workerData ?? JSON.parse(process.argv[2]);
      if (isMainThread) {
        const count = () => ['fd', 'task'].map((name) => readdirSync('/proc/self/' + name).length);
        const [counts, pids] = [[], []];
        for (let i = 0; i < 6; i++) {
          const worker = new Worker(new URL(import.meta.url), { workerData: { pid, path, command, args } });
          await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
          pids.push(Number(readFileSync(path, 'utf8')));
          await worker.terminate();
          rmSync(path);
          // A thread that has been joined may still be listed for a moment.
          for (let waits = 0; waits < 100 && counts.length > 1 && String(count()) !== String(counts[1]); waits++) await delay(20);
          counts.push(count());
        }
        console.log(JSON.stringify({ counts, pids }));
      } else {
        const unread = attach(pid, { intervalUs: 200 });
        const read = attach(pid, { intervalUs: 200 });
        const spawned = await spawn(command, args);
        while (!spawned.target || !existsSync(path)) await delay(5);
        let chunks = 0;
        for await (const chunk of read) if (++chunks === 3) parentPort.postMessage('');
      }`;
    const [command, args] = familyOf(folder);
    const { status, stdout, stderr } = runNode(
      script,
      JSON.stringify({ pid: program.pid, path: join(folder, 'pid'), command, args }),
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    // The first worker brings some that stay: they are Node's own.
    const { counts, pids } = JSON.parse(stdout) as { counts: number[][]; pids: number[] };
    expect(counts).toHaveLength(6);
    expect(new Set(counts.slice(1).map(String)).size).toBe(1);
    expect(isRunning(program.pid)).toBe(true);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  it.each([
    ['exits', 'process.exit(7);', 7],
    ['fails', 'throw new Error("on purpose");', 1],
  ])('of a process that %s ends its programs', async (_, last, expected) => {
    const folder = temporaryFolder();
    const script = `
      import { existsSync, statSync } from 'node:fs';
      await spawn(...JSON.parse(process.argv[2]), { stdio: 'ignore' });
      const isWritten = (path) => existsSync(path) && statSync(path).size > 0;
      while (!isWritten(process.argv[3])) await new Promise((resolve) => setTimeout(resolve, 5));
      ${last}`;
    const { status } = runNode(script, JSON.stringify(familyOf(folder)), join(folder, 'pid'));
    expect(status).toBe(expected);
    expect(isRunning(await pidIn(join(folder, 'pid')))).toBe(false);
  });
});
