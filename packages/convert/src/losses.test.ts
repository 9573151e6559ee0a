import { existsSync } from 'node:fs';
import { FrameKind, type Profile, SampleFlag } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { readProfile, writeProfile } from './convert.js';
import type { Format } from './format.js';
import { formats } from './registry.js';
import { collect } from './testing/io.js';
import { profileOf, py, type TestFrame, type TestSample } from './testing/profiles.js';

/**
 * What a profile can say, as two profiles that differ in nothing else. A format that writes the same bytes for both
 * cannot hold it.
 */
const sayings: readonly (readonly [what: string, one: Profile, other: Profile])[] = [
  ['the process', ...each([1, 2], (pid) => [{ pid }])],
  ['the interpreter', ...each([0, 1], (iid) => [{ iid }])],
  ['whether the interpreter is known', ...each([0, null], (iid) => [{ iid }])],
  ['the id of the thread', ...each(['1', '2'], (tid) => [{ tid }])],
  ['the name of the thread', named('alpha'), named('beta')],
  [
    'which thread a sample is of',
    ...each(
      [
        [5, 7],
        [7, 5],
      ],
      ([one, other]) => [{ timeUs: one! }, { tid: '2', timeUs: other! }],
    ),
  ],
  [
    'the order of samples',
    ...each(['abab', 'aabb'], (order) => Array.from(order, (name) => ({ frames: [py('m.py', name, 1)] }))),
  ],
  [
    'where one sample ends and the next begins',
    ...each([[10], [5, 5]], (times) => times.map((timeUs) => ({ timeUs }))),
  ],
  ['samples without weight', ...each([[5], [5, 0]], (times) => times.map((timeUs) => ({ timeUs })))],
  [
    'whole stacks, and not only who called whom',
    ...each(
      [
        ['acd', 'bce'],
        ['ace', 'bcd'],
      ],
      (heavy) =>
        ['acd', 'ace', 'bcd', 'bce'].map((names) => ({
          frames: Array.from(names, (name) => py('m.py', name, 1)),
          timeUs: heavy.includes(names) ? 6 : 1,
        })),
    ),
  ],
  ['the file of a function', ...each(['a.py', 'b.py'], (file) => [{ frames: [py(file, 'f', 1)] }])],
  ['the first line of a function', ...frame({ firstLine: 3 }, { firstLine: 4 })],
  ['the line', ...frame({ line: 1 }, { line: 2 })],
  [
    'the line that a call was made from',
    ...each([1, 2], (line) => [{ frames: [py('m.py', 'outer', line), py('m.py', 'f', 9)] }]),
  ],
  ['the column', ...frame({ column: 3, columnEnd: 9 }, { column: 4, columnEnd: 9 })],
  [
    'the end line',
    ...frame({ lineEnd: 3, column: 1, columnEnd: 2 }, { lineEnd: 4, column: 1, columnEnd: 2 }),
  ],
  ['the end column', ...frame({ column: 1, columnEnd: 8 }, { column: 1, columnEnd: 9 })],
  [
    'kernel frames',
    ...frame({ file: 'kernel', line: 0, kind: FrameKind.Kernel }, { file: 'kernel', line: 0 }),
  ],
  [
    'that a frame is native, whatever its file',
    ...frame({ file: 'x.c', kind: FrameKind.Native }, { file: 'x.c' }),
  ],
  ['the address of machine code', ...code({ address: '1010' }, { address: '1011' })],
  ['the library of machine code', ...code({ path: '/a.so' }, { path: '/b.so' })],
  ['which build of the library it was', ...code({ buildId: 'aa' }, { buildId: 'bb' })],
  ['that the garbage collector ran', ...each([0, SampleFlag.Gc], (flags) => [{ flags }])],
  ['that the thread was idle (full mode)', ...each([0, SampleFlag.Idle], (flags) => [{ flags }], 'full')],
  ['that the thread held the interpreter lock', holder(0), holder(SampleFlag.HoldsGil)],
  ['that a stack was not read whole', ...each([0, SampleFlag.Invalid], (flags) => [{ flags }])],
  [
    'memory allocated (memory mode)',
    ...each([64, 65], (memoryBytes) => [{ memoryBytes, timeUs: 0 }], 'memory'),
  ],
  [
    'memory deallocated (memory mode)',
    ...each([-64, -65], (memoryBytes) => [{ memoryBytes, timeUs: 0 }], 'memory'),
  ],
  ['memory next to time (full mode)', ...each([64, 65], (memoryBytes) => [{ memoryBytes }], 'full')],
  [
    'metadata',
    profileOf({ mode: 'wall', fact: 'a' }, [{ timeUs: 5 }]),
    profileOf({ mode: 'wall', fact: 'b' }, [{ timeUs: 5 }]),
  ],
  ['metadata in its place between samples', placed(0), placed(1)],
  ['that a thread was not seen for a while', gapped(10), gapped(90)],
  ['semicolons in names', ...frame({ name: 'a;b' }, { name: 'a:b' })],
  ['line breaks in names', ...frame({ name: 'a\nb' }, { name: 'a b' })],
  ['control characters in names', ...frame({ name: 'a\u0007' }, { name: 'a\u0008' })],
  ['marks that turn the direction of text', ...frame({ name: 'a\u202e' }, { name: 'a\u202d' })],
  ['lone surrogates in names', ...frame({ name: 'a\ud800' }, { name: 'a\ud801' })],
  [
    'names of 64 KB',
    ...frame(
      { name: `${'x'.repeat(1 << 16)}a${'x'.repeat(1 << 10)}` },
      { name: `${'x'.repeat(1 << 16)}b${'x'.repeat(1 << 10)}` },
    ),
  ],
];

/** Two profiles with samples made of one value and of another. */
function each<T>(
  values: readonly [T, T] | readonly T[],
  make: (value: T) => TestSample[],
  mode = 'wall',
): [Profile, Profile] {
  const [one, other] = values.map((value) =>
    profileOf(
      { mode, 'x-thread-ids': 'hex' },
      make(value).map((sample) => ({ frames: [py('m.py', 'f', 1)], timeUs: 5, ...sample })),
    ),
  );
  return [one!, other!];
}

function frame(one: Partial<TestFrame>, other: Partial<TestFrame>): [Profile, Profile] {
  return each([one, other], (change) => [{ frames: [{ ...py('m.py', 'f', 1), ...change }] }]);
}

/** Machine code of a mapped file. */
function code(one: CodeChange, other: CodeChange): [Profile, Profile] {
  const of = ({ address = '1010', path = '/a.so', buildId = 'aa' }: CodeChange): Partial<TestFrame> => ({
    file: path,
    line: 0,
    kind: FrameKind.Native,
    code: { address, offset: 4, mapping: { path, start: '1000', end: '2000', base: '1000', buildId } },
  });
  return frame(of(one), of(other));
}

interface CodeChange {
  readonly address?: string;
  readonly path?: string;
  readonly buildId?: string;
}

function named(name: string): Profile {
  return profileOf({ mode: 'wall', 'x-thread-name:1:0:1': name }, [{ timeUs: 5 }]);
}

/** A sample of a recording that says who holds the interpreter lock. */
function holder(flags: number): Profile {
  return profileOf({ mode: 'wall', 'x-gil-holders': 'on' }, [{ timeUs: 5, flags }]);
}

/** Two samples and a fact after `after` of them. */
function placed(after: number): Profile {
  const profile = profileOf({ mode: 'wall', fact: 'x' }, [{ timeUs: 5 }, { timeUs: 5 }]);
  const metadata = profile.metadata.map((entry) =>
    entry.key === 'fact' ? { ...entry, sampleIndex: after } : entry,
  );
  return { ...profile, metadata };
}

/** Two samples of a thread, the second taken at some time: 10 µs if it follows the first. */
function gapped(timeUs: number): Profile {
  const profile = profileOf({ mode: 'wall' }, [{ timeUs: 5 }, { timeUs: 5 }]);
  const start = { key: 'x-thread-start:1:0:1', value: String(timeUs), sampleIndex: 1 };
  return { ...profile, metadata: [...profile.metadata, start] };
}

const writable = formats.filter(({ write }) => write);

/** The page of a format in the docs. */
const pageOf = (id: string): string => (id === 'markdown' || id === 'text' ? 'summary.md' : `${id}.md`);
const titles = writable.map(({ id }) => `[${id}](${pageOf(id)})`);

async function bytes(profile: Profile, format: string): Promise<string> {
  return Buffer.from(await collect(writeProfile(profile, format, { name: 'x', gzip: false }))).toString(
    'latin1',
  );
}

/** What our reader makes of what our writer wrote, in the words of the format that holds everything. */
async function readBack(profile: Profile, format: string): Promise<string> {
  const written = await collect(writeProfile(profile, format, { name: 'x', gzip: false }));
  return await bytes(await readProfile([written], { format }), 'jsonl');
}

/** What becomes of a thing in a format: it is lost; it is in the file; and our reader, if there is one, gives it back. */
type Fate = 'lost' | 'written' | 'held';

async function fateOf(one: Profile, other: Profile, { id, read }: Format): Promise<Fate> {
  if ((await bytes(one, id)) === (await bytes(other, id))) return 'lost';
  if (read && (await readBack(one, id)) === (await readBack(other, id))) return 'written';
  return 'held';
}

/** For each thing a profile can say, what becomes of it in each format. */
async function fates(): Promise<Map<string, Fate[]>> {
  const rows = new Map<string, Fate[]>();
  for (const [what, one, other] of sayings) {
    const row: Fate[] = [];
    for (const format of writable) row.push(await fateOf(one, other, format));
    rows.set(what, row);
  }
  return rows;
}

function page(rows: ReadonlyMap<string, readonly Fate[]>): string {
  const width = Math.max(...[...rows.keys()].map((what) => what.length));
  const cell = (text: string, at: number) => text.padEnd(titles[at]!.length);
  const line = (first: string, cells: readonly string[]) =>
    `| ${first.padEnd(width)} | ${cells.map(cell).join(' | ')} |\n`;
  return (
    `# What formats hold\n\n` +
    `Generated by \`packages/convert/src/losses.test.ts\`; \`pnpm vitest run packages/convert/src/losses.test.ts -u\` writes it anew.\n\n` +
    `The test writes two profiles that differ in one thing and in nothing else. Where the files are equal, the format cannot hold that\n` +
    `thing, and the table has a dash. What a format holds, our reader of it gives back, if there is one. Files are written with the\n` +
    `default options: \`--frames line\` adds lines to speedscope, and formats with room for one weight can write another one.\n\n` +
    line('', titles) +
    line(
      '-'.repeat(width),
      titles.map((title) => '-'.repeat(title.length)),
    ) +
    [...rows]
      .map(([what, row]) =>
        line(
          what,
          row.map((fate) => (fate === 'lost' ? '-' : 'yes')),
        ),
      )
      .join('') +
    `\nWhat every format conserves, tested for each fixture of each format that can be read (\`pairs.test.ts\`, and the tests of the\n` +
    `single formats, and read back by our own readers): the weight of every thread, or of all together where there are no threads, self and total of every function,\n` +
    `and the order of samples where the table says so.\n`
  );
}

describe('the table of what formats hold', async () => {
  const rows = await fates();

  it('is the one in the docs', async () => {
    await expect(page(rows)).toMatchFileSnapshot('../../../docs/formats/README.md');
  });

  it.each(writable.map(({ id, loses }, at) => ({ id, loses, at })))(
    '$id: says of itself that it loses what it loses',
    ({ loses, at }) => {
      const lost = [...rows].filter(([, row]) => row[at] === 'lost').map(([what]) => what);
      expect(lost.length > 0).toBe(loses.length > 0);
    },
  );

  it.each(writable.map(({ id }, at) => ({ id, at })))('$id: gives back what it holds', ({ at }) => {
    expect([...rows].filter(([, row]) => row[at] === 'written').map(([what]) => what)).toEqual([]);
  });

  it.each(writable.map(({ id }) => id))('%s: has a page in the docs', (id) => {
    expect(existsSync(new URL(`../../../docs/formats/${pageOf(id)}`, import.meta.url))).toBe(true);
  });

  it('tells two profiles apart that a format without losses writes', () => {
    const at = writable.findIndex(({ id }) => id === 'jsonl');
    expect([...rows].filter(([, row]) => row[at] === 'lost')).toEqual([]);
  });
});
