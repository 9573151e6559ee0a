import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { classic, classic3 } from './classic-helpers.js';
import { CLI, ENDLESS, NO_PID, PYTHON, runs, script, start, temporaryFolder, until } from './cli-helpers.js';

describe('questions', () => {
  it('are answered on standard output', async () => {
    for (const run of [classic, classic3]) {
      for (const args of [[], ['-?'], ['--help'], ['help'], ['--usage'], ['-P', '--usage']]) {
        const { code, stdout, stderr } = await run(args);
        expect([code, stderr]).toEqual([0, '']);
        expect(stdout.toString()).toContain('-w PID');
        expect(stdout.toString()).toContain('austin record');
      }
    }
  });

  it('the version is that of the Austin it stands for', async () => {
    expect((await classic(['-V'])).stdout.toString()).toBe('austin 4.0.0\n');
    expect((await classic(['--version'])).stdout.toString()).toBe('austin 4.0.0\n');
    expect((await classic3(['--version'])).stdout.toString()).toBe('austin 3.7.0\n');
    const compat = await classic(['-V'], { env: { AUSTIN_COMPAT: '3' } });
    expect(compat.stdout.toString()).toBe('austin 3.7.0\n');
    const own = (JSON.parse(readFileSync('packages/cli/package.json', 'utf8')) as { version: string })
      .version;
    expect((await classic(['--help'])).stdout.toString()).toContain(`austin-profiler ${own}\n`);
  });

  it('the version is told without the sampler', async () => {
    const trace = ['-f', '-e', 'trace=openat,open', '-o', 'trace', process.execPath, CLI, '--version'];
    const cwd = temporaryFolder();
    const traced = await start('strace', trace, { cwd }).finished.catch(() => undefined);
    if (traced?.code !== 0) {
      console.log('strace is not there or not allowed: what `austin --version` loads is not looked at');
      return;
    }
    const opened = readFileSync(join(cwd, 'trace'), 'utf8');
    expect(opened).toContain('dist/cli.js');
    expect(opened).not.toContain('austin_sampler');
    expect(opened).not.toContain('commander');
  });
});

describe('exit codes', () => {
  const sleeping = (): string => `${start('sleep', ['60']).pid}`;
  const zombie = async (): Promise<string> => {
    const parent = start(PYTHON, ['-c', 'import os, time\nif os.fork(): time.sleep(60)\n']);
    const children = `/proc/${parent.pid}/task/${parent.pid}/children`;
    const pidOf = () => readFileSync(children, 'utf8').trim();
    await until(() => pidOf() !== '' && !runs(Number(pidOf())));
    return pidOf();
  };

  it.each([
    ['no command', () => ['-C'], 6, 255, 'neither a command nor a process'],
    ['no option of ours', () => ['-z', 'python3'], 64, 64, "Try `austin --help' or `austin --usage'"],
    ['a bad value', () => ['-i', '1.5ms', 'python3'], 64, 64, '`1.5ms` is no value for `-i`'],
    ['a command and a process', () => ['-p', '1', 'python3'], 64, 64, 'cannot be sampled together'],
    ['no such command', () => ['no-such-command'], 1, 33, 'Cannot launch'],
    ['no such process', () => ['-p', `${NO_PID}`], 1, 36, 'Cannot attach'],
    ['no such process, with children', () => ['-w', `${NO_PID}`], 1, 36, 'Cannot attach'],
    ['no Python', () => ['-t', '200ms', '-p', sleeping()], 11, 32, 'not a Python'],
    ['no Python to look at', () => ['-t', '200ms', '-w', sleeping()], 11, 32, 'not a Python'],
    ['a process that has ended', async () => ['-p', await zombie()], 11, 32, 'has ended'],
    ['no such folder', () => ['-o', 'no/such/file', 'python3'], 5, 255, 'no such file or directory'],
  ] as const)('%s', async (_, words, four, three, said) => {
    const cwd = temporaryFolder();
    for (const [run, code] of [
      [classic, four],
      [classic3, three],
    ] as const) {
      const result = await run(['-P', ...(await words())], { cwd });
      expect(result.stderr).toContain(said);
      expect(result.code).toBe(code);
      // At most the header: nobody shall take it for a recording.
      expect(['', 'MOJ\u0003']).toContain(result.stdout.toString());
    }
  });

  it('a process of another user needs permission', async ({ skip }) => {
    if (process.getuid?.() !== 0) skip('only root can become another user');
    const target = start(PYTHON, ['-c', 'import time; time.sleep(60)']);
    await until(() => runs(target.pid));
    const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, CLI];
    const probe = await start('setpriv', [...asNobody, '--version']).finished.catch(() => undefined);
    if (probe?.code !== 0) skip('another user cannot run this checkout');
    for (const [compat, code] of [
      ['4', 2],
      ['3', 37],
    ] as const) {
      const env = { AUSTIN_COMPAT: compat };
      const result = await start('setpriv', [...asNobody, '-p', `${target.pid}`], { env }).finished;
      expect(result.stderr).toContain('Insufficient permissions');
      expect(result.code).toBe(code);
    }
  });

  it.each([
    ['a status', 'import sys; sys.exit(7)'],
    ['an exception', 'raise ValueError'],
    ['a signal', 'import os; os.kill(os.getpid(), 9)'],
    ['nothing to do', 'pass'],
  ])('are 0 for a program that ends with %s', async (_, program) => {
    for (const run of [classic, classic3]) {
      expect((await run(['-P', PYTHON, '-c', program])).code).toBe(0);
    }
    expect((await classic(['-P', 'true'])).code).toBe(0);
  });

  it('are 0 when the time is over, and nothing is left running', async () => {
    for (const run of [classic, classic3]) {
      const cwd = temporaryFolder();
      script(cwd, `${ENDLESS}\nready()\nwhile True: outer(10)`);
      const { code, stderr } = await run(['-P', '-x', '2s', PYTHON, 'app.py'], { cwd });
      expect([code, stderr]).toEqual([0, '']);
      expect(runs(Number(readFileSync(join(cwd, 'pid'), 'utf8')))).toBe(false);
    }
  });

  it('are those of the newer Austin for a setting of its own', async () => {
    const env = { AUSTIN_PAGE_SIZE_CAP: 'large' };
    expect((await classic(['-P', PYTHON, '-c', 'pass'], { env })).code).toBe(7);
    expect((await classic3(['-P', PYTHON, '-c', 'pass'], { env })).code).toBe(0);
  });
});

describe('a command line', () => {
  it('that is wrong changes no file', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'old.mojo'), 'precious');
    for (const args of [['-z'], ['-p', '1', 'ls'], [], ['no-such-command'], ['-p', `${NO_PID}`]]) {
      await classic(['-o', 'old.mojo', ...args], { cwd });
      expect(readFileSync(join(cwd, 'old.mojo'), 'utf8')).toBe('precious');
      await classic(['-o', 'new.mojo', ...args], { cwd });
      expect(existsSync(join(cwd, 'new.mojo'))).toBe(false);
    }
  });

  it('that was meant for one of ours is helped with', async () => {
    expect((await classic(['recrod', 'x'])).stderr).toContain('did you mean `austin record`?');
    expect((await classic(['--verison'])).stderr).toContain('did you mean `--version`?');
  });

  it('may name a program that is called like one of ours', async () => {
    const cwd = temporaryFolder();
    script(cwd, `#!${PYTHON}\nprint('ran')\n`, 'record');
    const env = { PATH: `${cwd}:${process.env.PATH}` };
    await start('chmod', ['+x', 'record'], { cwd }).finished;
    const { code, stdout } = await classic(['-o', 'out.mojo', '--', 'record'], { cwd, env });
    expect([code, stdout.toString()]).toEqual([0, 'ran\n']);
  });
});
