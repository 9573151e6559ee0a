import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import {
  compressProfile,
  FrameKind,
  mergeProfiles,
  metadataValue,
  type Profile,
  SampleFlag,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import { describe, expect, test } from 'vitest';
import { describeSamples, readProfile } from '../testing/describe-profile.js';
import { concat } from '../testing/fixtures.js';
import { Random } from '../testing/random.js';
import { decodeMojo } from './decode.js';
import { encodeMojo } from './encode.js';
import { writeMojo } from './from-profile.js';

// What the published Austin wrote: see the README beside them.
const FOLDER = new URL('../../../fixtures/recordings/', import.meta.url);
const NAMES = readdirSync(FOLDER).filter((file) => file.endsWith('.mojo'));
const GOLDEN = new URL('golden.json', FOLDER);

function readRecording(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, FOLDER)));
}

test('there are recordings', () => {
  expect(NAMES.length).toBeGreaterThan(10);
});

describe.each(NAMES)('%s', (name) => {
  const bytes = readRecording(name);
  const profile = readProfile([bytes], { strict: true });

  test('has as many samples as its STACKs and its footer say', () => {
    const { events } = decodeMojo(bytes, { strict: true });
    expect(profile.diagnostics).toEqual([]);
    expect(profile.samples.length).toBe(events.filter(({ type }) => type === 'stack').length);
    const count = metadataValue(profile, 'count') ?? metadataValue(profile, 'errors')?.split('/')[1];
    if (count !== undefined) expect(Number(count)).toBe(profile.samples.length);
  });

  test('is the same file again', () => {
    const { events, version } = decodeMojo(bytes);
    expect(encodeMojo(events, version)).toEqual(bytes);
  });

  test('is the same profile however it is split, and written in every version that can hold it', () => {
    const samples = describeSamples(profile);
    expect(describeSamples(readProfile(new Random(5).split(bytes), { strict: true }))).toEqual(samples);
    for (const version of [3, 4] as const) {
      const written = concat(writeMojo(profile, { version }));
      expect(describeSamples(readProfile([written], { strict: true }))).toEqual(samples);
    }
  });

  test('keeps every total when it is compressed and merged', () => {
    const compressed = compressProfile(profile);
    expect(totals(compressed)).toEqual(totals(profile));
    const doubled = totals(mergeProfiles([compressed, profile]));
    for (const [thread, sums] of Object.entries(totals(profile))) {
      expect(doubled[thread]).toEqual(sums.map((sum) => 2 * sum));
    }
  });
});

test('golden file', () => {
  const seen = Object.fromEntries(NAMES.map((name) => [name, summary(readProfile([readRecording(name)]))]));
  const text = `${JSON.stringify(seen, null, 2)}\n`;
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(GOLDEN, text);
  expect(text).toBe(readFileSync(GOLDEN, 'utf8'));
});

/** Time, memory that grew and memory that shrank, of each thread. */
function totals({ tables, samples }: Profile): Record<string, number[]> {
  const sums: Record<string, number[]> = {};
  for (let i = 0; i < samples.length; i++) {
    const { pid, iid, tid } = tables.thread(samples.thread[i]! as ThreadId);
    const thread = `${pid}/${iid}/${tid}`;
    const own = sums[thread] ?? [0, 0, 0];
    sums[thread] = own;
    own[0]! += samples.timeUs[i]!;
    own[samples.memoryBytes[i]! > 0 ? 1 : 2]! += samples.memoryBytes[i]!;
  }
  return sums;
}

/** The gist of a recording, for people to compare with what `work.py` does. */
function summary(profile: Profile): unknown {
  const { tables, samples } = profile;
  const flagged = (flag: number): number => samples.flags.filter((flags) => flags & flag).length;
  const functions = new Map<string, number>();
  for (let i = 0; i < samples.length; i++) {
    const frame = tables.stackFrames(samples.stack[i]! as StackId).at(-1);
    const { file, name, kind } =
      frame === undefined ? { file: '', name: '(empty)', kind: FrameKind.Python } : tables.frameInfo(frame);
    const leaf = `${kind === FrameKind.Native ? 'native' : file.replace(/.*\//, '')}:${name}`;
    functions.set(leaf, (functions.get(leaf) ?? 0) + 1);
  }
  return {
    metadata: Object.fromEntries(
      profile.metadata.filter(({ key }) => key !== 'map').map(({ key, value }) => [key, value]),
    ),
    maps: profile.metadata.filter(({ key }) => key === 'map').length,
    samples: samples.length,
    gc: flagged(SampleFlag.Gc),
    idle: flagged(SampleFlag.Idle),
    invalid: flagged(SampleFlag.Invalid),
    'time and memory by thread': totals(profile),
    'most often on top': Object.fromEntries([...functions].sort(([, a], [, b]) => b - a).slice(0, 8)),
  };
}
