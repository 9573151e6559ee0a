import { gunzipSync } from 'node:zlib';
import { isAustinError, type Profile } from '@austin-profiler/profile';
import { expect, test } from 'vitest';
import { readProfile, writeProfile } from './convert.js';
import { isGzip } from './gzip.js';
import { formats } from './registry.js';
import { inputs } from './testing/inputs.js';
import { bytesOf, collect, fixture } from './testing/io.js';

/** How many inputs are damaged and read: a tenth of those of MOJO, which is read much faster. See CONTRIBUTING.md. */
const MUTATIONS = Math.ceil(Number(process.env.AUSTIN_TEST_MUTATIONS ?? 15_000) / 10);

/** Where the random numbers begin. Another one tries other inputs. */
const SEED = Number(process.env.AUSTIN_TEST_SEED ?? 1);

/** Larger ones take their time, and tell no more. */
const MAX_BYTES = 15_000;

/** Texts that mean something to one format or the other. */
const PIECES = [
  'null',
  '-1',
  '1e999',
  '9007199254740993',
  '"',
  '\\ud800',
  '[]',
  '{',
  ']',
  ',',
  ';',
  ':',
  ' 5\n',
  '\0',
  '\x80',
].map((text) => bytesOf(text));

/** A small generator of its own: the same inputs for the same seed. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

function mutate(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  let mutant = Buffer.from(bytes);
  for (let edits = 1 + random(6); edits > 0 && mutant.length > 0; edits--) {
    const at = random(mutant.length);
    const length = 1 + random(24);
    switch (random(6)) {
      case 0:
        mutant[at] = random(256);
        break;
      case 1:
        mutant[at]! ^= 1 << random(8);
        break;
      case 2:
        mutant = Buffer.concat([mutant.subarray(0, at), mutant.subarray(at + length)]);
        break;
      case 3:
        mutant = Buffer.concat([mutant.subarray(0, at), PIECES[random(PIECES.length)]!, mutant.subarray(at)]);
        break;
      case 4:
        mutant = Buffer.concat([mutant.subarray(0, at + length), mutant.subarray(at)]);
        break;
      default:
        // Rarely, or little but cuts would be tried.
        if (random(8) === 0) mutant = mutant.subarray(0, at);
    }
  }
  return new Uint8Array(mutant);
}

/** What is wrong with the numbers of a profile, if anything. */
function troubleOf({ samples }: Profile): string | undefined {
  for (let i = 0; i < samples.length; i++) {
    if (!Number.isSafeInteger(samples.timeUs[i])) return `sample ${i} has ${samples.timeUs[i]} µs`;
    if (!Number.isSafeInteger(samples.memoryBytes[i]))
      return `sample ${i} has ${samples.memoryBytes[i]} bytes`;
  }
  return undefined;
}

const writable = formats.filter(({ write }) => write).map(({ id }) => id);

test(`${MUTATIONS} damaged inputs of other formats: no error but ours, and what is read can be written`, {
  timeout: 1e9,
}, async () => {
  const random = generator(SEED);
  const sources = inputs.flatMap(([path, format]) => {
    const packed = fixture(path);
    const bytes = isGzip(packed) ? new Uint8Array(gunzipSync(packed)) : packed;
    return format === 'mojo' || bytes.length > MAX_BYTES ? [] : [{ path, format, bytes }];
  });
  expect(new Set(sources.map(({ format }) => format)).size).toBeGreaterThanOrEqual(6);
  const outcomes = { read: 0, refused: 0 };
  for (let done = 0; done < MUTATIONS; done++) {
    const { path, format, bytes } = sources[random(sources.length)]!;
    const mutant = mutate(bytes, random);
    const to = writable[random(writable.length)]!;
    try {
      const profile = await readProfile([mutant], { format }).catch((error: unknown) => {
        if (!isAustinError(error) || error.kind !== 'data') throw error;
        outcomes.refused++;
        return undefined;
      });
      if (!profile) continue;
      outcomes.read++;
      expect(troubleOf(profile)).toBeUndefined();
      expect((await collect(writeProfile(profile, to))).length).toBeGreaterThanOrEqual(0);
    } catch (cause) {
      const where = `Mutation ${done} of seed ${SEED}, of ${path}, as ${to}`;
      throw new Error(`${where}: ${Buffer.from(mutant).toString('base64')}`, { cause });
    }
  }
  // Inputs that are always refused, or never hurt, would test nothing.
  expect(outcomes.read).toBeGreaterThan(MUTATIONS / 2);
  expect(outcomes.refused).toBeGreaterThan(MUTATIONS / 100);
});
