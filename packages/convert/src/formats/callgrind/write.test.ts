import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Profile } from '@austin-profiler/profile';
import { afterAll, describe, expect, it } from 'vitest';
import { writeProfile } from '../../convert.js';
import { HOSTILE_NAMES, hostileProfile } from '../../testing/hostile.js';
import { inputs, readFixture } from '../../testing/inputs.js';
import { collect, collectText } from '../../testing/io.js';
import { profileOf, py } from '../../testing/profiles.js';
import { hasTool, run } from '../../testing/tools.js';
import { functionTotals } from '../../testing/truth.js';
import { weightTypes } from '../../weights.js';
import { oneLine } from './names.js';

const folder = mkdtempSync(join(tmpdir(), 'austin-callgrind-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hasAnnotate = hasTool(
  'callgrind_annotate',
  ['--version'],
  'what callgrind_annotate makes of our files',
);

/** What `callgrind_annotate` prints: function to the number of each event. */
async function annotate(profile: Profile, ...options: string[]): Promise<Map<string, number[]>> {
  const path = join(folder, 'x.callgrind');
  writeFileSync(path, await collect(writeProfile(profile, 'callgrind')));
  const printed = run('callgrind_annotate', ['--threshold=100', '--auto=no', ...options, path]);
  const rows = new Map<string, number[]>();
  for (const line of printed.split('\n')) {
    const match = /^((?:\s*[\d,]+(?: \(\s*[\d.]+%\))?)+)\s{2,}(\S.*)$/.exec(line);
    if (!match) continue;
    const numbers = match[1]!
      .replace(/\([^)]*\)/g, '')
      .trim()
      .split(/\s+/);
    rows.set(
      // Where functions are of objects, these stand behind them.
      match[2]!.replace(/ \[[^[]*\]$/, ''),
      numbers.map((number) => (number === '.' ? 0 : Number(number.replaceAll(',', '')))),
    );
  }
  return rows;
}

const keyOf = (name: string, file: string): string => `${oneLine(file) || '???'}:${oneLine(name)}`;

describe.skipIf(!hasAnnotate)('callgrind_annotate', () => {
  it.each(inputs)('%s: shows the same total, self and inclusive', async (path) => {
    const profile = await readFixture(path);
    const self = await annotate(profile);
    const inclusive = await annotate(profile, '--inclusive=yes');
    for (const [at, type] of weightTypes(profile).entries()) {
      const expected = functionTotals(profile, type, keyOf);
      const sum = Object.values(expected).reduce((all, one) => all + one.self, 0);
      if (sum > 0) expect(self.get('PROGRAM TOTALS')![at]).toBe(sum);
      for (const [key, one] of Object.entries(expected)) {
        expect(self.get(key)?.[at] ?? 0, key).toBe(one.self);
        expect(inclusive.get(key)?.[at] ?? 0, key).toBe(one.total);
      }
    }
  });

  it('shows each thread with what it weighs', async () => {
    const inclusive = await annotate(await readFixture('collapsed/full.austin'), '--inclusive=yes');
    expect(inclusive.get('???:<thread 300:0:300>')).toEqual([8193, 8193, 0, 8192]);
    expect(inclusive.get('???:<thread 301:1:301>')).toEqual([0, 64, 2 ** 32, 0]);
  });

  it('adds recursion up once', async () => {
    const frames = ['a', 'x', 'a', 'c', 'x'].map((name) => py('m.py', name, 1));
    const profile = profileOf({ mode: 'wall' }, [
      { frames, timeUs: 7 },
      { frames: [frames[3]!], timeUs: 5 },
    ]);
    const inclusive = await annotate(profile, '--inclusive=yes');
    expect(['a', 'x', 'c'].map((name) => inclusive.get(`m.py:${name}`))).toEqual([[7], [7], [12]]);
    const self = await annotate(profile);
    expect(['a', 'x', 'c'].map((name) => self.get(`m.py:${name}`) ?? [0])).toEqual([[0], [7], [5]]);
  });

  it('reads every name, however hostile, and adds up', async () => {
    const profile = hostileProfile();
    const wall = weightTypes(profile)[1]!;
    const self = await annotate(profile);
    for (const [key, one] of Object.entries(functionTotals(profile, wall, keyOf))) {
      expect(self.get(key)?.[1] ?? 0, key.slice(0, 80)).toBe(one.self);
    }
  });
});

describe('callgrind', () => {
  it('holds to the grammar: each line is one that callgrind knows', async () => {
    const known =
      /^(#.*|version: 1|creator: .+|cmd: .+|positions: line|events?: .+|(?:ob|fl|fn|cob|cfi|cfn)=\(\d+\)(?: .+)?|calls=\d+ \d+|\d+( \d+)+|totals: .+|)$/;
    for (const profile of [hostileProfile(), await readFixture('collapsed/full.austin')]) {
      const text = await collectText(writeProfile(profile, 'callgrind', { name: 'a\nb' }));
      for (const line of text.split('\n')) expect(line).toMatch(known);
    }
    expect(HOSTILE_NAMES.map(oneLine).every((name) => !/[\r\n]/.test(name))).toBe(true);
  });

  it('writes calls with the line they were made from', async () => {
    const frames = [py('m.py', 'f', 12), py('n.py', 'g', 34)];
    const profile = profileOf({ mode: 'wall' }, [{ frames, timeUs: 5 }]);
    const text = await collectText(writeProfile(profile, 'callgrind'));
    expect(text).toContain('fl=(2)\nfn=(2)\ncfi=(3) n.py\ncfn=(3) g\ncalls=1 0\n12 5\n');
    expect(text).toContain('fn=(3)\n34 5\n');
  });
});
