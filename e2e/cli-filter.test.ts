import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { austin, startAustin, temporaryFolder } from './cli-helpers.js';

const STACKS = [
  '# mode: wall',
  '# x-thread-name:1:0:11: MainThread',
  'P1;T0:11;/srv/app.py:main:3;/usr/lib/python3.12/json/decoder.py:decode:7 1000000',
  'P1;T0:11;/srv/app.py:main:3;/srv/app.py:work:9 2000000',
  'P1;T0:11;/srv/app.py:main:4;<frozen importlib._bootstrap>:_load:1 4000000',
  'P2;T0:21;/srv/app.py:child:5;/srv/app.py:work:9 8000000',
  '',
].join('\n');

/** The samples of the filtered text, without metadata. */
async function samples(...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await austin(['filter', '-', ...args], { input: STACKS });
  expect(stderr.replace(/^austin: no sample is left.*\n/, '')).toBe('');
  expect(code).toBe(0);
  return stdout
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('P'));
}

describe('austin filter', () => {
  it('takes processes, threads and times', async () => {
    expect(await samples('--pid', '2')).toEqual(['P2;T0:21;/srv/app.py:child:5;/srv/app.py:work:9 8000000']);
    expect(await samples('--thread', 'MainThread')).toHaveLength(3);
    expect(await samples('--thread', '21', '--thread', '11')).toHaveLength(4);
    expect(await samples('--thread', '11', '--since', '1500ms', '--until', '7')).toEqual([
      'P1;T0:11;/srv/app.py:main:3;/srv/app.py:work:9 2000000',
    ]);
  });

  it('keeps the times of what is left: the same part of a part is all of it', async () => {
    const part = await austin(['filter', '-', '--since', '3'], { input: STACKS });
    const again = await austin(['filter', '-', '--since', '3'], { input: part.stdout });
    const lines = (text: Buffer): string[] =>
      text
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('P'));
    expect(lines(part.stdout)).toHaveLength(3);
    expect(lines(again.stdout)).toEqual(lines(part.stdout));
    expect(part.stdout.toString()).toContain('# x-thread-start:1:0:11: 3000000\n');
  });

  it('takes patterns, of functions and of files', async () => {
    expect(await samples('--focus', '^(work|decode)$')).toHaveLength(3);
    expect(await samples('--focus', 'json/')).toHaveLength(1);
    expect(await samples('--ignore', 'frozen', '--ignore', '^work$')).toHaveLength(1);
    expect(await samples('--root-at', '^work$')).toEqual([
      'P1;T0:11;/srv/app.py:work:9 2000000',
      'P2;T0:21;/srv/app.py:work:9 8000000',
    ]);
    expect(await samples('--hide', '^main$', '--pid', '1')).toContain('P1;T0:11;/srv/app.py:work:9 2000000');
  });

  it('shows only own code, and loses no time by it', async () => {
    expect(await samples('--own-code')).toEqual([
      'P1;T0:11;/srv/app.py:main:3 1000000',
      'P1;T0:11;/srv/app.py:main:3;/srv/app.py:work:9 2000000',
      'P1;T0:11;/srv/app.py:main:4 4000000',
      'P2;T0:21;/srv/app.py:child:5;/srv/app.py:work:9 8000000',
    ]);
  });

  it('writes a new file of the same format beside the input, and says what it is a part of', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'app.collapsed'), STACKS);
    await austin(['convert', 'app.collapsed', '-o', 'app.mojo'], { cwd });
    const first = await austin(['filter', 'app.mojo', '--focus', 'wo rk|work'], { cwd });
    expect(first.stderr).toMatch(
      /^austin: wrote app\.filtered\.mojo, mojo, \d+ B: 2 samples of 2 threads\n$/,
    );
    await austin(['filter', 'app.mojo', '--pid', '1', '-o', 'one.speedscope.json'], { cwd });
    expect(readdirSync(cwd).sort()).toEqual([
      'app.collapsed',
      'app.filtered.mojo',
      'app.mojo',
      'one.speedscope.json',
    ]);
    const text = await austin(['convert', 'app.filtered.mojo', '--to', 'collapsed', '-o', '-'], { cwd });
    expect(text.stdout.toString()).toContain("# x-filter: --focus 'wo rk|work'\n");
  });

  it('says that nothing is left', async () => {
    const { code, stdout, stderr } = await austin(['filter', '-', '--focus', 'nothing'], { input: STACKS });
    expect(code).toBe(0);
    expect(stderr).toContain('no sample is left');
    expect(stdout.toString()).toContain('# mode: wall');
  });

  it.each([
    [['--focus', '('], 2, 'ERR_USAGE_PATTERN'],
    [['--focus', '(?=x)'], 2, 'no look-around'],
    [['--thread', 'nobody'], 2, 'its threads are: MainThread, 21'],
    [['--pid', '3'], 2, 'its processes are: 1, 2'],
    [['--pid', 'x'], 2, 'ERR_USAGE_PID'],
    [['--since', 'soon'], 2, 'ERR_USAGE_TIME_RANGE'],
    [[], 2, 'ERR_USAGE_FILTER'],
    [['--pid', '1', '--to', 'xls'], 2, 'ERR_USAGE_FORMAT'],
    [['--pid', '1', '-o', 'no/folder.mojo'], 1, 'cannot write no/folder.mojo'],
    [['--pid', '1', '-o', '/dev/full'], 1, 'no space left on device (ERR_OUTPUT_WRITE)'],
  ])('filter %j', async (args, code, message) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'app.collapsed'), STACKS);
    const result = await austin(['filter', 'app.collapsed', ...args], { cwd });
    expect(result.stderr).toContain(message);
    expect(result.stderr).not.toMatch(/^ {4}at /m);
    expect(result.code).toBe(code);
    expect(readdirSync(cwd)).toEqual(['app.collapsed']);
  });

  it('refuses times of recordings that have none', async () => {
    const input = '# mode: cpu\nP1;T0:1;a.py:f:1 5\n';
    const { code, stderr } = await austin(['filter', '-', '--since', '1'], { input });
    expect(code).toBe(1);
    expect(stderr).toContain('no sample of a thread that waits (ERR_NO_TIME_LINE)');
  });

  it('an interrupted filter leaves an old file as it was', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'out.mojo'), 'old');
    const running = startAustin(['filter', '-', '--pid', '1', '-o', 'out.mojo'], { cwd, keepsInput: true });
    running.child.stdin?.write(STACKS);
    // Signals are taken over before the temporary file is made.
    while (readdirSync(cwd).length < 2) await delay(10);
    running.child.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
    expect(readdirSync(cwd)).toEqual(['out.mojo']);
    expect(readFileSync(join(cwd, 'out.mojo'), 'utf8')).toBe('old');
  });
});
