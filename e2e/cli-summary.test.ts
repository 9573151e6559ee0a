import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { austin, BUSY, CLI, PYTHON, script, start, temporaryFolder } from './cli-helpers.js';

const STACKS = [
  '# mode: wall',
  'P1;T0:11;app.py:main:3;app.py:work:7 200',
  'P1;T0:11;app.py:main:3;app.py:work:8 100',
  'P1;T0:11;app.py:main:4 100',
  'P1;T0:12;app.py:run:9 400',
  '',
].join('\n');

interface Hot {
  readonly name: string;
  readonly file: string;
  readonly line?: number;
  readonly self: number;
  readonly total: number;
  readonly selfShare: number;
  readonly selfInterval: readonly [number, number] | null;
}

interface Summary {
  readonly metric: string;
  readonly unit: string;
  readonly total: number;
  readonly samples: number;
  readonly functions: readonly Hot[];
  readonly lines: readonly Hot[];
  readonly threads: readonly (Omit<Summary, 'threads'> & { readonly tid: string; readonly share: number })[];
  readonly diagnostics: readonly { readonly code: string }[];
}

async function summaryOf(
  args: readonly string[],
  input?: string | Uint8Array,
  cwd?: string,
): Promise<Summary> {
  const { code, stdout, stderr } = await austin(['summary', '--json', ...args], {
    ...(input !== undefined && { input }),
    ...(cwd !== undefined && { cwd }),
  });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout.toString()) as Summary;
}

describe('austin summary', () => {
  it('shows functions, lines and threads with the limits of their shares', async () => {
    const { code, stdout, stderr } = await austin(['summary', '-'], { input: STACKS });
    expect([code, stderr]).toEqual([0, '']);
    const text = stdout.toString();
    expect(text.split('\n')[0]).toBe('Wall time: 800 µs, 4 samples of 2 threads');
    expect(text).toMatch(/^400 µs +50\.0 % +\d+\.\d–\d+\.\d +400 µs +50\.0 % +\S+ +run {2}app\.py$/m);
    expect(text).toMatch(/^300 µs +37\.5 % .* work {2}app\.py$/m);
    expect(text).toMatch(/^100 µs +12\.5 % +\S+ +400 µs +50\.0 % +\S+ +main {2}app\.py$/m);
    expect(text).toMatch(/^200 µs +25\.0 % .* work {2}app\.py:7$/m);
    expect(text).toMatch(/^400 µs +50\.0 % +\S+ +3 {2}process 1, thread 11$/m);
  });

  it('says the same as JSON', async () => {
    const summary = await summaryOf(['-', '--by-thread'], STACKS);
    expect(summary).toMatchObject({ metric: 'wall', unit: 'microseconds', total: 800, samples: 4 });
    expect(summary.functions.map(({ name, self, total }) => [name, self, total])).toEqual([
      ['run', 400, 400],
      ['work', 300, 300],
      ['main', 100, 400],
    ]);
    expect(summary.lines.find(({ name, line }) => name === 'main' && line === 3)).toMatchObject({
      self: 0,
      total: 300,
    });
    const main = summary.threads.find(({ tid }) => tid === '11');
    expect(main).toMatchObject({ total: 400, share: 0.5 });
    expect(main?.functions.map(({ name }) => name)).toEqual(['work', 'main']);
    const [low, high] = summary.functions[0]?.selfInterval ?? [1, 0];
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.5);
  });

  it('sorts and limits', async () => {
    const summary = await summaryOf(['-', '--sort', 'total', '-n', '2'], STACKS);
    expect(summary.functions.map(({ name }) => name)).toEqual(['run', 'main']);
    const { stdout } = await austin(['summary', '-', '-n', '1'], { input: STACKS });
    expect(stdout.toString()).toContain('function (1 of 3)');
  });

  it('keeps the weights of full mode apart', async () => {
    const full = '# mode: full\nP1;T0:1;a.py:f:1 100,0,4096\nP1;T0:1;a.py:g:1 300,1,-1024\n';
    expect(await summaryOf(['-'], full)).toMatchObject({ metric: 'cpu', total: 100 });
    expect(await summaryOf(['-', '--metric', 'wall'], full)).toMatchObject({ metric: 'wall', total: 400 });
    expect(await summaryOf(['-', '--metric', 'deallocated'], full)).toMatchObject({
      unit: 'bytes',
      total: 1024,
    });
    const wrong = await austin(['summary', '-', '--metric', 'samples'], { input: full });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('it has: cpu, wall, allocated, deallocated');
  });

  it('takes folded stacks as counts', async () => {
    const summary = await summaryOf(['-'], 'main;work 30\nmain 10\n');
    expect(summary).toMatchObject({ metric: 'samples', unit: 'count', total: 40, samples: 40 });
  });

  it('shows control characters as what they are', async () => {
    const input = '# mode: wall\nP1;T0:1;a.py:\u001b[31mred\u202e:1 5\n';
    const { stdout } = await austin(['summary', '-'], { input });
    expect(stdout.toString()).toContain('\\x1b[31mred\\u202e  a.py');
    expect((await summaryOf(['-'], input)).functions[0]?.name).toBe('\u001b[31mred\u202e');
  });

  it('cuts names that are longer than any line, in tables only', async () => {
    const long = `start${'x'.repeat(1 << 16)}end`;
    const input = `# mode: wall\nP1;T0:1;a.py:${long}:1 5\n`;
    const { stdout } = await austin(['summary', '-'], { input });
    expect(stdout.toString()).toMatch(/ startx+…x+end {2}a\.py$/m);
    expect(stdout.length).toBeLessThan(2000);
    expect((await summaryOf(['-'], input)).functions[0]?.name).toBe(long);
  });

  it('finds what a real program does', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${BUSY}\nouter(1500)\n`);
    const recorded = await austin(['record', '-i', '500us', '-o', 'app.mojo', '--', PYTHON, 'app.py'], {
      cwd,
    });
    expect(recorded.code).toBe(0);
    const summary = await summaryOf(['app.mojo', '--sort', 'total'], undefined, cwd);
    const outer = summary.functions.find(({ name }) => name === 'outer');
    const inner = summary.functions.filter(({ name }) => name.startsWith('inner'));
    // How much of it depends on who else is busy on this machine; that it is a part of its caller's time does not.
    const own = inner.reduce((sum, { self }) => sum + self, 0);
    expect(own).toBeGreaterThan(0);
    expect(own).toBeLessThanOrEqual(outer?.total ?? 0);
    expect(summary.lines.find(({ name, line }) => name === 'inner' && line === 3)?.total).toBeGreaterThan(0);
  });

  it('has the time with the interpreter lock, where that was recorded, and others say what they have', async () => {
    const cwd = temporaryFolder();
    const nap = `import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n`;
    script(cwd, `${BUSY}\n${nap}outer(1500)\n`);
    const record = async (...words: string[]): Promise<void> => {
      expect((await austin(['record', ...words, '--', PYTHON, 'app.py'], { cwd })).code).toBe(0);
    };
    await record('--gil-holders', '-o', 'all.mojo');
    const wall = await summaryOf(['all.mojo'], undefined, cwd);
    const gil = await summaryOf(['all.mojo', '--metric', 'gil', '--top', '0'], undefined, cwd);
    expect([wall.metric, gil.metric, gil.unit]).toEqual(['wall', 'gil', 'microseconds']);
    expect(wall.threads).toHaveLength(2);
    expect(gil.total).toBeGreaterThan(0);
    expect(gil.total).toBeLessThan(wall.total);
    expect(gil.functions.map(({ name }) => name)).toContain('outer');
    // Of holders only there is no other time.
    await record('--gil', '-o', 'holders.mojo');
    expect((await summaryOf(['holders.mojo'], undefined, cwd)).metric).toBe('gil');
    await record('-o', 'wall.mojo');
    const refused = await austin(['summary', 'wall.mojo', '--metric', 'gil'], { cwd });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('it has: wall')]);
  });

  it('says that there is nothing', async () => {
    const { code, stdout } = await austin(['summary', '-'], { input: '# mode: wall\n' });
    expect(code).toBe(0);
    expect(stdout.toString()).toBe('No sample of the profile has wall time.\n');
    const json = await summaryOf(['-'], '# mode: wall\n');
    expect(json).toMatchObject({ total: 0, functions: [], threads: [] });
  });

  it('reads around damage and says so; strictly, it fails', async () => {
    const cwd = temporaryFolder();
    const fixture = new URL('../fixtures/mojo/truncated-in-frame.mojo', import.meta.url);
    copyFileSync(fileURLToPath(fixture), join(cwd, 'cut.mojo'));
    const lenient = await austin(['summary', 'cut.mojo'], { cwd });
    expect(lenient.code).toBe(0);
    expect(lenient.stderr).toMatch(/not everything could be read: .*byte \d+/);
    const strict = await austin(['summary', '--strict', 'cut.mojo'], { cwd });
    expect([strict.code, strict.stdout.length]).toEqual([1, 0]);
  });

  it.each([
    [['nope.mojo'], 1, 'ERR_INPUT_READ'],
    [['.'], 1, 'ERR_INPUT_READ'],
    [['empty'], 1, 'ERR_INPUT_EMPTY'],
    [['binary'], 1, 'ERR_FORMAT_UNKNOWN'],
    [['app.collapsed', '-n', 'x'], 2, 'ERR_USAGE_TOP'],
    [['app.collapsed', '--from', 'xls'], 2, 'ERR_USAGE_FORMAT'],
    [['app.collapsed', '--sort', 'name'], 2, 'ERR_USAGE_ARGUMENT'],
    [[], 2, 'ERR_USAGE_ARGUMENT'],
  ])('summary %j', async (args, code, error) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'app.collapsed'), STACKS);
    writeFileSync(join(cwd, 'empty'), '');
    writeFileSync(join(cwd, 'binary'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3]));
    const result = await austin(['summary', ...args], { cwd });
    expect(result.stderr).toContain(`(${error})`);
    expect(result.stderr).not.toMatch(/^ {4}at /m);
    expect([result.code, result.stdout.length]).toEqual([code, 0]);
  });

  it('shows on a terminal how far a long reading has come, and takes that away', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'part'), 'P1;T0:1;a.py:f:1 5\n'.repeat(1000));
    // Goes on until the line has been seen.
    const terminal = script(
      cwd,
      `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    feed = 'while [ ! -e seen ]; do cat part; sleep 0.1; done'
    os.execvp('sh', ['sh', '-c', feed + ' | "$0" "$1" summary -', *sys.argv[1:]])
shown = b''
try:
    while True:
        shown += os.read(fd, 65536)
        if b'reading standard input: ' in shown: open('seen', 'w').close()
except OSError:
    pass
sys.stdout.buffer.write(shown)
sys.exit(os.waitpid(pid, 0)[1] >> 8)
`,
      'terminal.py',
    );
    const { code, stdout } = await start(PYTHON, [terminal, process.execPath, CLI], { cwd }).finished;
    expect(code).toBe(0);
    const [before, ...after] = stdout.toString().split('Wall time: ');
    const shown = before?.replaceAll('\r\x1b[2K', '<erase>') ?? '';
    expect(shown).toMatch(/^<erase>reading standard input: \d+\.\d [kM]B.*<erase>$/s);
    expect(after.join('')).not.toContain('reading');
  });

  it('a full disk is an error', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'app.collapsed'), STACKS);
    const line = '"$0" "$1" summary app.collapsed > /dev/full';
    const shell = await start('sh', ['-c', line, process.execPath, CLI], { cwd }).finished;
    expect(shell.code).toBe(1);
    expect(shell.stderr).toContain('no space left on device');
  });
});
