import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { austin, CLI, start, temporaryFolder } from './cli-helpers.js';

/** A hundred samples of each function in `weights`. */
function stacksOf(weights: Readonly<Record<string, number>>, thread = 11, line = 3): string {
  const lines = Object.entries(weights).flatMap(([name, us]) =>
    Array.from({ length: 100 }, () => `P1;T0:${thread};app.py:main:${line};app.py:${name}:7 ${us}`),
  );
  return ['# mode: wall', ...lines, ''].join('\n');
}

const BEFORE = stacksOf({ parse: 50, work: 50 });
/** Slower, of another thread, and with a line more above. */
const AFTER = stacksOf({ parse: 100, work: 50, log: 50 }, 12, 4);

function folder(): string {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'before.austin'), BEFORE);
  writeFileSync(join(cwd, 'after.austin'), AFTER);
  return cwd;
}

interface Change {
  readonly before: number;
  readonly after: number;
  readonly change: number;
  readonly interval: readonly [number, number] | null;
  readonly isClear: boolean;
}

interface Diff {
  readonly metric: string;
  readonly before: { readonly total: number; readonly samples: number };
  readonly after: { readonly total: number; readonly samples: number };
  readonly functions: readonly { readonly name: string; readonly self: Change; readonly total: Change }[];
}

describe('austin diff', () => {
  it('shows functions whose share has changed, and how sure that is', async () => {
    const { code, stdout, stderr } = await austin(['diff', 'before.austin', 'after.austin'], {
      cwd: folder(),
    });
    expect([code, stderr]).toEqual([0, '']);
    const text = stdout.toString();
    expect(text.split('\n')[0]).toBe('Wall time: 10 ms in 200 samples before, 20 ms in 300 samples after');
    expect(text).toMatch(
      /^ *0 µs +0\.0 % +5 ms +25\.0 % +\+25\.0\* +\+\d+\.\d to \+\d+\.\d +log {2}app\.py$/m,
    );
    expect(text).toMatch(
      /^ *5 ms +50\.0 % +5 ms +25\.0 % +-25\.0\* +-\d+\.\d to -\d+\.\d +work {2}app\.py$/m,
    );
    expect(text).toMatch(/^ *5 ms +50\.0 % +10 ms +50\.0 % +0\.0 +-\d+\.\d to \+\d+\.\d +parse {2}app\.py$/m);
  });

  it('says the same as JSON', async () => {
    const { stdout } = await austin(['diff', '--json', 'before.austin', 'after.austin'], { cwd: folder() });
    const diff = JSON.parse(stdout.toString()) as Diff;
    expect(diff).toMatchObject({
      metric: 'wall',
      before: { total: 10_000, samples: 200 },
      after: { total: 20_000 },
    });
    const of = (name: string) => diff.functions.find((row) => row.name === name)!;
    expect(of('work').self).toMatchObject({ before: 5000, after: 5000, change: -0.25, isClear: true });
    expect(of('parse').self).toMatchObject({ change: 0, isClear: false });
    expect(of('main').total).toMatchObject({ before: 10_000, after: 20_000, change: 0 });
  });

  it('says that the profiles have no function in common', async () => {
    const cwd = folder();
    const { stdout } = await austin(['diff', 'before.austin', '-'], {
      cwd,
      input: BEFORE.replaceAll('app.py', 'other.py'),
    });
    expect(stdout.toString()).toContain('No function is in both profiles');
    const same = await austin(['diff', 'before.austin', 'after.austin'], { cwd });
    expect(same.stdout.toString()).not.toContain('No function is in both');
  });

  it('finds files again whose folder was renamed, and says so', async () => {
    const cwd = folder();
    const input = AFTER.replaceAll('app.py', '/new/place/app.py');
    const moved = await austin(['diff', 'before.austin', '-'], { cwd, input });
    const text = moved.stdout.toString();
    expect(text).toMatch(/^ *5 ms +50\.0 % +10 ms +50\.0 % .* parse {2}\/new\/place\/app\.py$/m);
    expect(text).toContain(
      '1 file was in another folder before, and found by the end of the path, such as app.py, now /new/place/app.py.',
    );
    const json = await austin(['diff', '--json', 'before.austin', '-'], { cwd, input });
    expect((JSON.parse(json.stdout.toString()) as Diff).functions).toContainEqual(
      expect.objectContaining({ name: 'parse', file: '/new/place/app.py', fileBefore: 'app.py' }),
    );
    const folded = await austin(['diff', '--folded', 'before.austin', '-'], { cwd, input });
    const same = await austin(['diff', '--folded', 'before.austin', 'after.austin'], { cwd });
    expect(folded.stdout.toString()).toBe(same.stdout.toString());
    const plain = await austin(['diff', 'before.austin', 'after.austin'], { cwd });
    expect(plain.stdout.toString()).not.toContain('another folder');
  });

  it('prints folded stacks for differential flame graphs', async () => {
    const { stdout } = await austin(['diff', '--folded', 'before.austin', 'after.austin'], { cwd: folder() });
    expect(stdout.toString()).toBe(
      [
        'app.py:main:3;app.py:parse:7 5000 10000',
        'app.py:main:3;app.py:work:7 5000 5000',
        'app.py:main:4;app.py:log:7 0 5000',
        '',
      ].join('\n'),
    );
  });

  it('compares formats of any kind, also from standard input', async () => {
    const cwd = folder();
    await austin(['convert', 'after.austin', '-o', 'after.mojo'], { cwd });
    const { code, stdout } = await austin(['diff', '-', 'after.mojo', '-n', '1'], { cwd, input: AFTER });
    expect(code).toBe(0);
    expect(stdout.toString()).toContain('function (1 of 4)');
    expect(stdout.toString()).not.toContain('*  ');
  });

  it.each([
    [['before.austin', 'nope'], 1, 'ERR_INPUT_READ'],
    [['-', '-'], 2, 'standard input can be read once only'],
    [['before.austin'], 2, 'ERR_USAGE_ARGUMENT'],
    [['before.austin', 'memory.austin'], 1, 'ERR_DIFF_UNLIKE'],
    [['before.austin', 'after.austin', '--metric', 'cpu'], 2, 'ERR_USAGE_METRIC'],
    [['before.austin', 'after.austin', '--json', '--folded'], 2, 'ERR_USAGE_ARGUMENT'],
  ])('diff %j', async (args, code, error) => {
    const cwd = folder();
    writeFileSync(join(cwd, 'memory.austin'), '# mode: memory\nP1;T0:1;a.py:f:1 5\n');
    const result = await austin(['diff', ...args], { cwd });
    expect(result.stderr).toContain(error);
    expect(result.stderr).not.toMatch(/^ {4}at /m);
    expect([result.code, result.stdout.length]).toEqual([code, 0]);
  });

  it('a full disk is an error', async () => {
    const line = '"$0" "$1" diff before.austin after.austin > /dev/full';
    const shell = await start('sh', ['-c', line, process.execPath, CLI], { cwd: folder() }).finished;
    expect([shell.code, shell.stderr]).toEqual([1, expect.stringContaining('no space left on device')]);
  });
});
