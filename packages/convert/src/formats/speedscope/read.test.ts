import { gzipSync } from 'node:zlib';
import { type Profile, SampleFlag } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { readProfile, writeProfile } from '../../convert.js';
import { bytesOf, chunked, collect, fixture } from '../../testing/io.js';
import { profileOf, py } from '../../testing/profiles.js';
import { cutEverywhere, rowsOf, sums } from '../../testing/rows.js';
import { speedscopeImporter } from '../../testing/speedscope-importer.js';
import { SCHEMA } from './detect.js';

const PY_SPY = 'speedscope/py-spy.speedscope.json';

const read = (bytes: Uint8Array, options = {}): Promise<Profile> => readProfile(chunked(bytes, 100), options);
const readFile = (file: object, options = {}): Promise<Profile> =>
  read(bytesOf(JSON.stringify({ $schema: SCHEMA, ...file })), options);

const frames = [{ name: 'main', file: 'm.py', line: 1 }, { name: 'f' }, { name: 'g', file: 'g.py' }];
const evented = {
  type: 'evented',
  name: 'work',
  unit: 'milliseconds',
  startValue: 10,
  endValue: 20,
  events: [
    { type: 'O', frame: 0, at: 10 },
    { type: 'O', frame: 1, at: 12 },
    { type: 'C', frame: 1, at: 15.5 },
    { type: 'O', frame: 2, at: 16 },
    { type: 'C', frame: 2, at: 16 },
    { type: 'C', frame: 0, at: 17 },
    { type: 'O', frame: 2, at: 18 },
    { type: 'C', frame: 2, at: 20 },
  ],
};

describe('reading speedscope JSON', () => {
  it('reads what py-spy writes: threads by id, seconds as microseconds', async () => {
    const profile = await read(fixture(PY_SPY));
    expect(profile.diagnostics).toEqual([]);
    expect(profile.mode).toBe('wall');
    const rows = rowsOf(profile);
    expect(rows[0]).toEqual({
      thread: '0::5829',
      frames: ['<module> /app/work.py:34', 'main /app/work.py:29', 'leaf /app/work.py:11'],
      timeUs: 10_000,
      memoryBytes: 0,
      flags: 0,
    });
    expect(sums(rows, ({ thread }) => thread, 'timeUs')).toEqual({ '0::5829': 300_000 });
  });

  it('gives each function the weight that speedscope itself gives it', async () => {
    const file = JSON.parse(new TextDecoder().decode(fixture(PY_SPY))) as object;
    const both = { ...file, shared: { frames }, profiles: [evented] };
    for (const [input, perUnit] of [
      [file, 1e6],
      [both, 1e3],
    ] as const) {
      const expected: Record<string, number> = {};
      for (const imported of speedscopeImporter()(structuredClone(input)).profiles) {
        imported.forEachFrame((frame) => {
          const weight = Math.round(frame.getSelfWeight() * perUnit);
          const key = `${frame.name}${frame.file ? ` ${frame.file}` : ''}${frame.line ? `:${frame.line}` : ''}`;
          if (weight > 0) expected[key] = (expected[key] ?? 0) + weight;
        });
      }
      const rows = rowsOf(await readFile(input));
      expect(sums(rows, (row) => row.frames.at(-1)!, 'timeUs')).toEqual(expected);
    }
  });

  it('reads evented profiles: between two events, what was open ran', async () => {
    const rows = rowsOf(await readFile({ shared: { frames }, profiles: [evented] }));
    expect(rows.map(({ thread, frames, timeUs }) => [thread, frames.join(' > '), timeUs])).toEqual([
      ['0::1 work', 'main m.py:1', 2000],
      ['0::1 work', 'main m.py:1 > f', 3500],
      ['0::1 work', 'main m.py:1', 500],
      ['0::1 work', 'main m.py:1', 1000],
      ['0::1 work', 'g g.py', 2000],
    ]);
  });

  it('reads every unit', async () => {
    const ofUnit = async (unit: string): Promise<unknown> => {
      const profile = {
        type: 'sampled',
        name: 'a',
        unit,
        startValue: 0,
        endValue: 3,
        samples: [[0]],
        weights: [3],
      };
      const read = await readFile({ shared: { frames }, profiles: [profile] });
      const { timeUs, memoryBytes } = rowsOf(read)[0]!;
      return [
        read.mode,
        timeUs,
        memoryBytes,
        read.metadata.find(({ key }) => key === 'x-weight-unit')?.value,
      ];
    };
    expect(await ofUnit('seconds')).toEqual(['wall', 3e6, 0, undefined]);
    expect(await ofUnit('milliseconds')).toEqual(['wall', 3000, 0, undefined]);
    expect(await ofUnit('microseconds')).toEqual(['wall', 3, 0, undefined]);
    expect(await ofUnit('nanoseconds')).toEqual(['wall', 0, 0, undefined]);
    expect(await ofUnit('bytes')).toEqual(['memory', 0, 3, undefined]);
    expect(await ofUnit('none')).toEqual(['wall', 3, 0, 'count']);
  });

  it('puts the views of full mode together again', async () => {
    const frames = [py('m.py', 'main', 0), py('m.py', 'f', 0)];
    const before = profileOf({ mode: 'full' }, [
      { frames, timeUs: 100, memoryBytes: 50, tid: '9', flags: SampleFlag.Gc },
      { frames, timeUs: 70, flags: SampleFlag.Idle, tid: '9' },
      { frames: frames.slice(1), timeUs: 70, memoryBytes: -20, tid: '9' },
      { frames: [], timeUs: 5, tid: 'a', flags: SampleFlag.Idle | SampleFlag.Invalid },
    ]);
    before.tables.setThreadName(0 as never, 'main (1)');
    const after = await read(await collect(writeProfile(before, 'speedscope')));
    expect(after.diagnostics).toEqual([]);
    expect(after.mode).toBe('full');
    const stack = ['main m.py', 'f m.py'];
    const main = '1:0:9 main (1)';
    expect(rowsOf(after)).toEqual([
      { thread: main, frames: stack, timeUs: 100, memoryBytes: 0, flags: SampleFlag.Gc },
      { thread: main, frames: stack, timeUs: 70, memoryBytes: 0, flags: SampleFlag.Idle },
      { thread: main, frames: ['f m.py'], timeUs: 70, memoryBytes: 0, flags: 0 },
      { thread: main, frames: stack, timeUs: 0, memoryBytes: 50, flags: SampleFlag.Gc },
      { thread: main, frames: ['f m.py'], timeUs: 0, memoryBytes: -20, flags: 0 },
      {
        thread: '1:0:10',
        frames: [],
        timeUs: 5,
        memoryBytes: 0,
        flags: SampleFlag.Idle | SampleFlag.Invalid,
      },
    ]);
  });

  it('reads it gzipped, and over every chunk border', async () => {
    const whole = rowsOf(await read(fixture(PY_SPY)));
    expect(rowsOf(await read(gzipSync(fixture(PY_SPY))))).toEqual(whole);
    expect(rowsOf(await readProfile(chunked(fixture(PY_SPY), 1)))).toEqual(whole);
  });

  it('loses nothing before a cut, and says what it lost', async () => {
    expect(await cutEverywhere(fixture(PY_SPY), 'speedscope', { step: 3 })).toBeGreaterThan(150);
    const cut = fixture(PY_SPY).subarray(0, 900);
    const profile = await read(cut);
    expect(profile.diagnostics).toContainEqual(
      expect.objectContaining({ code: 'ERR_JSON_INVALID', offset: 900 }),
    );
    await expect(read(cut, { strict: true })).rejects.toMatchObject({
      code: 'ERR_JSON_INVALID',
      offset: 900,
    });
  });

  it('skips and counts what cannot be', async () => {
    const profile = {
      type: 'sampled',
      name: 'a',
      unit: 'microseconds',
      samples: [[0], [7], 'x', [1, -1], [1]],
      weights: [1, 2, 3, 4],
    };
    const file = {
      shared: { frames },
      profiles: [profile, { ...evented, events: [{ type: 'C', frame: 0, at: 1 }] }],
    };
    const { diagnostics, samples } = await readFile(file);
    expect(samples.length).toBe(2);
    expect(diagnostics.map(({ code, count }) => [code, count])).toEqual([
      ['ERR_SPEEDSCOPE_FRAME', 1],
      ['ERR_SPEEDSCOPE_SAMPLE', 3],
      ['ERR_SPEEDSCOPE_EVENT', 1],
    ]);
    await expect(readFile(file, { strict: true })).rejects.toMatchObject({ code: 'ERR_SPEEDSCOPE_FRAME' });
    await expect(readFile({ profiles: {} })).rejects.toMatchObject({ code: 'ERR_SPEEDSCOPE_INVALID' });
  });

  it('keeps names as they are', async () => {
    const names = ['a;b', 'a\nb', '</script>', '\u202e', '\ud800', '__proto__', 'x'.repeat(65536), ''];
    const before = profileOf({ mode: 'wall' }, [
      { frames: names.map((name) => py('m.py', name)), timeUs: 1 },
    ]);
    const after = await read(await collect(writeProfile(before, 'speedscope')));
    expect(rowsOf(after)[0]!.frames).toEqual(names.map((name) => `${name} m.py`));
  });
});
