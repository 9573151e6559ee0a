import type { Profile } from '@austin-profiler/profile';
import { SampleFlag } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { writeProfile } from '../../convert.js';
import { HOSTILE_NAMES, hostileProfile } from '../../testing/hostile.js';
import { inputs, readFixture } from '../../testing/inputs.js';
import { collectText } from '../../testing/io.js';
import { profileOf, py } from '../../testing/profiles.js';
import { randomProfile } from '../../testing/random.js';
import { type ImportedProfile, speedscopeImporter } from '../../testing/speedscope-importer.js';
import { traceTroubles } from '../../testing/trace-rules.js';
import { functionTotals } from '../../testing/truth.js';
import { weightTypes } from '../../weights.js';

interface TraceEvent {
  ph: 'B' | 'E' | 'M';
  ts: number;
  pid: number;
  tid: number;
  name: string;
  args?: Record<string, unknown>;
}

async function traceOf(profile: Profile): Promise<{ traceEvents: TraceEvent[]; otherData: object }> {
  return JSON.parse(await collectText(writeProfile(profile, 'trace'))) as never;
}

const importTrace = speedscopeImporter('Trace Event Format profile');

function byTrack(events: readonly TraceEvent[]): Map<string, TraceEvent[]> {
  const tracks = new Map<string, TraceEvent[]>();
  for (const event of events) {
    const key = `${event.pid} ${event.tid}`;
    const track = tracks.get(key);
    if (track) track.push(event);
    else tracks.set(key, [event]);
  }
  return tracks;
}

function selfWeights(profile: ImportedProfile): [name: string, self: number][] {
  const rows: [string, number][] = [];
  profile.forEachFrame((frame) => rows.push([frame.name, frame.getSelfWeight()]));
  return rows;
}

/** Slices of a track as `depth name start-end`, in order of their ends. */
function slices(events: readonly TraceEvent[]): string[] {
  const open: TraceEvent[] = [];
  const lines: string[] = [];
  for (const event of events) {
    if (event.ph === 'B') open.push(event);
    if (event.ph === 'E') lines.push(`${open.length} ${event.name} ${open.pop()!.ts}-${event.ts}`);
  }
  return lines;
}

describe('trace events', () => {
  it.each(inputs)('%s: hold to the rules of the format and of its viewers', async (path) => {
    expect(traceTroubles(await traceOf(await readFixture(path)))).toEqual([]);
  });

  it.each([
    ['full mode', randomProfile(1)],
    ['hostile names', hostileProfile()],
    ['no samples', profileOf({ mode: 'wall' }, [])],
    [
      'damaged numbers',
      profileOf({ mode: 'full', 'x-thread-start:1:0:1': '1e999' }, [
        { timeUs: -5, memoryBytes: 8 },
        { timeUs: Number.MAX_SAFE_INTEGER, pid: 2 ** 40 },
        { timeUs: 1, pid: 2 ** 40 },
      ]),
    ],
  ])('%s: hold to them too', async (_, profile) => {
    expect(traceTroubles(await traceOf(profile))).toEqual([]);
  });

  it.each([
    ['a time that is no number', { ts: Number.NaN }, 'its time is null'],
    ['a time as text', { ts: '5' }, 'its time is 5'],
    ['a time before the one before', { ts: 1 }, 'it is earlier than the one before on its track'],
    ['an end of another slice', { name: 'other' }, 'it does not end the slice begun last'],
    ['a thread id of more than 31 bits', { tid: 2 ** 31 }, 'its tid is 2147483648'],
    ['no process', { pid: undefined }, 'its pid is undefined'],
    ['a phase that nobody knows', { ph: 'Q' }, 'its phase is Q'],
    ['no category', { cat: undefined }, 'it has no category'],
    ['arguments that are a list', { args: [1] }, 'its arguments are no object'],
  ])('the rules see %s', async (_, change, trouble) => {
    const frames = [py('m.py', 'f', 1)];
    const file = await traceOf(profileOf({ mode: 'wall' }, [{ frames, timeUs: 5 }, { timeUs: 5 }]));
    expect(traceTroubles(file)).toEqual([]);
    const at = file.traceEvents.findLastIndex(({ ph }) => ph === 'E');
    const changed = file.traceEvents.with(at, { ...file.traceEvents[at]!, ...change } as never);
    const troubles = traceTroubles(JSON.parse(JSON.stringify({ ...file, traceEvents: changed })));
    expect(troubles).toEqual(expect.arrayContaining([`event ${at}: ${trouble}`]));
  });

  // Not what Austin recorded: where a function ends and another call of it begins at one moment, speedscope reads a slice of no
  // length, and then misses an end. `pairs.test.ts` reads them in the order of the file.
  it.each(inputs.filter(([path]) => !/^recordings\/|\/austin-/.test(path)))(
    "%s: speedscope's importer shows the same self of every function",
    async (path) => {
      const profile = await readFixture(path);
      const file = await traceOf(profile);
      const shown: Record<string, Record<string, number>> = {};
      const group = importTrace(file);
      const names = file.traceEvents.filter(({ name }) => name === 'thread_name');
      expect(group.profiles).toHaveLength(names.length);
      for (const one of group.profiles) {
        const [, pid, tid] = /\(pid (\d+)\), .* \(tid (\d+)\)$/.exec(one.getName())!;
        const track = names.find((event) => event.pid === Number(pid) && event.tid === Number(tid))!;
        expect(one.getName()).toContain(track.args!.name);
        const metric = String(track.args!.weight);
        shown[metric] ??= {};
        for (const [name, self] of selfWeights(one)) shown[metric][name] = (shown[metric][name] ?? 0) + self;
      }
      for (const type of weightTypes(profile)) {
        const expected = functionTotals(profile, type, (name, file, line) => {
          const args = { ...(file !== '' && { file }), ...(line !== 0 && { line }) };
          return Object.keys(args).length === 0 ? name : `${name} ${JSON.stringify(args)}`;
        });
        const self = Object.fromEntries(Object.entries(expected).map(([key, one]) => [key, one.self]));
        expect(shown[type.metric] ?? {}).toEqual(self);
      }
    },
  );

  it('keeps a slice open while its function stays on the stack', async () => {
    const sample = (names: string, timeUs: number, flags = 0) => ({
      frames: names.split(' ').map((name) => py('m.py', name, 1)),
      timeUs,
      flags,
    });
    const { traceEvents } = await traceOf(
      profileOf({ mode: 'wall', 'x-thread-start:1:0:1': '110' }, [
        sample('a b', 10),
        sample('a b', 10),
        sample('a c', 5),
        sample('a c', 5, SampleFlag.Gc),
        sample('a', 1),
      ]),
    );
    expect(slices(traceEvents)).toEqual([
      '2 b 100-120',
      '3 <garbage collection> 125-130',
      '2 c 120-130',
      '1 a 100-131',
    ]);
  });

  it('leaves a gap where a thread was lost and found', async () => {
    const sample = { frames: [py('m.py', 'f', 1)], timeUs: 10 };
    const profile = profileOf({ mode: 'wall' }, [sample, sample, sample]);
    const found = { key: 'x-thread-start:1:0:1', value: '100', sampleIndex: 1 };
    const { traceEvents } = await traceOf({ ...profile, metadata: [...profile.metadata, found] });
    expect(slices(traceEvents)).toEqual(['1 f 0-10', '1 f 90-110']);
  });

  it('shows time, CPU time and memory side by side, CPU time with gaps', async () => {
    const frames = [py('m.py', 'f', 1)];
    const { traceEvents } = await traceOf(
      profileOf({ mode: 'full', 'x-thread-name:1:0:1': 'Main' }, [
        { frames, timeUs: 10, memoryBytes: 4096 },
        { frames, timeUs: 20, flags: SampleFlag.Idle },
        { frames, timeUs: 30, memoryBytes: -512 },
      ]),
    );
    const shown = [...byTrack(traceEvents).values()].flatMap((events) => {
      const named = events.find(({ name }) => name === 'thread_name');
      return named ? [[named.args!.name, slices(events)]] : [];
    });
    expect(shown).toEqual([
      ['Main: cpu time', ['1 f 0-10', '1 f 30-60']],
      ['Main: wall time', ['1 f 0-60']],
      ['Main: memory allocation', ['1 f 0-4096']],
      ['Main: memory deallocation', ['1 f 0-512']],
    ]);
  });

  it('gives each track of a process an id of its own, the real one where it fits', async () => {
    const frames = [py('m.py', 'f', 1)];
    const { traceEvents } = await traceOf(
      profileOf({ mode: 'wall', 'x-thread-ids': 'hex' }, [
        { frames, timeUs: 1, tid: '2a' },
        { frames, timeUs: 1, tid: '2a', iid: 1 },
        { frames, timeUs: 1, tid: '7f0000000000' },
      ]),
    );
    const names = traceEvents.filter(({ name }) => name === 'thread_name');
    expect(names.map(({ tid, args }) => [tid, args!.thread, args!.interpreter])).toEqual([
      [42, '42', 0],
      [1_000_000_000, '139637976727552', 0],
      [1_000_000_001, '42', 1],
    ]);
  });

  it('gives every name back, however hostile', async () => {
    const { traceEvents } = await traceOf(hostileProfile());
    const begun = traceEvents.filter(({ ph }) => ph === 'B');
    for (const name of HOSTILE_NAMES) {
      expect(begun.some((event) => event.name === name && event.args?.file === name)).toBe(true);
    }
  });
});
