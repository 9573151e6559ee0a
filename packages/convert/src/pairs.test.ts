import type { Profile } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { readProfile, writeProfile } from './convert.js';
import { formats } from './registry.js';
import { inputs, readFixture } from './testing/inputs.js';
import { collect } from './testing/io.js';
import { randomProfile } from './testing/random.js';
import { joined, type Seen, seenInFile, seenInProfile, summed } from './testing/seen.js';

/** Formats that keep samples, or at least stacks, for programs to read. The others are held against the truth in tests of their own. */
const COMPARED = ['mojo', 'collapsed', 'speedscope', 'pprof', 'firefox', 'trace', 'jsonl'];

/** Of these the order of samples is kept; of `trace` where one sample ends is not. */
const ORDERED = COMPARED.filter((id) => id !== 'pprof');

/** Those with a reader of our own. */
const readBack = formats.filter(({ read, write }) => read && write).map(({ id }) => id);

/** MOJO from version 3 on has an interpreter for every thread. */
function asMojo(seen: Seen): Seen {
  return new Map([...seen].map(([key, samples]) => [key.replace(/^(-?\d+)::/, '$1:0:'), samples]));
}

async function check(profile: Profile, to: string): Promise<void> {
  const bytes = await collect(writeProfile(profile, to, { gzip: false }));
  hold((await seenInFile(to, bytes))!, profile, to);
}

/** As {@link check}, by our own reader. */
async function checkReadBack(profile: Profile, to: string): Promise<void> {
  const again = await readProfile(writeProfile(profile, to), { strict: true });
  hold(seenInProfile(again), profile, to);
}

/** Holds what is in a file against the profile that it was written from. */
function hold(got: Seen, profile: Profile, to: string): void {
  const expected = to === 'mojo' ? asMojo(seenInProfile(profile)) : seenInProfile(profile);
  // The stacks of each thread with their sums: hence the same weight per thread, and self and total per function.
  const sums = (seen: Seen) =>
    Object.fromEntries([...seen].map(([thread, samples]) => [thread, summed(samples)]));
  expect(sums(got)).toEqual(sums(expected));
  if (!ORDERED.includes(to)) return;
  const order = (seen: Seen) =>
    Object.fromEntries(
      [...seen].map(([thread, samples]) => [thread, to === 'trace' ? joined(samples) : samples]),
    );
  expect(order(got)).toEqual(order(expected));
}

describe('from every format that can be read', () => {
  it('to every format that can be written: none is forgotten', () => {
    const aside = ['html', 'callgrind', 'pstats', 'svg', 'markdown', 'text'];
    const writable = formats.filter(({ write }) => write).map(({ id }) => id);
    expect([...COMPARED, ...aside].sort()).toEqual(writable.sort());
    const readable = formats.filter(({ read }) => read).map(({ id }) => id);
    expect(readable.filter((id) => !inputs.some(([, format]) => format === id))).toEqual([]);
  });

  describe.each(COMPARED)('as %s', (to) => {
    it.each(inputs)(
      '%s: every stack of every thread keeps its weight, in order where the format has one',
      async (path) => {
        await check(await readFixture(path), to);
      },
    );

    it.each([1, 2, 3])('random profile %i', (seed) => check(randomProfile(seed), to), 30_000);
  });

  describe.each(readBack)('as %s and back', (to) => {
    it.each(inputs)(
      '%s: every stack of every thread keeps its weight, in order where the format has one',
      async (path) => {
        await checkReadBack(await readFixture(path), to);
      },
    );

    it.each([1, 2, 3])('random profile %i', (seed) => checkReadBack(randomProfile(seed), to), 30_000);
  });
});
