import { type Profile, SampleFlag } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { readProfile, writeProfile } from '../../convert.js';
import { bytesOf, chunked, collect, fixture } from '../../testing/io.js';
import { profileOf, py } from '../../testing/profiles.js';
import { cutEverywhere, rowsOf, sums } from '../../testing/rows.js';

interface Event {
  ph: string;
  name: string;
  ts: number;
  id?: string;
  args: { data?: { cpuProfile?: { samples?: number[] }; timeDeltas?: number[] } };
}

const read = (bytes: Uint8Array, options = {}): Promise<Profile> => readProfile(chunked(bytes, 100), options);
const readEvents = (events: readonly object[], options = {}): Promise<Profile> =>
  read(bytesOf(JSON.stringify({ traceEvents: events })), { format: 'trace', ...options });
const text = (path: string): string => new TextDecoder().decode(fixture(path));

const slice = (ph: string, ts: number, name: string, more: object = {}): object => ({
  ph,
  ts,
  name,
  pid: 1,
  tid: 2,
  ...more,
});
const shown = (profile: Profile): unknown[] =>
  rowsOf(profile).map(({ frames, timeUs }) => `${frames.join('>')} ${timeUs}`);

describe('reading a trace', () => {
  it('reads what py-spy writes: threads of their own, lines that ran', async () => {
    const profile = await read(fixture('trace/py-spy.trace.json'));
    expect(profile.diagnostics).toEqual([]);
    const rows = rowsOf(profile);
    expect(rows[0]).toMatchObject({
      thread: '5835::5835',
      frames: ['<module> /app/work.py:34', 'main /app/work.py:29', 'leaf /app/work.py:11'],
    });
    const expected: Record<string, number> = {};
    for (const { ph, name, ts } of JSON.parse(text('trace/py-spy.trace.json')) as Event[]) {
      const tid = /^thread \((\d+)\)$/.exec(name)?.[1];
      if (tid !== undefined)
        expected[`5835::${tid}`] = (expected[`5835::${tid}`] ?? 0) + (ph === 'E' ? ts : -ts);
    }
    expect(sums(rows, ({ thread }) => thread, 'timeUs')).toEqual(expected);
    for (const { frames } of rows) expect(frames.join()).not.toMatch(/leaf.*main/);
  });

  it("reads Chromium's CPU profile out of its chunks, with the line of each sample", async () => {
    const profile = await read(fixture('trace/chromium.trace.json'));
    expect(profile.diagnostics).toMatchObject([{ code: 'ERR_EVENT_NOT_HELD', count: 4 }]);
    const rows = rowsOf(profile);
    const { traceEvents } = JSON.parse(text('trace/chromium.trace.json')) as { traceEvents: Event[] };
    const chunks = traceEvents.filter(({ name }) => name === 'ProfileChunk').map(({ args }) => args.data!);
    expect(rows.length).toBe(chunks.flatMap(({ cpuProfile }) => cpuProfile?.samples ?? []).length);
    expect(new Set(rows.map(({ thread }) => thread))).toEqual(new Set(['5592::5592 CrRendererMain']));
    const deltas = chunks.flatMap(({ timeDeltas }) => timeDeltas!);
    const sum = deltas.reduce((sum, delta) => sum + delta, 0);
    // All but the first are the time of a sample; the last is taken for two.
    expect(rows.reduce((sum, { timeUs }) => sum + timeUs, 0)).toBe(sum - deltas[0]! + deltas.at(-1)!);
    expect(rows.map(({ frames }) => frames.at(-1))).toContain('leaf work.js:4');
  });

  it('gives a stack the time in which it was innermost, whatever the order of events', async () => {
    const events = [
      slice('X', 20, 'inner', { dur: 10 }),
      slice('E', 60, ''),
      slice('X', 5, 'outer', { dur: 30.5 }),
      slice('B', 40, 'begun', { args: { file: 'm.py', line: 3 } }),
      slice('X', 45, 'X in begun (v.py:9)', { dur: 5 }),
      slice('X', 70, 'empty', { dur: 0 }),
      { ph: 'M', name: 'thread_name', pid: 1, tid: 2, args: { name: 'worker' } },
      slice('X', 0, 'named', { dur: 4, pid: 'GPU', tid: 'main' }),
    ];
    const profile = await readEvents(events);
    expect(profile.diagnostics).toEqual([]);
    expect(shown(profile)).toEqual([
      'outer 15',
      'outer>inner 10',
      'outer 6',
      'begun m.py 5',
      'begun m.py>X in begun v.py 5',
      'begun m.py 10',
      'named 4',
    ]);
    expect(rowsOf(profile).map(({ thread }) => thread)).toEqual([
      ...Array.from({ length: 6 }, () => '1::2 worker'),
      '0::GPU/main',
    ]);
  });

  it('counts what it leaves out', async () => {
    const events = [
      slice('E', 1, 'never begun'),
      slice('B', 2, 'a'),
      slice('B', 3, 'b'),
      slice('E', 5, 'a'),
      slice('X', 6, 'c', { dur: 4 }),
      slice('X', 8, 'd', { dur: 4 }),
      slice('B', 13, 'open'),
      slice('X', 14, 'e', { dur: 1 }),
      slice('X', 2, 'no duration'),
      { name: 'no phase' },
      slice('i', 1, 'instant'),
    ];
    const profile = await readEvents(events);
    expect(shown(profile)).toEqual(['a 1', 'a>b 2', 'c 2', 'c>d 2', 'open 1', 'open>e 1']);
    expect(profile.diagnostics.map(({ code, count }) => `${code} ${count}`)).toEqual([
      'ERR_TRACE_EVENT 1',
      'ERR_TRACE_EVENT 1',
      'ERR_EVENT_NOT_HELD 1',
      'ERR_TRACE_EVENT 1',
      'ERR_TRACE_EVENT 1',
      'ERR_TRACE_EVENT 1',
      'ERR_TRACE_EVENT 1',
    ]);
    await expect(readEvents(events, { strict: true })).rejects.toMatchObject({ code: 'ERR_TRACE_EVENT' });
    await expect(readEvents([])).rejects.toMatchObject({ code: 'ERR_TRACE_INVALID' });
  });

  it('takes an array without its bracket, as tracers that were killed leave it', async () => {
    const whole = text('trace/py-spy.trace.json').trim();
    const open = `${whole.slice(0, -1)},\n`;
    const profile = await read(bytesOf(open), { strict: true });
    expect(profile.diagnostics).toEqual([]);
    expect(rowsOf(profile)).toEqual(rowsOf(await read(bytesOf(whole))));
  });

  it('keeps what comes before a cut, and says what it lost', async () => {
    const path = 'trace/chromium.trace.json';
    // Without slices, which are read as long as no CPU profile has come.
    const lines = text(path).split('\n');
    const profiles = bytesOf(lines.filter((line) => !line.includes('"ph":"X"')).join('\n'));
    expect(await cutEverywhere(profiles, 'trace', { step: 7 })).toBeGreaterThan(100);
    await expect(read(fixture(path).subarray(0, 4000), { strict: true })).rejects.toMatchObject({
      code: 'ERR_JSON_INVALID',
      offset: 4000,
    });
  });

  it('takes a thread without CPU time for one that was idle, where the recording knows', async () => {
    const written = async (mode: string): Promise<unknown> => {
      const sample = {
        frames: [py('m.py', 'f', 1)],
        timeUs: 10,
        flags: mode === 'full' ? SampleFlag.Idle : 0,
      };
      const again = await read(await collect(writeProfile(profileOf({ mode }, [sample]), 'trace')));
      return [again.mode, rowsOf(again).map(({ timeUs, flags }) => [timeUs, flags])];
    };
    expect(await written('full')).toEqual(['full', [[10, SampleFlag.Idle]]]);
    expect(await written('wall')).toEqual(['wall', [[10, 0]]]);
  });

  it('keeps names as they are', async () => {
    const names = ['a;b', 'a\nb', '</script>', '\u202e', '\ud800', '__proto__', 'x'.repeat(65536)];
    const rows = rowsOf(
      await readEvents(names.map((name, at) => slice('X', at, name, { dur: 20 - 2 * at }))),
    );
    expect(rows.map(({ frames }) => frames).sort((a, b) => b.length - a.length)[0]).toEqual(names);
  });
});
