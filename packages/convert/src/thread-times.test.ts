import {
  clockTimes,
  mergeProfiles,
  metadataValue,
  type Profile,
  SampleFlag,
  sampleTimes,
  type ThreadId,
} from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { readProfile, writeProfile } from './convert.js';
import { bytesOf, fixture } from './testing/io.js';
import { profileOf, py } from './testing/profiles.js';

const frames = [py('m.py', 'f', 1)];

/** Two threads that ran side by side, the second from 30 µs on, and one of which nothing says when it began. */
const sideBySide = profileOf(
  { mode: 'wall', 'x-thread-ids': 'decimal', 'x-thread-start:1:0:1': '10', 'x-thread-start:1:0:2': '40' },
  [
    { frames, tid: '1', timeUs: 10 },
    { frames, tid: '1', timeUs: 20 },
    { frames, tid: '1', timeUs: 10 },
    { frames, tid: '2', timeUs: 10 },
    { frames, tid: '1', timeUs: 10 },
    { frames, tid: '2', timeUs: 10 },
    { frames, tid: '3', timeUs: 10 },
  ],
);

/** By thread: when its first sample begins, and its last one ends. */
function spans(profile: Profile): Record<string, [number, number]> {
  const times = clockTimes(profile);
  const found: Record<string, [number, number]> = {};
  for (const [i, time] of times.entries()) {
    const { tid } = profile.tables.thread(profile.samples.thread[i]! as ThreadId);
    found[tid] ??= [time - profile.samples.timeUs[i]!, time];
    found[tid][1] = time;
  }
  return found;
}

const readJson = (file: object): Promise<Profile> => readProfile([bytesOf(JSON.stringify(file))]);

describe('threads of a file that has one after the other', () => {
  it.each(['firefox', 'trace', 'mojo'])('%s: run side by side again', async (format) => {
    const expected = { 1: [0, 50], 2: [30, 50], 3: [40, 50] };
    expect(spans(sideBySide)).toEqual(expected);
    expect(spans(await readProfile(writeProfile(sideBySide, format)))).toEqual(expected);
  });

  it('speedscope: begin where their profiles do', async () => {
    const shared = { frames: [{ name: 'f' }] };
    const profile = (name: string, startValue: number) => ({
      type: 'sampled',
      name,
      unit: 'milliseconds',
      startValue,
      endValue: startValue + 5,
      samples: [[0], [0]],
      weights: [2, 3],
    });
    const evented = {
      ...profile('c', 100),
      type: 'evented',
      events: [
        { type: 'O', frame: 0, at: 103 },
        { type: 'C', frame: 0, at: 104 },
      ],
    };
    const file = { shared, profiles: [profile('a', 102), profile('b', 100), evented] };
    const $schema = 'https://www.speedscope.app/file-format-schema.json';
    const spansOf = spans(await readJson({ $schema, ...file }));
    expect(spansOf).toEqual({ 1: [2000, 7000], 2: [0, 5000], 3: [3000, 4000] });
  });

  it('CPU profiles in a trace: begin on one clock', async () => {
    const ofThread = (tid: number, startTime: number): object[] => {
      const ids = { pid: 1, tid, ph: 'P', id: `0x${tid}`, ts: 0 };
      const callFrame = { functionName: 'f', url: 'a.js', lineNumber: 0 };
      const cpuProfile = {
        nodes: [
          { id: 1, callFrame: { functionName: '(root)' } },
          { id: 2, parent: 1, callFrame },
        ],
        samples: [2, 2],
      };
      return [
        { ...ids, name: 'Profile', args: { data: { startTime } } },
        {
          ...ids,
          name: 'ProfileChunk',
          args: { data: { cpuProfile, timeDeltas: [3, 10], endTime: startTime + 20 } },
        },
      ];
    };
    const profile = await readJson({ traceEvents: [...ofThread(7, 5000), ...ofThread(8, 5040)] });
    expect(spans(profile)).toEqual({ 7: [3, 20], 8: [43, 60] });
  });
});

describe('a thread that was not seen for a while', () => {
  /** Samples that run and wait in turn, each in a function of its own, with two gaps. */
  const withGaps = ((): Profile => {
    const samples = Array.from({ length: 9 }, (_, i) => ({
      frames: [py('m.py', 'main', 1), py('m.py', `f${i}`, 2)],
      timeUs: 10 + i,
      flags: i % 3 === 1 ? SampleFlag.Idle : 0,
    }));
    const profile = profileOf({ mode: 'full', 'x-thread-ids': 'decimal' }, samples);
    const gap = (sampleIndex: number, value: string) => ({ key: 'x-thread-start:1:0:1', value, sampleIndex });
    return { ...profile, metadata: [...profile.metadata, gap(0, '30'), gap(3, '500'), gap(7, '2000')] };
  })();

  it.each(['firefox', 'trace', 'mojo', 'collapsed'])('%s: its samples keep their times', async (format) => {
    const again = await readProfile(writeProfile(withGaps, format));
    const times = [...clockTimes(withGaps)];
    expect(times.slice(6)).toEqual([545, 2000, 2018]);
    // The file begins with the thread's first sample.
    const zero = format === 'trace' ? times[0]! - 10 : 0;
    expect([...clockTimes(again)]).toEqual(times.map((time) => time - zero));
    expect(again.samples.timeUs).toEqual(withGaps.samples.timeUs);
  });

  it('a merged recording: its samples keep their times too', () => {
    const merged = mergeProfiles([withGaps, withGaps]);
    expect([...clockTimes(merged)].slice(0, 9)).toEqual([...clockTimes(withGaps)]);
    // The second goes on where the first ends, and its gaps are where the first's were, later by the length of the first.
    expect([...clockTimes(merged)].slice(9)).toEqual([2028, 2039, 2051, 2518, 2532, 2547, 2563, 4018, 4036]);
  });

  it('slices of another tracer: gaps of any length, also less than a microsecond', async () => {
    const slice = (ts: number, dur: number) => ({ ph: 'X', name: 'f', pid: 1, tid: 2, ts, dur });
    const events = [slice(100, 10), slice(110.25, 10), slice(120.5, 10), slice(131.25, 9.75), slice(5000, 1)];
    const profile = await readJson({ traceEvents: events });
    const exact = [10, 20.25, 30.5, 41, 4901];
    for (const [i, time] of clockTimes(profile).entries()) {
      expect(Math.abs(time - exact[i]!), `${i}`).toBeLessThanOrEqual(1);
    }
    expect(profile.samples.timeUs.reduce((sum, timeUs) => sum + timeUs, 0)).toBe(41);
  });

  it('samples of a sampler that is never quite on time: to within half an interval', async () => {
    const time = [5, 6.1, 7, 8.2, 9.4, 10.6, 11.8, 20, 21, 21.7, 22.4, 23];
    const samples = { stack: time.map(() => null), time, length: time.length };
    const meta = { preprocessedProfileVersion: 50, interval: 1, version: 28 };
    const profile = await readJson({ meta, threads: [{ name: 'a', pid: 1, tid: 1, samples }] });
    for (const [i, taken] of clockTimes(profile).entries()) {
      expect(Math.abs(taken - time[i]! * 1000), `${i}`).toBeLessThanOrEqual(500);
    }
    expect(profile.samples.timeUs.every((timeUs) => timeUs === 1000)).toBe(true);
  });

  it('events of speedscope: frames that close before others open', async () => {
    const event = (type: string, at: number) => ({ type, frame: 0, at });
    const events = [event('O', 3), event('C', 5), event('O', 50), event('C', 51)];
    const evented = { type: 'evented', name: 'a', unit: 'milliseconds', startValue: 0, endValue: 60, events };
    const $schema = 'https://www.speedscope.app/file-format-schema.json';
    const profile = await readJson({ $schema, shared: { frames: [{ name: 'f' }] }, profiles: [evented] });
    expect([...clockTimes(profile)]).toEqual([2000, 48_000]);
  });
});

describe('samples without an order', () => {
  it.each([
    ['pprof/go-cpu.pprof', '50'],
    ['pprof/go-heap.pprof', 'unknown'],
  ])('%s: have no time line, and say how many they were', async (path, count) => {
    const profile = await readProfile([fixture(path)]);
    expect(metadataValue(profile, 'x-merged-samples')).toBe(count);
    expect(() => sampleTimes(profile)).toThrow(expect.objectContaining({ code: 'ERR_NO_TIME_LINE' }));
  });

  it('of our own pprof: all that were taken, also where they had been merged before', async () => {
    const samples = Array.from({ length: 5 }, () => ({ frames, timeUs: 10 }));
    const once = await readProfile(writeProfile(profileOf({ mode: 'wall' }, samples), 'pprof'));
    expect(metadataValue(once, 'x-merged-samples')).toBe('5');
    const twice = await readProfile(writeProfile(once, 'pprof'));
    expect(metadataValue(twice, 'x-merged-samples')).toBe('5');
  });
});
