import { gunzipSync } from 'node:zlib';
import { type Metric, type Profile, sampleWeight, type ThreadId } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { perftools } from '#pprof-messages';
import { readProfile, writeProfile } from './convert.js';
import { detectFormat } from './detect.js';
import { isGzip } from './gzip.js';
import { formats } from './registry.js';
import { inputs } from './testing/inputs.js';
import { chunked, collect, fixture } from './testing/io.js';
import { contents } from './testing/profiles.js';
import { randomProfile } from './testing/random.js';
import { threadIdText } from './thread-ids.js';
import { weightTypes } from './weights.js';

function plain(bytes: Uint8Array): Uint8Array {
  return isGzip(bytes) ? gunzipSync(bytes) : bytes;
}

/** What a written file says the threads weigh: `<pid>:<iid>:<tid as text> <metric>` to a sum. */
type Totals = Record<string, number>;

function add(totals: Totals, thread: string, metric: string, weight: number): void {
  if (weight === 0) return;
  const key = `${thread} ${metric}`;
  totals[key] = (totals[key] ?? 0) + weight;
}

function profileTotals(profile: Profile): Totals {
  const totals: Totals = {};
  const text = threadIdText(profile);
  for (let i = 0; i < profile.samples.length; i++) {
    const { pid, iid, tid } = profile.tables.thread(profile.samples.thread[i]! as ThreadId);
    const thread = `${pid}:${iid === null ? '' : `${iid}:`}${text(tid)}`;
    for (const { metric } of weightTypes(profile)) {
      add(totals, thread, metric, sampleWeight(profile, i, metric === 'samples' ? 'wall' : metric));
    }
  }
  return totals;
}

const SPEEDSCOPE_METRICS: Record<string, Metric | 'samples'> = {
  'CPU time': 'cpu',
  'Wall time': 'wall',
  'Memory allocation': 'allocated',
  'Memory deallocation': 'deallocated',
  Samples: 'samples',
};

function speedscopeTotals(bytes: Uint8Array): Totals {
  const totals: Totals = {};
  const file = JSON.parse(new TextDecoder().decode(bytes)) as {
    profiles: { name: string; weights: number[] }[];
  };
  for (const { name, weights } of file.profiles) {
    const [, title, thread] = /^(.+?) profile for (.+?)(?: \(.*\))?$/.exec(name)!;
    for (const weight of weights) add(totals, thread!, SPEEDSCOPE_METRICS[title!]!, weight);
  }
  return totals;
}

const PPROF_METRICS: Record<string, string> = { alloc_space: 'allocated', dealloc_space: 'deallocated' };

function pprofTotals(bytes: Uint8Array): Totals {
  const totals: Totals = {};
  const message = perftools.profiles.Profile.decode(bytes);
  const text = (id: unknown): string => message.stringTable[Number(id)]!;
  const types = message.sampleType.map(({ type }) => PPROF_METRICS[text(type)] ?? text(type));
  for (const { value, label } of message.sample) {
    const labels = new Map(label!.map((l) => [text(l.key), Number(l.num) || text(l.str)]));
    const parts = [labels.get('pid'), labels.get('iid'), labels.get('tid')];
    const thread = parts.filter((part) => part !== undefined).join(':');
    for (const [at, type] of types.entries()) {
      if (type === 'samples' && types.length > 1) continue;
      add(totals, thread, type, Number(value![at]));
    }
  }
  return totals;
}

/** The totals a written file holds, through a reader that knows nothing of the writer where there is one. */
async function totalsOf(id: string, bytes: Uint8Array): Promise<Totals | undefined> {
  if (id === 'speedscope') return speedscopeTotals(bytes);
  if (id === 'pprof') return pprofTotals(bytes);
  if (formats.find((format) => format.id === id)?.read) return profileTotals(await readProfile([bytes]));
  return undefined;
}

/** MOJO from version 3 on has an interpreter id for every thread. */
function withIids(totals: Totals): Totals {
  return Object.fromEntries(
    Object.entries(totals).map(([key, weight]) => [key.replace(/^(-?\d+):([^:]*)$/, '$1:0:$2'), weight]),
  );
}

describe.each(inputs)('%s', (path, id) => {
  const bytes = plain(fixture(path));
  const read = (): Promise<Profile> => readProfile(chunked(bytes, 7));

  it('is detected by its content', () => {
    expect(detectFormat(bytes, { isWhole: true })).toMatchObject({ id });
  });

  it.each(formats.filter((format) => format.write).map((format) => format.id))(
    'as %s: the same bytes twice, and the same weight per thread',
    async (to) => {
      const profile = await read();
      const written = await collect(writeProfile(profile, to, { gzip: false }));
      const again = await collect(writeProfile(await read(), to, { gzip: false }));
      expect(Buffer.compare(again, written)).toBe(0);
      const totals = await totalsOf(to, written);
      const expected = profileTotals(profile);
      if (totals) expect(totals).toEqual(to === 'mojo' ? withIids(expected) : expected);
      if (formats.some(({ id, detect }) => id === to && detect)) {
        expect(detectFormat(written, { isWhole: true })).toMatchObject({ id: to });
      }
    },
  );

  it('is equal after being written as collapsed text and read back', async () => {
    const first = await readProfile(writeProfile(await read(), 'collapsed'));
    const text = await collect(writeProfile(first, 'collapsed'));
    expect(contents(await readProfile([text]))).toEqual(contents(first));
  });
});

describe('a profile from collapsed text', () => {
  it.each(['wall-3.7', 'full', 'memory', 'native', 'bad-lines', 'two-modes'])(
    '%s: is equal after a round trip',
    async (name) => {
      const profile = await readProfile(chunked(fixture(`collapsed/${name}.austin`)));
      const again = await readProfile(writeProfile(profile, 'collapsed'));
      expect(contents(again)).toEqual(contents(profile));
    },
  );

  it('keeps its threads on the way through MOJO (defect 27)', async () => {
    const text = '# mode: wall\nP1;T0:23331;m.py:f:1 5\n';
    const asMojo = await collect(writeProfile(await readProfile([new TextEncoder().encode(text)]), 'mojo'));
    const profile = await readProfile([asMojo]);
    expect(profile.tables.thread(0 as ThreadId)).toEqual({ pid: 1, iid: 0, tid: '5b23' });
    expect(new TextDecoder().decode(await collect(writeProfile(profile, 'collapsed')))).toBe(text);
  });
});

describe('a random profile', () => {
  it.each([1, 2, 3])(
    'seed %i: conserves weight in every format',
    async (seed) => {
      const profile = randomProfile(seed);
      const expected = profileTotals(profile);
      for (const { id, write } of formats) {
        if (!write) continue;
        const totals = await totalsOf(id, await collect(writeProfile(profile, id, { gzip: false })));
        if (totals) expect(totals, id).toEqual(expected);
      }
    },
    30_000,
  );
});
