import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FrameKind, metadataValue, type StackId } from '../packages/profile/dist/index.js';
import { austin, temporaryFolder } from './cli-helpers.js';
import {
  buildExtensions,
  expectPaths,
  heldThreads,
  isUndisturbedGranted,
  judgePaths,
  namedFramesOf,
  wholeStacks,
} from './native-helpers.js';
import { findPythons } from './pythons.js';
import { readProfile, record, startProgram } from './record-helpers.js';

const pythons = await findPythons({ freeThreaded: true });
const { extended, start } = buildExtensions(pythons);

const RECORDED = {
  durationUs: 800_000,
  intervalUs: 4_000,
  native: 'undisturbed',
  progressMs: 1000,
} as const;

const isGranted = await isUndisturbedGranted();

describe.skipIf(!isGranted || extended.length === 0)('native stacks without a stop', () => {
  it.each(extended)('of CPython $name are the path that the program takes', async (python) => {
    const program = await start(python);
    const { profile, result } = await record(program.pid, RECORDED);
    expectPaths(profile);
    expect(result.statistics.pauseUs.max).toBe(0);
    expect(metadataValue(profile, 'x-native')).toBe('undisturbed');
  });

  it.each(extended)('of CPython $name are never put together of two ways', async (python) => {
    const program = await start(python, 'hurry');
    const { profile, result } = await record(program.pid, { ...RECORDED, intervalUs: 1_000 });
    const { illegal, whole } = judgePaths(profile);
    expect(illegal.slice(0, 3)).toEqual([]);
    expect(whole).toBeGreaterThan(20);
    const { samples, nativeDisagreed, nativeMissed } = result.statistics;
    expect(whole + nativeDisagreed + nativeMissed).toBeLessThanOrEqual(samples);
  });

  it.each(pythons)('show where a thread of CPython $name sleeps, and leave it asleep', async (python) => {
    const code =
      'import select, os; print("ready", flush=True)\nwhile True:\n  select.select([], [], [], 3600); print("woken", flush=True)';
    const program = startProgram(python.path, ['-c', code]);
    expect(await program.line()).toBe('ready');
    const { profile, result } = await record(program.pid, RECORDED);
    const stacks = [...wholeStacks(profile)];
    expect(stacks.length).toBeGreaterThan(20);
    // A stripped interpreter that has its C library inside tells no names.
    for (const frames of stacks.slice(1)) {
      expect(frames.at(-1)).toMatchObject({
        isNative: true,
        name: expect.stringMatching(/select|^<unknown>$/),
      });
    }
    expect(result.statistics.pauseUs.max).toBe(0);
    expect(heldThreads(program.pid)).toEqual([]);
    process.kill(program.pid, 'SIGKILL');
    expect(await program.line()).not.toBe('woken');
  });

  it('are had by `--native-way undisturbed`, with the kernel’s functions of what runs', async () => {
    const path = join(temporaryFolder(), 'undisturbed.mojo');
    const code = 'import os\nwhile True: os.read(zero, 1 << 20)';
    const program = ['-c', `import os; zero = os.open("/dev/zero", os.O_RDONLY)\n${code}`];
    const options = ['--native-way', 'undisturbed', '--kernel', '-i', '2ms', '-x', '1s', '-o', path];
    const run = await austin(['record', ...options, pythons[0]!.path, ...program]);
    const profile = await readProfile(readFileSync(path));
    expect(metadataValue(profile, 'x-native')).toBe('undisturbed');
    const isTold = process.getuid?.() === 0 && !/^0+ /.test(readFileSync('/proc/kallsyms', 'latin1'));
    if (!isTold) {
      console.log('skipped: functions of the kernel, which this system does not tell');
      expect(run.stderr).toContain('the kernel does not tell');
      return;
    }
    let inKernel = 0;
    for (let i = 0; i < profile.samples.length; i++) {
      const frames = profile.tables.stackFrames(profile.samples.stack[i]! as StackId);
      if (frames.some((frame) => profile.tables.frameInfo(frame).kind === FrameKind.Kernel)) inKernel++;
    }
    expect(inKernel).toBeGreaterThan(20);
    expect(namedFramesOf(profile, profile.samples.stack[0]!).length).toBeGreaterThan(0);
  });
});
