import { isAustinError } from '@austin-profiler/profile';
import { describe, expect, test } from 'vitest';
import { describeSamples, readProfile } from '../testing/describe-profile.js';
import { concat, readFixture } from '../testing/fixtures.js';
import { Random, randomEvents } from '../testing/random.js';
import { decodeMojo, MojoDecoder } from './decode.js';
import { encodeMojo } from './encode.js';
import { writeMojo } from './from-profile.js';

/** Runs a reader and swallows the one kind of error it may throw. */
function attempt<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (!isAustinError(error) || error.kind !== 'data') throw error;
    return `${error.code} at ${error.offset}`;
  }
}

function mutate(random: Random, bytes: Uint8Array): Uint8Array {
  let mutant = concat([bytes]);
  for (let edits = 1 + random.below(5); edits > 0 && mutant.length > 0; edits--) {
    const at = random.below(mutant.length);
    const length = 1 + random.below(12);
    switch (random.below(5)) {
      case 0:
        mutant[at] = random.below(256);
        break;
      case 1:
        mutant[at]! ^= 1 << random.below(8);
        break;
      case 2:
        mutant = concat([mutant.subarray(0, at), mutant.subarray(at + length)]);
        break;
      case 3:
        mutant = concat([mutant.subarray(0, at), random.bytes(length), mutant.subarray(at)]);
        break;
      default:
        mutant = concat([mutant, mutant.subarray(at, at + length * 4)]);
    }
  }
  return mutant;
}

describe('damaged input', () => {
  test.each(['a', 'b', 'c', 'tasks', 'definitions-before-stack', 'kernel-frames-and-invalid', 'random'])(
    '%s, mutated: no error but ours, and the same events however it is split',
    { timeout: 60_000 },
    (name) => {
      const random = new Random(11);
      for (let round = 0; round < 150; round++) {
        const source = name === 'random' ? encodeMojo(randomEvents(random, 4, 30), 4) : readFixture(name);
        const bytes = mutate(random, source);
        const whole = attempt(() => decodeMojo(bytes));
        const split = attempt(() => decodeSplit(random, bytes));
        expect(split).toEqual(whole);
        attempt(() => decodeMojo(bytes, { strict: true }));
        attempt(() => readProfile([bytes], { strict: true }));
        attempt(() => readProfile(random.split(bytes)));
        const profile = attempt(() => readProfile([bytes]));
        if (typeof profile === 'string') continue;
        describeSamples(profile);
        attempt(() => concat(writeMojo(profile, { version: 4 })));
      }
    },
  );

  test('noise behind a header', { timeout: 60_000 }, () => {
    const random = new Random(12);
    for (let round = 0; round < 100; round++) {
      const bytes = concat([
        readFixture('header-only').subarray(0, 3),
        Uint8Array.of(1 + random.below(4)),
        random.bytes(200),
      ]);
      attempt(() => readProfile([bytes]));
      attempt(() => readProfile(random.split(bytes), { strict: true }));
    }
  });
});

function decodeSplit(random: Random, bytes: Uint8Array) {
  const decoder = new MojoDecoder();
  const events = [];
  for (const chunk of random.split(bytes)) events.push(...decoder.push(chunk));
  decoder.end();
  return { version: decoder.version, events, diagnostics: decoder.diagnostics };
}
