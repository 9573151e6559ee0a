import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { metadataValue } from '../packages/profile/dist/index.js';
import { takeSnapshot } from '../packages/sampler/dist/index.js';
import { startAustin } from './cli-helpers.js';
import { NATIVE_KILLS } from './counts.js';
import {
  buildExtensions,
  expectPaths,
  judgePaths,
  type NamedFrame,
  namedFramesOf,
  ways,
  wholeStacks,
} from './native-helpers.js';
import { findPythons } from './pythons.js';
import {
  hasCommand,
  PROGRAMS,
  readProfile,
  record,
  startProgram,
  startRecordingFile,
  temporaryFolder,
} from './record-helpers.js';

const pythons = await findPythons({ freeThreaded: true });

/** For how long each program is recorded, and how often it is looked at. */
const RECORDED = { durationUs: 800_000, intervalUs: 4_000, native: true, progressMs: 1000 } as const;

const { extended, folderOf, start } = buildExtensions(pythons);

describe.skipIf(extended.length === 0)('native stacks', () => {
  it.each(extended)('of CPython $name are the path that the program takes', async (python) => {
    const program = await start(python);
    const { profile, result } = await record(program.pid, RECORDED);
    expectPaths(profile);
    const { nativeDisagreed, nativeMissed, pauseUs, samples } = result.statistics;
    // How many are missed is up to how busy the machine is.
    expect(nativeDisagreed, `${nativeMissed} of ${samples} were missed`).toBeLessThan(samples / 10);
    expect(pauseUs.min).toBeGreaterThan(0);
    expect(pauseUs.median).toBeLessThanOrEqual(pauseUs.max);
    expect(metadataValue(profile, 'x-native')).toBe('exact');
    expect(Number(metadataValue(profile, 'x-native-disagreed'))).toBe(nativeDisagreed);
  });

  it.each(extended)('of CPython $name tell calls by Python from calls by C', async (python) => {
    const program = await start(python);
    const { profile } = await record(program.pid, RECORDED);
    let seen = 0;
    for (const frames of wholeStacks(profile)) {
      for (const [i, frame] of frames.entries()) {
        const caller = frames[i - 1];
        if (caller === undefined || frame.isNative) continue;
        const isCalledByC = caller.isNative;
        if (frame.name === 'sort_key' || frame.name === 'reduce_step') expect(isCalledByC).toBe(true);
        // From 3.11 on a call of Python by Python stays in the interpreter loop.
        if (frame.name === 'pass_on') expect(isCalledByC).toBe(python.version.minor < 11);
        if (frame.name === 'pass_on') seen++;
      }
    }
    expect(seen).toBeGreaterThan(20);
  });

  it.each(extended)('of CPython $name show a thread without Python', async (python) => {
    const program = await start(python, 'frameless');
    const { profile } = await record(program.pid, RECORDED);
    const threads = new Map<number, NamedFrame[]>();
    for (let i = 0; i < profile.samples.length; i++) {
      const frames = threads.get(profile.samples.thread[i]!) ?? [];
      frames.push(...namedFramesOf(profile, profile.samples.stack[i]!));
      threads.set(profile.samples.thread[i]!, frames);
    }
    const frameless = [...threads.values()].filter((frames) =>
      frames.some(({ name }) => name === 'frameless_spin'),
    );
    expect(frameless).toHaveLength(1);
    expect(frameless[0]!.filter(({ isNative }) => !isNative)).toEqual([]);
  });

  it.each(extended)('are in a snapshot of CPython $name', async (python) => {
    const program = await start(python);
    const snapshot = await takeSnapshot(program.pid, { native: true });
    const [thread] = snapshot.threads;
    expect(thread?.native).toBe('whole');
    const names = thread!.frames.filter(({ kind }) => kind === 'native').map(({ name }) => name);
    expect(names[0]).toBe('_start');
    for (const frame of thread!.frames) {
      if (frame.kind !== 'native') continue;
      expect(frame.file).toBe(`native@${frame.address}`);
      expect(frame.module).toBeTruthy();
    }
    expect(ways(thread!.frames.map(({ name, kind }) => ({ name, isNative: kind === 'native' })))).toBe(true);
  });

  it.each(pythons)(
    'of CPython $name reach into its own extensions, also those loaded later',
    async (python) => {
      const program = startProgram(python.path, ['native/accelerators.py']);
      expect(await program.line()).toBe('ready');
      const { profile, result } = await record(program.pid, RECORDED);
      let whole = 0;
      let inLibraries = 0;
      for (const frames of wholeStacks(profile)) {
        whole++;
        // The loop itself is not shown: what is behind the last Python function is what that has called.
        const last = frames.findLastIndex(({ isNative }) => !isNative);
        const isWork = ['compress', 'digest', 'encode', 'JSONEncoder.iterencode', 'iterencode'].includes(
          frames[last]?.name ?? '',
        );
        if (isWork && last < frames.length - 1) inLibraries++;
      }
      expect(whole).toBeGreaterThan(20);
      expect(inLibraries).toBeGreaterThan(whole / 4);
      expect(result.statistics.nativeDisagreed).toBeLessThan(result.statistics.samples / 10);
    },
  );

  it('end with a program that is killed', async () => {
    for (const python of pythons) {
      const program = startProgram(python.path, ['native/accelerators.py']);
      expect(await program.line()).toBe('ready');
      const recording = startRecordingFile(program.pid, { intervalUs: 0, native: true });
      await recording.attached;
      await delay(30 + Math.random() * 30);
      process.kill(program.pid, 'SIGKILL');
      const { result, profile } = await recording.finished;
      expect(result.end).toBe('target-ended');
      expect(profile.samples.length).toBe(result.statistics.samples);
      expect(await program.ended).toEqual({ code: null, signal: 'SIGKILL' });
    }
  });

  it.skipIf(!canSeeKernelStacks())('are not needed for those of the kernel', async () => {
    const program = startProgram(pythons[0]!.path, [
      '-c',
      'import time; print("ready", flush=True); time.sleep(60)',
    ]);
    expect(await program.line()).toBe('ready');
    const { profile, result } = await record(program.pid, {
      durationUs: 300_000,
      intervalUs: 10_000,
      kernel: true,
    });
    let waiting = 0;
    for (let i = 0; i < profile.samples.length; i++) {
      const frames = namedFramesOf(profile, profile.samples.stack[i]!);
      expect(frames.some(({ isNative }) => isNative)).toBe(false);
      if (/sleep|futex|poll|select/.test(frames.at(-1)!.name)) waiting++;
    }
    expect(waiting).toBeGreaterThan(profile.samples.length / 2);
    expect(result.statistics.pauseUs.max).toBe(0);
    expect(metadataValue(profile, 'x-kernel')).toBe('on');
  });

  it(
    'leave the program running when the sampler is killed in the middle',
    async () => {
      const program = await start(extended[0]!);
      for (let kill = 0; kill < NATIVE_KILLS; kill++) {
        const output = join(temporaryFolder(), 'killed.mojo');
        const recorder = startAustin([
          'record',
          '--native',
          '-i',
          '500us',
          '-p',
          String(program.pid),
          '-o',
          output,
        ]);
        while (!hasSamples(output)) await delay(5);
        await delay(Math.random() * 20);
        process.kill(recorder.pid, 'SIGKILL');
        await recorder.finished;
        expect(await goesOn(program.pid)).toBe(true);
      }
    },
    NATIVE_KILLS * 5_000 + 10_000,
  );

  it.skipIf(process.getuid?.() !== 0 || !hasCommand('setpriv'))(
    'are to be had for a program of one’s own without privileges',
    async () => {
      const python = extended.find(({ path }) => isReadableByAll(path));
      if (python === undefined) {
        console.log('skipped: native stacks without privileges. No Python here may be run by everybody.');
        return;
      }
      const output = join(mkdtempSync(join(tmpdir(), 'austin-nobody-')), 'out.mojo');
      chmodSync(join(output, '..'), 0o777);
      const cli = join(import.meta.dirname, '../packages/cli/dist/cli.js');
      if (!runsAsNobody([...NOBODY, process.execPath, cli, '--help'])) {
        console.log(
          'skipped: native stacks without privileges. Node or this checkout may not be read by everybody.',
        );
        return;
      }
      execFileSync('setpriv', [
        ...NOBODY,
        process.execPath,
        cli,
        'record',
        '--native',
        '-x',
        '1',
        '-o',
        output,
        python.path,
        join(PROGRAMS, 'native/path.py'),
        folderOf(python),
      ]);
      const { illegal, whole } = judgePaths(await readProfile(readFileSync(output)));
      expect(illegal).toEqual([]);
      expect(whole).toBeGreaterThan(5);
      rmSync(join(output, '..'), { recursive: true });
    },
  );
});

/** For setpriv. */
const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];

function canSeeKernelStacks(): boolean {
  try {
    readFileSync('/proc/self/stack');
    return true;
  } catch {
    console.log('skipped: the functions of the kernel, which this kernel does not tell. Run as root.');
    return false;
  }
}

function hasSamples(path: string): boolean {
  try {
    return readFileSync(path).includes('native@');
  } catch {
    return false; // not there yet
  }
}

/** Whether a process gets on: it uses processor time, and is not stopped. */
async function goesOn(pid: number): Promise<boolean> {
  const before = ticksOf(pid);
  for (let i = 0; i < 500; i++) {
    if (ticksOf(pid) > before) return true;
    await delay(20);
  }
  return false;
}

function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[12]);
}

function isReadableByAll(path: string): boolean {
  // By a shell: setpriv itself still has the rights of root when it looks for the program.
  return runsAsNobody([...NOBODY, 'sh', '-c', '"$0" -c pass', path]);
}

function runsAsNobody(args: readonly string[]): boolean {
  try {
    execFileSync('setpriv', args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
