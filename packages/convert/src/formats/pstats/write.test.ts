import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Profile } from '@austin-profiler/profile';
import { afterAll, describe, expect, it } from 'vitest';
import { writeProfile } from '../../convert.js';
import { HOSTILE_NAMES, hostileProfile } from '../../testing/hostile.js';
import { inputs, readFixture } from '../../testing/inputs.js';
import { collect } from '../../testing/io.js';
import { profileOf, py } from '../../testing/profiles.js';
import { hasTool, run } from '../../testing/tools.js';
import { functionTotals } from '../../testing/truth.js';
import { oneWeight } from '../../weight-titles.js';

const folder = mkdtempSync(join(tmpdir(), 'austin-pstats-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hasPython = hasTool('python3', ['--version'], 'what pstats makes of our files');

/** Names as numbers, since lone surrogates cannot be printed. */
const DUMP = `
import json, pstats, sys
stats = pstats.Stats(sys.argv[1])
text = lambda key: [[ord(c) for c in key[0]], key[1], [ord(c) for c in key[2]]]
rows = [[text(key), list(row[:4]), [[text(k), list(v)] for k, v in row[4].items()]] for key, row in stats.stats.items()]
print(json.dumps({"total": stats.total_tt, "calls": stats.total_calls, "rows": rows}))
`;

type Key = [file: number[], line: number, name: number[]];
interface Dump {
  total: number;
  calls: number;
  rows: [Key, counts: [number, number, number, number], callers: [Key, number[]][]][];
}

async function load(profile: Profile, options = {}): Promise<Dump> {
  const path = join(folder, 'x.pstats');
  writeFileSync(path, await collect(writeProfile(profile, 'pstats', options)));
  return JSON.parse(run('python3', ['-c', DUMP, path])) as Dump;
}

/** Code points, paired surrogates joined as Python has them. */
const points = (text: string): number[] => Array.from(text, (character) => character.codePointAt(0)!);
const textOf = (codes: number[]): string => codes.map((code) => String.fromCodePoint(code)).join('');

describe.skipIf(!hasPython)("Python's pstats", () => {
  it.each(inputs)('%s: loads, with the same self and total of every function', async (path) => {
    const profile = await readFixture(path);
    const type = oneWeight(profile, {});
    const unit = type.unit === 'microseconds' ? 1e6 : 1;
    const expected = functionTotals(
      profile,
      type,
      (name, file, line, kind) => `${file || '~'}\0${line}\0${name}${['', ' [native]', ' [kernel]'][kind]}`,
    );
    const { rows, total } = await load(profile);
    const got = Object.fromEntries(
      rows.map(([[file, line, name], [, , self, cumulative]]) => [
        `${textOf(file)}\0${line}\0${textOf(name)}`,
        { self: self * unit, total: cumulative * unit },
      ]),
    );
    expect(Object.keys(got).sort()).toEqual(Object.keys(expected).sort());
    for (const [key, { self, total }] of Object.entries(expected)) {
      expect(got[key]!.self, key).toBeCloseTo(self, 6);
      expect(got[key]!.total, key).toBeCloseTo(total, 6);
    }
    const sum = Object.values(expected).reduce((all, { self }) => all + self, 0);
    expect(total * unit).toBeCloseTo(sum, 5);
  });

  it('prints them, and their callers', async () => {
    const path = join(folder, 'print.pstats');
    writeFileSync(
      path,
      await collect(writeProfile(await readFixture('collapsed/wall-3.7.austin'), 'pstats')),
    );
    const script =
      'import pstats, sys; s = pstats.Stats(sys.argv[1]); s.sort_stats("tottime").print_stats(); s.print_callers()';
    const printed = run('python3', ['-c', script, path]);
    expect(printed).toContain('function calls in 0.005 seconds');
    expect(printed).toMatch(/load\)\s+<-\s+\d+/);
  });

  it('keeps every name, however hostile', async () => {
    const { rows } = await load(hostileProfile(), { weight: 'wall' });
    const names = rows.map(([[, , name]]) => name);
    for (const name of HOSTILE_NAMES) expect(names).toContainEqual(points(name));
  });

  it('counts recursion once, and calls by who made them', async () => {
    const frames = ['a', 'b', 'a', 'b'].map((name) => py('m.py', name, 1));
    const { rows } = await load(profileOf({ mode: 'wall' }, [{ frames, timeUs: 2_000_000 }]));
    const shown = rows.map(([[, , name], counts, callers]) => [
      textOf(name),
      { counts, callers: callers.map(([[, , caller], values]) => [textOf(caller), values]) },
    ]);
    expect(Object.fromEntries(shown)).toEqual({
      a: { counts: [1, 1, 0, 2], callers: [['b', [1, 1, 0, 2]]] },
      b: { counts: [1, 1, 2, 2], callers: [['a', [1, 1, 2, 2]]] },
    });
  });

  it('has counts beyond 31 bits', async () => {
    const frames = [{ ...py('m.py', 'f', 1) }];
    const { rows } = await load(profileOf({ mode: 'memory' }, [{ frames, memoryBytes: 2 ** 40 }]));
    expect(rows[0]![1]).toEqual([1, 1, 2 ** 40, 2 ** 40]);
  });
});

describe('pstats', () => {
  it('refuses a weight that the profile does not have', async () => {
    const profile = profileOf({ mode: 'wall' }, [{ timeUs: 1 }]);
    await expect(collect(writeProfile(profile, 'pstats', { weight: 'allocated' }))).rejects.toMatchObject({
      code: 'ERR_USAGE_WEIGHT',
      hint: 'It has: wall.',
    });
  });
});
