import { type Profile, SampleFlag } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { readProfile } from '../../convert.js';
import { bytesOf, chunked, fixture } from '../../testing/io.js';
import { cutEverywhere, rowsOf } from '../../testing/rows.js';

interface CpuProfile {
  nodes: { callFrame: { functionName: string; url: string }; hitCount: number }[];
  startTime: number;
  endTime: number;
  timeDeltas: number[];
}

const FILES = ['cpuprofile/node-20.cpuprofile', 'cpuprofile/chromium.cpuprofile'];

const read = (bytes: Uint8Array, options = {}): Promise<Profile> => readProfile(chunked(bytes, 100), options);
const readFile = (file: object, options = {}): Promise<Profile> =>
  read(bytesOf(JSON.stringify(file)), { format: 'cpuprofile', ...options });

const frame = (functionName: string, url = '', lineNumber = -1): object => ({
  functionName,
  url,
  lineNumber,
  columnNumber: -1,
  scriptId: '0',
});

describe('reading a CPU profile of V8', () => {
  it.each(FILES)('%s: has as many samples of each function as V8 counted', async (path) => {
    const profile = await read(fixture(path));
    expect(profile.diagnostics).toEqual([]);
    const file = JSON.parse(new TextDecoder().decode(fixture(path))) as CpuProfile;
    const expected: Record<string, number> = {};
    for (const { callFrame, hitCount } of file.nodes) {
      const { functionName, url } = callFrame;
      if (hitCount === 0 || functionName === '(garbage collector)') continue;
      const key = `${functionName || '(anonymous)'}${url === '' ? '' : ` ${url}`}`;
      expected[key] = (expected[key] ?? 0) + hitCount;
    }
    const counted: Record<string, number> = {};
    for (const { frames, flags } of rowsOf(profile)) {
      if (flags & SampleFlag.Gc) continue;
      counted[frames.at(-1)!] = (counted[frames.at(-1)!] ?? 0) + 1;
    }
    // V8 takes samples when it starts and when it stops, and does not count these as hits.
    for (const fn of Object.keys(counted)) expect([0, 1], fn).toContain(counted[fn]! - (expected[fn] ?? 0));
    const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);
    expect(sum(counted) - sum(expected)).toBeLessThanOrEqual(2);
    expect(Object.keys(counted)).toEqual(expect.arrayContaining(Object.keys(expected)));
    const total = rowsOf(profile).reduce((sum, { timeUs }) => sum + timeUs, 0);
    expect(total).toBe(file.endTime - file.startTime - file.timeDeltas[0]!);
  });

  it('keeps where functions begin, and says what was idle or collected garbage', async () => {
    const profile = await readFile({
      nodes: [
        { id: 1, callFrame: frame('(root)'), children: [2, 3, 4] },
        { id: 2, callFrame: frame('main', 'file:///a.js', 6), children: [5] },
        { id: 3, callFrame: frame('(idle)') },
        { id: 4, callFrame: frame('(garbage collector)') },
        { id: 5, callFrame: frame('', 'file:///a.js', 0) },
      ],
      startTime: 1000,
      endTime: 1100,
      samples: [5, 3, 4, 2],
      timeDeltas: [10, 20, -5, 30],
    });
    expect(rowsOf(profile).map(({ frames, timeUs, flags }) => [frames, timeUs, flags])).toEqual([
      [['main file:///a.js', '(anonymous) file:///a.js'], 15, 0],
      [[], 5, SampleFlag.Gc],
      [['(idle)'], 25, SampleFlag.Idle],
      [['main file:///a.js'], 45, 0],
    ]);
    const { tables } = profile;
    expect(tables.frameInfo(tables.stackFrames(profile.samples.stack[3]! as never)[0]!)).toMatchObject({
      firstLine: 7,
      line: 0,
    });
  });

  it('loses nothing before a cut, and says what it lost', async () => {
    expect(await cutEverywhere(fixture(FILES[0]!), 'cpuprofile', { step: 7 })).toBeGreaterThan(20);
  });

  it('skips what cannot be, and ends', async () => {
    const nodes = [
      { id: 1, callFrame: frame('(root)'), children: [2] },
      { id: 2, parent: 3, callFrame: frame('a') },
      { id: 3, parent: 2, callFrame: frame('b') },
      'x',
    ];
    const file = { nodes, samples: [2, 9, null, 1], timeDeltas: [1, 1, 1, 1], startTime: 0, endTime: 9 };
    const profile = await readFile(file);
    expect(rowsOf(profile).map(({ timeUs, flags }) => [timeUs, flags])).toEqual([
      [1, SampleFlag.Invalid],
      [1, SampleFlag.Invalid],
      [6, 0],
    ]);
    expect(profile.diagnostics).toMatchObject([
      { code: 'ERR_CPUPROFILE_SAMPLE', count: 1 },
      { code: 'ERR_CPUPROFILE_NODE', count: 2 },
    ]);
    await expect(readFile(file, { strict: true })).rejects.toMatchObject({ code: 'ERR_CPUPROFILE_SAMPLE' });
    await expect(readFile({})).rejects.toMatchObject({ code: 'ERR_CPUPROFILE_INVALID' });
  });
});
