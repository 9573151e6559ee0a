import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { austin, BUSY, PYTHON, script, temporaryFolder } from './cli-helpers.js';

const ONE = '# mode: wall\n# duration: 300\nP1;T0:11;a.py:f:1 100\nP1;T0:11;a.py:f:1 200\n';
const TWO = '# mode: wall\n# duration: 50\nP1;T0:11;a.py:f:1 30\nP2;T0:21;a.py:g:2 20\n';

function folder(): string {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'one.austin'), ONE);
  writeFileSync(join(cwd, 'two.austin'), TWO);
  return cwd;
}

function samples(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('P'));
}

describe('austin merge', () => {
  it('puts samples one behind the other, and adds up what is known of them', async () => {
    const { code, stdout, stderr } = await austin(['merge', 'one.austin', 'two.austin', '-o', '-'], {
      cwd: folder(),
    });
    expect(code).toBe(0);
    expect(samples(stdout.toString())).toEqual([
      'P1;T0:11;a.py:f:1 100',
      'P1;T0:11;a.py:f:1 200',
      'P1;T0:11;a.py:f:1 30',
      'P2;T0:21;a.py:g:2 20',
    ]);
    expect(stdout.toString()).toContain('# duration: 350\n');
    expect(stderr).toContain('taken for the same: process 1; `--apart`');
  });

  it('keeps processes apart, and adds up equal samples, when asked to', async () => {
    const args = ['merge', 'one.austin', '-', '--apart', '--compress', '-o', '-'];
    const { stdout, stderr } = await austin(args, { cwd: folder(), input: TWO });
    expect(stderr).toBe('');
    expect(samples(stdout.toString())).toEqual([
      'P1;T0:11;a.py:f:1 300',
      'P3;T0:11;a.py:f:1 30',
      'P2;T0:21;a.py:g:2 20',
    ]);
    expect(stdout.toString()).toContain('# x-pid:3: 1\n');
  });

  it('says which of the files is damaged, and which cannot be read', async () => {
    const cwd = folder();
    await austin(['convert', 'one.austin', '-o', 'one.mojo'], { cwd });
    writeFileSync(join(cwd, 'cut.mojo'), readFileSync(join(cwd, 'one.mojo')).subarray(0, -1));
    const damaged = await austin(['merge', 'two.austin', 'cut.mojo', '-t', 'collapsed', '-o', '-'], { cwd });
    expect(damaged.code).toBe(0);
    expect(samples(damaged.stdout.toString()).length).toBeGreaterThanOrEqual(3);
    expect(damaged.stderr).toMatch(/^austin: not everything could be read: cut\.mojo: .* \(ERR_MOJO_\w+\)$/m);
    writeFileSync(join(cwd, 'words'), 'no profile');
    for (const command of [
      ['merge', 'two.austin', 'words', '-o', '-'],
      ['diff', 'two.austin', 'words'],
    ]) {
      const refused = await austin(command, { cwd });
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(
        /^austin: words: The input is of no known format: .* \(ERR_FORMAT_UNKNOWN\)$/m,
      );
      expect(refused.stdout.toString()).toBe('');
    }
  });

  it('takes a thread of MOJO and of text for the same, and writes beside the first input', async () => {
    const cwd = folder();
    await austin(['convert', 'one.austin', '-o', 'one.mojo'], { cwd });
    const { code, stderr } = await austin(['merge', 'one.mojo', 'two.austin'], { cwd });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^austin: wrote one\.merged\.mojo, mojo, \d+ B: 4 samples of 2 threads$/m);
    expect(readdirSync(cwd).sort()).toEqual(['one.austin', 'one.merged.mojo', 'one.mojo', 'two.austin']);
    expect(readFileSync(join(cwd, 'one.mojo')).subarray(0, 3).toString()).toBe('MOJ');
  });

  it('puts the files of a rotated recording together again', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${BUSY}\nouter(4000)\n`);
    const args = ['record', '-i', '100us', '--rotate', '10kB', '-o', 'app.mojo', '--', PYTHON, 'app.py'];
    expect((await austin(args, { cwd })).code).toBe(0);
    const parts = readdirSync(cwd).filter((name) => name.endsWith('.mojo'));
    expect(parts.length).toBeGreaterThan(1);
    const total = async (name: string) => {
      const { stdout } = await austin(['summary', '--json', name], { cwd });
      return JSON.parse(stdout.toString()) as { total: number; samples: number };
    };
    expect((await austin(['merge', ...parts.sort(), '-o', 'all.mojo'], { cwd })).code).toBe(0);
    const sums = await Promise.all(parts.map(total));
    const all = await total('all.mojo');
    expect(all.samples).toBe(sums.reduce((sum, { samples: count }) => sum + count, 0));
    expect(all.total).toBe(sums.reduce((sum, part) => sum + part.total, 0));
  });

  it.each([
    [['one.austin', 'nope', '-o', 'out.mojo'], 1, 'ERR_INPUT_READ'],
    [['one.austin', 'memory.austin', '-o', 'out.mojo'], 1, 'ERR_MERGE_UNLIKE'],
    [['-', '-', '-o', 'out.mojo'], 2, 'standard input can be read once only'],
    [['-o', 'out.mojo'], 2, 'ERR_USAGE_ARGUMENT'],
    [['one.austin', 'two.austin', '-o', '/dev/full'], 1, 'no space left on device'],
  ])('merge %j', async (args, code, error) => {
    const cwd = folder();
    writeFileSync(join(cwd, 'memory.austin'), '# mode: memory\nP1;T0:1;a.py:f:1 5\n');
    const before = readdirSync(cwd);
    const result = await austin(['merge', ...args], { cwd });
    expect(result.stderr).toContain(error);
    expect(result.stderr).not.toMatch(/^ {4}at /m);
    expect(result.code).toBe(code);
    expect(readdirSync(cwd)).toEqual(before);
  });
});
