import { readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { isAustinError } from '@austin-profiler/profile';
import { expect, it } from 'vitest';
import { readProfile } from './convert.js';
import { isGzip } from './gzip.js';
import { bytesOf, fixture, fixturePath } from './testing/io.js';

const FORMATS = ['speedscope', 'pprof', 'cpuprofile', 'firefox', 'trace', 'perf'];
const MUTATIONS = 40;

/** What stands in the place of a number, or in the middle of anything. */
const WORDS = [
  'null',
  '-1',
  '1e308',
  '""',
  '{}',
  '[]',
  '99999999999',
  '"__proto__"',
  '[[[[',
  '}}',
  '4294967295',
];

function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutate(bytes: Buffer, random: (below: number) => number): Buffer {
  const at = random(bytes.length);
  const before = bytes.subarray(0, at);
  const length = random(200);
  switch (random(5)) {
    case 0:
      return Buffer.concat([before, Buffer.from([random(256)]), bytes.subarray(at + 1)]);
    case 1:
      return Buffer.concat([before, bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([
        before,
        bytes.subarray(random(bytes.length)).subarray(0, length),
        bytes.subarray(at),
      ]);
    default: {
      const text = bytes.toString('latin1');
      const number = /[\d.]+/.exec(text.slice(at));
      const from = at + (number?.index ?? 0);
      const word = Buffer.from(WORDS[random(WORDS.length)]!);
      return Buffer.concat([bytes.subarray(0, from), word, bytes.subarray(from + (number?.[0].length ?? 0))]);
    }
  }
}

const files = FORMATS.flatMap((format) =>
  readdirSync(fixturePath(format)).map((name) => [format, name] as const),
);

it.each(files)(
  '%s/%s: whatever is changed in it, there is a profile or an error of ours',
  async (format, name) => {
    const random = randomNumbers(name.length);
    const packed = fixture(`${format}/${name}`);
    const original = Buffer.from(isGzip(packed) ? gunzipSync(packed) : packed);
    for (let run = 0; run < MUTATIONS; run++) {
      let bytes: Buffer = original;
      for (let count = random(3); count >= 0; count--) bytes = mutate(bytes, random);
      const read = await readProfile([bytes], { format }).catch((error: unknown) => error);
      if (isAustinError(read)) continue;
      if (read instanceof Error) throw read;
      const { timeUs, memoryBytes } = (read as Awaited<ReturnType<typeof readProfile>>).samples;
      expect(timeUs.every((time) => Number.isSafeInteger(time) && time >= 0)).toBe(true);
      expect(memoryBytes.every(Number.isSafeInteger)).toBe(true);
    }
  },
  30_000,
);

it('reads hostile shapes in time', async () => {
  const many = 100_000;
  const never = Array.from({ length: many }, (_, i) => ({
    ph: i < many / 2 ? 'B' : 'E',
    ts: i,
    pid: 1,
    tid: 1,
    name: i < many / 2 ? 'a' : 'b',
  }));
  await readProfile([bytesOf(JSON.stringify(never))], { format: 'trace' });
  const deep = '['.repeat(1_000_000);
  await expect(readProfile([bytesOf(`{"profiles":${deep}`)], { format: 'speedscope' })).rejects.toMatchObject(
    {
      code: 'ERR_JSON_INVALID',
    },
  );
  const blanks = `a${' '.repeat(65536)}\n`;
  await readProfile([bytesOf(blanks)], { format: 'perf' });
  const frame = ' ('.repeat(32768);
  const profile = await readProfile([bytesOf(`${frame}:x) 1\n`)], { format: 'collapsed' });
  expect(profile.samples.length).toBe(1);
}, 30_000);
