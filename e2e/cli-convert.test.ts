import {
  chmodSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { austin, CLI, start, temporaryFolder } from './cli-helpers.js';

const STACKS = 'P1;T1;app.py:main:3;app.py:work:7 200\nP1;T1;app.py:main:4 100\n';

function folderWithStacks(): string {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'app.collapsed'), STACKS);
  return cwd;
}

/** The names of a folder, hidden ones too: nothing temporary may stay behind. */
function names(folder: string): string[] {
  return readdirSync(folder).sort();
}

describe('files', () => {
  it('the name of the output follows from the input and never replaces a file', async () => {
    const cwd = folderWithStacks();
    for (let run = 0; run < 2; run++) {
      const { code, stderr } = await austin(['convert', 'app.collapsed', '--to', 'mojo'], { cwd });
      expect(stderr).toMatch(/austin: wrote app(\.2)?\.mojo, mojo, \d+ B: 2 samples of 1 thread\n/);
      expect(code).toBe(0);
    }
    expect(names(cwd)).toEqual(['app.2.mojo', 'app.collapsed', 'app.mojo']);
    expect(readFileSync(join(cwd, 'app.mojo')).subarray(0, 3).toString()).toBe('MOJ');
  });

  it('the name given with -o tells the format, and is replaced with its mode kept', async () => {
    const cwd = folderWithStacks();
    writeFileSync(join(cwd, 'real.mojo'), 'old');
    chmodSync(join(cwd, 'real.mojo'), 0o640);
    symlinkSync('real.mojo', join(cwd, 'link.mojo'));
    const { code } = await austin(['convert', 'app.collapsed', '-o', 'link.mojo'], { cwd });
    expect(code).toBe(0);
    expect(names(cwd)).toEqual(['app.collapsed', 'link.mojo', 'real.mojo']);
    expect(readFileSync(join(cwd, 'real.mojo')).subarray(0, 3).toString()).toBe('MOJ');
    expect(statSync(join(cwd, 'real.mojo')).mode & 0o777).toBe(0o640);
  });

  it('a file can be converted onto itself', async () => {
    const cwd = folderWithStacks();
    const { code } = await austin(['convert', 'app.collapsed', '-o', 'app.collapsed'], { cwd });
    expect(code).toBe(0);
    expect(readFileSync(join(cwd, 'app.collapsed'), 'utf8')).toContain('app.py:main:3;app.py:work:7 200');
  });

  it('.gz is read and written', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'app.collapsed.gz'), gzipSync(STACKS));
    const { code } = await austin(['convert', 'app.collapsed.gz', '-o', 'out.collapsed.gz'], { cwd });
    expect(code).toBe(0);
    expect(gunzipSync(readFileSync(join(cwd, 'out.collapsed.gz'))).toString()).toContain('app.py:work:7 200');
  });

  it('an input that fails leaves an old output as it was', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'bad.mojo'), 'MOJ');
    writeFileSync(join(cwd, 'out.collapsed'), 'old');
    const named = await austin(['convert', '--strict', 'bad.mojo', '-o', 'out.collapsed'], { cwd });
    expect(named.code).toBe(1);
    expect(named.stderr).toMatch(/^austin: .*\(ERR_\w+\)\n/);
    const derived = await austin(['convert', '--strict', 'bad.mojo', '--to', 'collapsed'], { cwd });
    expect(derived.code).toBe(1);
    expect(readFileSync(join(cwd, 'out.collapsed'), 'utf8')).toBe('old');
    expect(names(cwd)).toEqual(['bad.mojo', 'out.collapsed']);
  });
});

describe('streams', () => {
  it('- is standard input and output', async () => {
    const mojo = await austin(['convert', '-', '--to', 'mojo', '-o', '-'], { input: STACKS });
    expect(mojo.code).toBe(0);
    const text = await austin(['convert', '-', '--to', 'collapsed'], { input: mojo.stdout });
    expect(text.code).toBe(0);
    expect(text.stdout.toString()).toContain('app.py:main:3;app.py:work:7 200');
    expect(text.stderr).not.toContain('wrote');
  });

  it('a full disk is an error', async () => {
    const cwd = folderWithStacks();
    const named = await austin(['convert', 'app.collapsed', '--to', 'mojo', '-o', '/dev/full'], { cwd });
    expect(named.code).toBe(1);
    expect(named.stderr).toContain('cannot write /dev/full: no space left on device (ERR_OUTPUT_WRITE)');
    const line = '"$0" "$1" convert app.collapsed --to mojo -o - > /dev/full';
    const shell = await start('sh', ['-c', line, process.execPath, CLI], { cwd }).finished;
    expect(shell.code).toBe(1);
    expect(shell.stderr).toContain('cannot write to standard output: no space left on device');
  });

  it('a reader that goes away is said without a stack trace', async () => {
    const cwd = temporaryFolder();
    const lines = Array.from({ length: 20_000 }, (_, index) => `P1;T1;app.py:f${index}:1 100\n`);
    writeFileSync(join(cwd, 'app.collapsed'), lines.join(''));
    const line = `"$0" "$1" convert app.collapsed --to collapsed -o - | head -c 1; echo " $\{PIPESTATUS[0]}"`;
    const shell = await start('bash', ['-c', line, process.execPath, CLI], { cwd }).finished;
    expect(shell.stdout.toString()).toMatch(/^. 1\n$/);
    expect(shell.stderr).toBe(
      'austin: standard output was closed by its reader before everything was written (ERR_OUTPUT_CLOSED)\n',
    );
  });
});

describe('what cannot be done is said', () => {
  it.each([
    [
      ['nope.mojo', '--to', 'collapsed'],
      1,
      'cannot read nope.mojo: no such file or directory (ERR_INPUT_READ)',
    ],
    [['.', '--to', 'collapsed'], 1, 'illegal operation on a directory (ERR_INPUT_READ)'],
    [['app.collapsed'], 2, 'no format to convert to is given (ERR_USAGE_FORMAT)'],
    [['app.collapsed', '--to', 'xls'], 2, 'there is no format `xls` (ERR_USAGE_FORMAT)'],
    [['app.collapsed', '--from', 'xls', '--to', 'mojo'], 2, 'is not a format that can be read'],
    [['app.collapsed', '-o', 'out.xls'], 2, 'out.xls does not tell the format'],
    [['app.collapsed', '--to', 'mojo', '-o', 'no/folder.mojo'], 1, 'cannot write no/folder.mojo'],
    [['app.collapsed', '--frames', 'file', '--to', 'mojo'], 2, "'file' is invalid"],
    [['app.collapsed', 'b', '--to', 'mojo'], 2, 'too many arguments'],
  ])('convert %j', async (args, code, message) => {
    const cwd = folderWithStacks();
    const result = await austin(['convert', ...args], { cwd });
    expect(result.stderr).toContain(message);
    expect(result.stderr).not.toMatch(/^ {4}at /m);
    expect(result.code).toBe(code);
    expect(names(cwd)).toEqual(['app.collapsed']);
  });

  it('what was skipped, and where', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'app.collapsed'), `${STACKS}this is no stack\n`);
    const lenient = await austin(['convert', 'app.collapsed', '--to', 'mojo'], { cwd });
    expect(lenient.stderr).toMatch(/not everything could be read: .*line 3.* \(ERR_\w+\)\n/);
    expect(lenient.code).toBe(0);
    const strict = await austin(['convert', 'app.collapsed', '--to', 'mojo', '--strict'], { cwd });
    expect(strict.stderr).toContain('line 3');
    expect(strict.code).toBe(1);
  });

  it('damage in a recording, with its offset', async () => {
    const cwd = temporaryFolder();
    const fixture = new URL('../fixtures/mojo/frame-ref-before-stack.mojo', import.meta.url);
    copyFileSync(fileURLToPath(fixture), join(cwd, 'bad.mojo'));
    const { stderr } = await austin(['convert', 'bad.mojo', '--to', 'collapsed', '-o', '-'], { cwd });
    expect(stderr).toMatch(/byte \d+/);
  });
});

describe('the command line', () => {
  it('prints help on standard output', async () => {
    for (const args of [
      ['record', '--help'],
      ['help', 'record'],
      ['where', '-h'],
      ['convert', '--help'],
    ]) {
      const { code, stdout, stderr } = await austin(args);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout.toString()).toMatch(/^Examples:\n {2}austin /);
    }
  });

  it.each([
    [['record', '--intervl', '3', 'x'], 'did you mean `--interval`?'],
    [['where'], 'find it with `pgrep'],
    [['record'], 'name a command'],
    [['record', '-p', '1', 'ls'], 'leave out `-p`, or the command'],
    [['record', '-i', '1 ms', 'ls'], 'write for example `100us`'],
    [['record', '-Zi1ms', 'ls'], "unknown option '-Zi1ms'"],
  ])('helps with %j', async (args, hint) => {
    const { code, stdout, stderr } = await austin(args);
    expect(stderr).toContain(hint);
    expect(code).toBe(2);
    expect(stdout.length).toBe(0);
  });
});
