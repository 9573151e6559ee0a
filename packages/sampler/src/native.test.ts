import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { loadAddon } from './load-addon.js';
import type { NativeEvent, NativeFailure, Statistics } from './native.js';

/** A pid above every one that Linux hands out. */
const NO_PID = 4_194_304;

const OPTIONS = {
  pid: NO_PID,
  intervalUs: 1000,
  timeoutMs: 0,
  durationUs: 0,
  mode: 'wall' as const,
  children: false,
  gc: false,
  gilOnly: false,
  gilHolders: false,
  tasks: false,
  native: '' as const,
  kernel: false,
  outputFd: -1,
  chunks: true,
  jitter: false,
  maxCpuPercent: 0,
  progressMs: 0,
  repeats: true,
  metadata: [],
};

/** As `satisfies` checks that nothing is missing here, the keys are those of the type. */
const STATISTICS = {
  rounds: 0,
  samples: 0,
  exact: 0,
  retried: 0,
  between: 0,
  cut: 0,
  invalid: 0,
  reasons: {},
  lateRounds: 0,
  missedRounds: 0,
  durationUs: 0,
  gcUs: 0,
  missedTasks: 0,
  nativeDisagreed: 0,
  nativeIncomplete: 0,
  nativeMissed: 0,
  pauseUs: { min: 0, median: 0, max: 0, total: 0 },
  processes: 0,
  busyUs: 0,
  roundUs: { min: 0, mean: 0, max: 0 },
  bytes: expect.any(Number) as number,
  intervalUs: 1000,
  cpuUs: expect.any(Number) as number,
} satisfies Statistics;

describe('the addon', () => {
  const addon = loadAddon();

  it('exports what native.ts says, and nothing else', () => {
    expect(Object.keys(addon).sort()).toEqual([
      'beginHurry',
      'endHurry',
      'guard',
      'probeMemory',
      'probeThread',
      'snapshot',
      'start',
      'takeEnd',
      'watchSignals',
    ]);
    expect(loadAddon()).toBe(addon);
  });

  it('sends events of the documented shape', async () => {
    const events: NativeEvent[] = [];
    await new Promise<void>((resolve) => {
      const recording = addon.start(OPTIONS, (event) => {
        events.push(event);
        if (event.type === 'chunk') recording.chunkDone(event.bytes.length);
        if (event.type === 'end') resolve();
      });
      expect(Object.keys(recording)).toEqual(['stop', 'rotate', 'flush', 'chunkDone']);
    });
    expect(events.at(-1)).toEqual({
      type: 'end',
      end: 'failed',
      statistics: STATISTICS,
      error: {
        code: 'ERR_PROCESS_GONE',
        message: expect.stringContaining(String(NO_PID)),
        errno: expect.any(Number),
      },
    });
    const others = events.slice(0, -1);
    expect(others.filter(({ type }) => type === 'ending')).toEqual([{ type: 'ending' }]);
    for (const [at, event] of others.filter(({ type }) => type !== 'ending').entries())
      expect(event).toEqual({ type: 'chunk', bytes: expect.any(Uint8Array), startsFile: at === 0 });
  });

  it('rejects a snapshot with a failure of the documented shape', async () => {
    const options = {
      pid: NO_PID,
      timeoutMs: 0,
      patienceMs: 0,
      children: false,
      locals: false,
      tasks: false,
      native: false,
      kernel: false,
    };
    const snapshot = addon.snapshot(options);
    expect(Object.keys(snapshot)).toEqual(['finished', 'cancel']);
    const failure: NativeFailure = await snapshot.finished.then(
      () => expect.fail('there is no such process'),
      (reason: NativeFailure) => reason,
    );
    expect(failure.code).toBe('ERR_PROCESS_GONE');
    expect(failure.message).toContain(String(NO_PID));
    expect(typeof failure.errno).toBe('number');
  });

  it('holds a program until it is let go', async () => {
    const child = spawn('sleep', ['60']);
    const guard = addon.guard(child.pid ?? 0);
    expect(Object.keys(guard)).toEqual(['signal', 'end', 'release']);
    expect(guard.signal(0)).toBe(true);
    guard.signal(constants.signals.SIGKILL);
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    expect(guard.signal(0)).toBe(false);
    guard.release();
    guard.release();
  });

  it('refuses arguments of the wrong kind', () => {
    const start = (...args: unknown[]) => Reflect.apply(Reflect.get(addon, 'start'), addon, args) as unknown;
    const snapshot = (...args: unknown[]) =>
      Reflect.apply(Reflect.get(addon, 'snapshot'), addon, args) as unknown;
    expect(() => start()).toThrow(TypeError);
    expect(() => snapshot()).toThrow(TypeError);
    expect(() => snapshot(1)).toThrow(TypeError);
    expect(() => start(OPTIONS, 'no function')).toThrow(TypeError);
    expect(() => Reflect.apply(Reflect.get(addon, 'guard'), addon, ['no pid'])).toThrow(TypeError);
  });
});
