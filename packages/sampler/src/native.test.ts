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
    expect(Object.keys(addon).sort()).toEqual(['snapshot', 'start']);
    expect(loadAddon()).toBe(addon);
  });

  it('sends events of the documented shape', async () => {
    const events: NativeEvent[] = [];
    await new Promise<void>((resolve) => {
      const recording = addon.start(OPTIONS, (event) => {
        events.push(event);
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
    for (const [at, event] of events.slice(0, -1).entries())
      expect(event).toEqual({ type: 'chunk', bytes: expect.any(Uint8Array), startsFile: at === 0 });
  });

  it('rejects a snapshot with a failure of the documented shape', async () => {
    const failure: NativeFailure = await addon.snapshot(NO_PID, 0).then(
      () => expect.fail('there is no such process'),
      (reason: NativeFailure) => reason,
    );
    expect(failure.code).toBe('ERR_PROCESS_GONE');
    expect(failure.message).toContain(String(NO_PID));
    expect(typeof failure.errno).toBe('number');
  });

  it('refuses arguments of the wrong kind', () => {
    const start = (...args: unknown[]) => Reflect.apply(Reflect.get(addon, 'start'), addon, args) as unknown;
    expect(() => start()).toThrow(TypeError);
    expect(() => start(OPTIONS, 'no function')).toThrow(TypeError);
  });
});
