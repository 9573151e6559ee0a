import { expect, test } from 'vitest';
import { readProfile } from '../../convert.js';
import { bytesOf, chunked } from '../../testing/io.js';
import { contents } from '../../testing/profiles.js';

const HEAD = '# mode: wall\n';

/** What one line after another begins with, ends in, and may have in between. */
const THREADS = ['P1;T2', 'P1;T22', 'P12;T2', 'P1;T0:2', 'P1;TMain Thread', 'P1;Tä', 'P1;T', 'PX;T2', 'P1;'];
const PIECES = [
  'a.py:f:1',
  'a.py:f:12',
  'a b.py:g h:3',
  ':GC:',
  ':INVALID:',
  'ä.py:ö:7',
  'x',
  'a.py:f',
  ':1',
  'native@1f:std::f:16',
  'kernel:read:0',
  '',
  'x:y z:4',
];
const ENDS = [' 5', ' 12', ' -3', ' 7;8', ' 1,0,4', '', ' x', ' 5 ', ' 5\r', ' 1234567890123456'];

function randomly(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

/** Lines that mostly begin as an earlier one did. */
function randomLines(seed: number): string[] {
  const random = randomly(seed);
  const stacks: string[][] = [[]];
  const lines: string[] = [];
  for (let i = 0; i < 400; i++) {
    const stack = stacks[Math.max(0, stacks.length - 1 - random(3))]!.slice(0, random(6));
    while (random(3) > 0) stack.push(PIECES[random(random(2) ? 3 : PIECES.length)]!);
    stacks.push(stack);
    const thread = THREADS[random(random(4) ? 3 : THREADS.length)]!;
    lines.push([thread, ...stack].join(';') + ENDS[random(random(3) ? 2 : ENDS.length)]!);
  }
  return lines;
}

const samplesOf = async (text: string, size?: number): Promise<unknown[]> => {
  const profile = await readProfile(chunked(bytesOf(text), size), { format: 'collapsed' });
  const { samples } = contents(profile) as { samples: unknown[] };
  return samples;
};

test.each([1, 2, 3, 4, 5])('a line says the same whatever came before it (%i)', async (seed) => {
  const lines = randomLines(seed);
  const alone = await Promise.all(lines.map((line) => samplesOf(`${HEAD}${line}\n`)));
  const expected = alone.flat();
  expect(expected.length).toBeGreaterThan(100);
  expect(expected.length).toBeLessThan(400);
  const text = `${HEAD}${lines.join('\n')}`;
  for (const size of [7, 1000, text.length * 2]) expect(await samplesOf(text, size)).toEqual(expected);
});

test('a byte order mark is only one at the start, over any chunk border', async () => {
  const line = 'P1;T2;\ufeffa.py:f:1 5\n';
  for (const size of [1, 2, 3, 100]) {
    expect(await samplesOf(`\ufeff${HEAD}${line}`, size)).toEqual(await samplesOf(`${HEAD}${line}`));
  }
  expect(await samplesOf(`${HEAD}${line}`)).toMatchObject([{ frames: [{ file: '\ufeffa.py' }] }]);
});

test('equal numbers that are other bytes are no common start of two lines', async () => {
  // Eight bytes that are 0 as a double, and as another one -0.
  const zeros = '\0'.repeat(8);
  const lines = [zeros, `${'\0'.repeat(7)}\x01`, zeros].map((name) => `P1;T2;a.py:abcdefgh${name}:1 5\n`);
  expect(await samplesOf(HEAD + lines.join(''))).toHaveLength(3);
  const names = (await samplesOf(HEAD + lines.join(''))).map(
    (row) => (row as { frames: { name: string }[] }).frames,
  );
  expect(names[0]).not.toEqual(names[1]);
  expect(names[0]).toEqual(names[2]);
});
