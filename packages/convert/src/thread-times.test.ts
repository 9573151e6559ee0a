import {
  clockTimes,
  metadataValue,
  type Profile,
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
