import type { Profile } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { readProfile, writeProfile } from '../../convert.js';
import type { WriteOptions } from '../../format.js';
import { chunked, collectText, fixture } from '../../testing/io.js';
import { profileOf, py } from '../../testing/profiles.js';
import { schemaErrors, speedscopeImporter, speedscopeSchema } from '../../testing/speedscope-importer.js';

interface SampledProfile {
  type: string;
  name: string;
  unit: string;
  startValue: number;
  endValue: number;
  samples: number[][];
  weights: number[];
}

interface SpeedscopeFile {
  $schema: string;
  shared: { frames: { name: string; file?: string; line?: number }[] };
  profiles: SampledProfile[];
  name: string;
  activeProfileIndex?: number;
  exporter: string;
}

async function toFile(profile: Profile, options: WriteOptions = {}): Promise<SpeedscopeFile> {
  return JSON.parse(await collectText(writeProfile(profile, 'speedscope', options))) as SpeedscopeFile;
}

async function ofFixture(path: string, options: WriteOptions = {}): Promise<SpeedscopeFile> {
  return toFile(await readProfile(chunked(fixture(path))), options);
}

/** Each sample as names, so that frame numbers do not matter. */
function namesOf(file: SpeedscopeFile, profile: SampledProfile): string[] {
  return profile.samples.map((stack) => stack.map((index) => file.shared.frames[index]!.name).join(' > '));
}

const importSpeedscope = speedscopeImporter();

const fixtures = ['wall-3.7.austin', 'full.austin', 'memory.austin', 'native.austin', 'py-spy.folded'];

describe('speedscope JSON', () => {
  it.each(fixtures)('%s: holds to the schema, and to what the schema cannot say', async (name) => {
    const file = await ofFixture(`collapsed/${name}`);
    expect(schemaErrors(file, speedscopeSchema())).toEqual([]);
    expect(file.profiles.length).toBeGreaterThan(0);
    for (const profile of file.profiles) {
      expect(profile.samples.length).toBe(profile.weights.length);
      expect(profile.weights.every((weight) => weight > 0)).toBe(true);
      expect(profile.endValue).toBe(profile.weights.reduce((sum, weight) => sum + weight, 0));
      expect(profile.samples.flat().every((index) => index < file.shared.frames.length)).toBe(true);
    }
    expect(file.activeProfileIndex).toBeLessThan(file.profiles.length);
  });

  it.each(fixtures)("%s: speedscope's own importer takes it, with all its weight", async (name) => {
    const file = await ofFixture(`collapsed/${name}`);
    const group = importSpeedscope(file);
    expect(group.profiles.map((profile) => profile.getName())).toEqual(file.profiles.map(({ name }) => name));
    expect(group.profiles.map((profile) => profile.getTotalWeight())).toEqual(
      file.profiles.map(({ endValue }) => endValue),
    );
    expect(group.profiles.map((profile) => profile.getWeightUnit())).toEqual(
      file.profiles.map(({ unit }) => unit),
    );
    expect(group.indexToView).toBe(file.activeProfileIndex);
  });

  it('has one profile per thread and weight (full mode: at most four)', async () => {
    const file = await ofFixture('collapsed/full.austin');
    expect(file.profiles.map(({ name, unit, endValue }) => [name, unit, endValue])).toEqual([
      ['CPU time profile for 300:0:300', 'microseconds', 8193],
      ['Wall time profile for 300:0:300', 'microseconds', 8193],
      ['Memory deallocation profile for 300:0:300', 'bytes', 8192],
      ['Wall time profile for 301:1:301', 'microseconds', 64],
      ['Memory allocation profile for 301:1:301', 'bytes', 2 ** 32],
    ]);
  });

  it('shows marks and empty stacks as frames, and keeps their weight (defect 21)', async () => {
    const file = await ofFixture('collapsed/full.austin');
    expect(namesOf(file, file.profiles[1]!)).toEqual(['f > <garbage collection>', '<no Python frames>']);
    expect(namesOf(file, file.profiles[3]!)).toEqual(['<invalid stack> > <unknown>']);
  });

  it('orders threads by number, and names those that have names (defect 22)', async () => {
    const sample = { frames: [py('m.py', 'f', 1)], timeUs: 5 };
    const metadata = { mode: 'wall', 'x-thread-name:1:0:a': 'MainThread' };
    const file = await toFile(
      profileOf(metadata, [
        { ...sample, pid: 10 },
        { ...sample, pid: 2 },
        { ...sample, pid: 1, tid: 'a' },
        { ...sample, pid: 1, tid: '9' },
        { ...sample, pid: 1, iid: null, tid: '2a' },
      ]),
    );
    expect(file.profiles.map(({ name }) => name.replace('Wall time profile for ', ''))).toEqual([
      '1:42',
      '1:0:9',
      '1:0:10 (MainThread)',
      '2:0:1',
      '10:0:1',
    ]);
  });

  it('takes a negative time for nothing (defect 23)', async () => {
    const frames = [py('m.py', 'f', 1)];
    const file = await toFile(
      profileOf({ mode: 'wall' }, [
        { frames, timeUs: -3 },
        { frames, timeUs: 4 },
      ]),
    );
    expect(file.profiles).toMatchObject([{ weights: [4], endValue: 4 }]);
  });

  it('has one frame per function, or per line on request', async () => {
    const profile = profileOf({ mode: 'wall' }, [
      { frames: [py('m.py', 'f', 1)], timeUs: 1 },
      { frames: [py('m.py', 'f', 2)], timeUs: 1 },
      { frames: [{ ...py('m.py', 'f', 2), column: 5, columnEnd: 7 }], timeUs: 1 },
      { frames: [py('', '', 0)], timeUs: 1 },
    ]);
    expect((await toFile(profile)).shared.frames).toEqual([
      { name: 'f', file: 'm.py' },
      { name: '<unnamed>' },
    ]);
    expect((await toFile(profile, { frames: 'line' })).shared.frames).toEqual([
      { name: 'f', file: 'm.py', line: 1 },
      { name: 'f', file: 'm.py', line: 2 },
      { name: '<unnamed>' },
    ]);
  });

  it('opens on the main thread, and without one on the busiest', async () => {
    const frames = [py('m.py', 'f', 1)];
    const busy = { frames, pid: 31, tid: '20', timeUs: 90 };
    const main = { frames, pid: 31, tid: '1f', timeUs: 10 };
    const withMain = await toFile(profileOf({ mode: 'wall' }, [busy, main]));
    expect(withMain.profiles[withMain.activeProfileIndex!]!.name).toBe('Wall time profile for 31:0:31');
    const without = await toFile(profileOf({ mode: 'wall' }, [busy, { ...main, tid: '21' }]));
    expect(without.profiles[without.activeProfileIndex!]!.endValue).toBe(90);
  });

  it('says samples, not time, of numbers without a unit', async () => {
    const file = await ofFixture('collapsed/flamegraph.folded');
    expect(file.profiles).toMatchObject([{ name: 'Samples profile for 0:0', unit: 'none', endValue: 43 }]);
  });

  it('takes a name and an indent, and survives a profile without samples', async () => {
    const profile = profileOf({ mode: 'wall' }, []);
    const text = await collectText(writeProfile(profile, 'speedscope', { name: 'q.mojo', indent: 2 }));
    expect(text).toContain('\n  "name": "q.mojo"');
    expect(JSON.parse(text)).toMatchObject({ profiles: [], shared: { frames: [] } });
    expect(importSpeedscope(JSON.parse(text)).profiles).toHaveLength(0);
  });

  it('writes a stack of ten thousand frames', async () => {
    const frames = Array.from({ length: 10_000 }, (_, i) => py('m.py', `f${i % 50}`, i));
    const file = await toFile(profileOf({ mode: 'wall' }, [{ frames, timeUs: 1 }]));
    expect(file.profiles[0]!.samples[0]).toHaveLength(10_000);
  });
});
