import { readdirSync, readFileSync } from 'node:fs';
import {
  type AustinError,
  compressProfile,
  isAustinError,
  type Profile,
  ProfileBuilder,
} from '@austin-profiler/profile';
import { decodeMojo } from '../src/decode.js';
import { writeMojo } from '../src/from-profile.js';
import { MojoInspector } from '../src/inspect.js';
import { MojoReader } from '../src/to-profile.js';
import { concat } from './fixtures.js';
import type { Random } from './random.js';

/** Texts that every reader needs in its way, and ids and numbers of which damage is made. */
const PIECES: readonly (readonly number[])[] = [
  [0x4d, 0x4f, 0x4a, 4],
  [1, 0x6d, 0x6f, 0x64, 0x65, 0, 0x66, 0x75, 0x6c, 0x6c, 0],
  [2, 1, 0, 0x61, 0],
  [3, 7, 2, 1, 1, 0, 0, 0],
  [5, 7],
  [6, 0x6b, 0],
  [9, 1],
  [10, 0x41],
  [11, 2, 0xff, 0],
  [13],
  [14, 1, 2],
  [15, 1, 2],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0x80],
  [0],
];

/** What mutants are made of: every small fixture. */
export function fuzzSources(): Uint8Array[] {
  const folder = new URL('../../../fixtures/mojo/', import.meta.url);
  return [folder, new URL('native-vectors/', folder)].flatMap((from) =>
    readdirSync(from)
      .filter((file) => file.endsWith('.mojo'))
      .map((file) => new Uint8Array(readFileSync(new URL(file, from))))
      .filter((bytes) => bytes.length <= 1000),
  );
}

/** A file with a few bytes changed, lost, put in, doubled, or taken from another. */
export function mutate(random: Random, sources: readonly Uint8Array[]): Uint8Array {
  let mutant = random.pick(sources).slice();
  // Nothing is looked at behind a broken header.
  const first = random.bool(20) ? 0 : 4;
  for (let edits = 1 + random.below(5); edits > 0 && mutant.length > first; edits--) {
    const at = first + random.below(mutant.length - first);
    const length = 1 + random.below(12);
    switch (random.below(7)) {
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
        mutant = concat([mutant.subarray(0, at), Uint8Array.from(random.pick(PIECES)), mutant.subarray(at)]);
        break;
      case 4:
        mutant = concat([mutant, mutant.subarray(at, at + length * 4)]);
        break;
      case 5:
        mutant = mutant.slice(0, at);
        break;
      default: {
        const other = random.pick(sources);
        const from = random.below(other.length + 1);
        mutant = concat([
          mutant.subarray(0, at),
          other.subarray(from, from + length * 8),
          mutant.subarray(at),
        ]);
      }
    }
  }
  return mutant;
}

/**
 * Reads a file in every way and checks what must be true of each.
 *
 * @returns the code of the error or first diagnostic, or "ok"
 * @throws whatever is wrong with the readers
 */
export function readEveryWay(random: Random, bytes: Uint8Array): string {
  const decoded = attempt(() => decodeMojo(bytes));
  const profile = attempt(() => read([bytes]));
  if (isAustinError(decoded) || isAustinError(profile)) {
    const codes = [decoded, profile].map((result) => (isAustinError(result) ? result.code : 'ok'));
    claim(codes[0] === codes[1], 'what cannot be read as events cannot be read as samples');
    return codes[0]!;
  }

  let end = 4;
  for (const { offset, size } of decoded.events) {
    claim(offset >= end && (offset === end || end === 4), 'events follow each other');
    end = offset + size;
  }
  claim(end <= bytes.length, 'events lie inside the file');
  claim(decoded.diagnostics.length > 0 || end === bytes.length, 'what is not read is reported');
  claim(
    decoded.diagnostics.every(({ offset }) => offset! >= 0 && offset! <= bytes.length),
    'offsets lie inside the file',
  );

  claim(profile.samples.length <= bytes.length, 'a sample takes bytes');
  claim(profile.tables.stackCount <= bytes.length, 'a stack takes bytes');
  const damage = profile.diagnostics.filter(({ code }) => code !== 'ERR_MOJO_TASKS_IGNORED');
  if (random.bool()) {
    const strict = attempt(() => read([bytes], true));
    claim(isAustinError(strict) === damage.length > 0, 'strict fails where lenient reports');
    claim(!isAustinError(strict) || strict.offset !== undefined, 'errors say where');
  } else {
    const cut = random.below(bytes.length + 1);
    claim(isSame(read([bytes.subarray(0, cut), bytes.subarray(cut)]), profile), 'chunks do not show');
  }
  if (random.bool(8)) readAgain(bytes, profile);
  return damage[0]?.code ?? 'ok';
}

/** What takes longer: looking at events, writing, compressing. */
function readAgain(bytes: Uint8Array, profile: Profile): void {
  const inspector = new MojoInspector();
  inspector.push(bytes);
  const { samples } = inspector.end();
  claim(samples === profile.samples.length, 'an inspector counts the samples that a reader delivers');
  const times = profile.samples.timeUs;
  // Sums of more are not exact as doubles.
  if (times.every((time) => Math.abs(time) < 2 ** 43)) {
    claim(sum(compressProfile(profile).samples.timeUs) === sum(times), 'time is conserved');
  }
  const written = attempt(() => concat(writeMojo(profile, { version: 4 })));
  if (isAustinError(written)) {
    claim(written.code === 'ERR_MOJO_UNENCODABLE', 'only numbers can be unwritable');
    return;
  }
  claim(read([written], true).samples.length === profile.samples.length, 'what is written can be read');
}

function read(chunks: readonly Uint8Array[], strict = false): Profile {
  const builder = new ProfileBuilder();
  const reader = new MojoReader(builder, { strict });
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return builder.build();
}

/** The result, or the one kind of error that may be thrown. */
function attempt<T>(run: () => T): T | AustinError {
  try {
    return run();
  } catch (error) {
    if (!isAustinError(error) || error.kind !== 'data') throw error;
    return error;
  }
}

function isSame(one: Profile, other: Profile): boolean {
  for (const column of ['stack', 'thread', 'timeUs', 'memoryBytes', 'flags'] as const) {
    const values = other.samples[column];
    if (!one.samples[column].every((value, i) => Object.is(value, values[i]))) return false;
  }
  return (
    one.samples.length === other.samples.length &&
    one.metadata.length === other.metadata.length &&
    one.diagnostics.length === other.diagnostics.length &&
    one.diagnostics.every(({ code, offset, count }, i) => {
      const same = other.diagnostics[i]!;
      return code === same.code && offset === same.offset && count === same.count;
    })
  );
}

function sum(weights: Float64Array): number {
  return weights.reduce((total, weight) => total + weight, 0);
}

function claim(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`It does not hold that ${what}.`);
}
