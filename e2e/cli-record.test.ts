import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  austin,
  BUSY,
  CLI,
  collapsed,
  ENDLESS,
  fileText,
  NO_PID,
  PYTHON,
  runs,
  sampled,
  script,
  start,
  startAustin,
  temporaryFolder,
  until,
} from './cli-helpers.js';

function mojoFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.mojo'))
    .sort();
}

describe('a command', () => {
  it('is recorded from its start to its end, and its exit code is ours', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${BUSY}\nimport sys\nouter(2000)\nprint(*sys.argv[1:])\nsys.exit(7)`);
    const result = await austin(['record', PYTHON, 'app.py', '-i', '3', '--', '--help'], { cwd });
    expect(result.code).toBe(7);
    expect(result.stdout.toString()).toBe('-i 3 -- --help\n');
    expect(result.stderr).toContain('austin: wrote austin.app.mojo, ');
    expect(result.stderr).toMatch(/\d samples in .* 1,000 Hz asked, .* got\n/);
    expect(result.stderr).toMatch(/exact [\d,]+ \(.* %\), retried .*, between .*, cut .*, invalid /);
    expect(result.stderr).toContain('next: austin convert austin.app.mojo --to html -o austin.app.html\n');
    expect(await collapsed(join(cwd, 'austin.app.mojo'))).toMatch(/outer.*inner/);
  });

  it('gets a file of its own in every run', async () => {
    const cwd = temporaryFolder();
    for (let run = 0; run < 3; run++) await austin(['record', PYTHON, '-c', 'pass'], { cwd });
    expect(mojoFiles(cwd)).toHaveLength(3);
    expect(mojoFiles(cwd)).toContain(`austin.${PYTHON.split('/').at(-1)}.3.mojo`);
  });

  it.runIf(getPriority() <= 14)('has the priority that we were started with', async () => {
    const code = 'import os; print(os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0))';
    for (const nice of [0, 5]) {
      const output = join(temporaryFolder(), 'out.mojo');
      const words = ['-n', String(nice), process.execPath, CLI, 'record', '-o', output, PYTHON, '-c', code];
      const { stdout } = await start('nice', words).finished;
      expect(stdout.toString()).toBe(`${getPriority() + nice} 0\n`);
    }
  });

  it('has its provenance in the file', async () => {
    const cwd = temporaryFolder();
    await austin(['record', '-o', 'out.mojo', PYTHON, '-c', 'pass', 'é'], { cwd });
    const text = readFileSync(join(cwd, 'out.mojo'), 'utf8');
    expect(text).toContain(`x-command\0${JSON.stringify([PYTHON, '-c', 'pass', 'é'])}\0`);
    expect(text).toMatch(/x-start-time\0\d{4}-\d\d-\d\dT[\d:.]+Z\0/);
    expect(text).toContain('x-host\0');
    expect(text).toContain('x-platform\0linux-');
    expect(text).toMatch(/x-exporter\0austin-profiler \d/);
  });

  it('that a signal ends answers as in a shell', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${BUSY}\nimport os\nouter(2000)\nos.kill(os.getpid(), 9)`);
    const result = await austin(['record', '-o', 'out.mojo', PYTHON, 'app.py'], { cwd });
    expect(result.code).toBe(137);
    expect(await collapsed(join(cwd, 'out.mojo'))).toContain('outer');
  });

  it('that ends at once leaves a valid file without samples', async () => {
    const cwd = temporaryFolder();
    const result = await austin(['record', '-o', 'out.mojo', 'sh', '-c', 'exit 5'], { cwd });
    expect(result.code).toBe(5);
    expect(result.stderr).toContain('austin: nothing was sampled: the program ended before');
    expect(await collapsed(join(cwd, 'out.mojo'))).not.toMatch(/^[^#]/m);
  });

  it('that does not exist is said so, as a shell does', async () => {
    const cwd = temporaryFolder();
    const missing = await austin(['record', 'no-such-command'], { cwd });
    expect(missing.code).toBe(127);
    expect(missing.stderr).toContain('cannot start no-such-command: command not found');
    const empty = await austin(['record', ''], { cwd });
    expect([empty.code, empty.stderr]).toEqual([
      127,
      expect.stringContaining("cannot start '': command not found"),
    ]);
    writeFileSync(join(cwd, 'plain.py'), 'pass');
    const plain = await austin(['record', './plain.py'], { cwd });
    expect(plain.code).toBe(126);
    expect(plain.stderr).toContain('write `python3` before it');
    expect(mojoFiles(cwd)).toEqual([]);
  });

  it('that is not Python is ended, and named', async () => {
    const cwd = temporaryFolder();
    const command = ['sh', '-c', 'echo $$ > pid; trap "" TERM; sleep 60 & wait; sleep 60'];
    const result = await austin(['record', '-t', '300', ...command], { cwd });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('(ERR_NOT_PYTHON)');
    expect(runs(Number(await fileText(join(cwd, 'pid'))))).toBe(false);
    expect(mojoFiles(cwd)).toEqual([]);
  });

  it('is not started when the output cannot be written', async () => {
    const cwd = temporaryFolder();
    const result = await austin(['record', '-o', 'no/such/folder.mojo', 'touch', 'started'], { cwd });
    expect(result.code).toBe(1);
    expect(result.stderr).toBe(
      'austin: cannot write no/such/folder.mojo: no such file or directory (ERR_OUTPUT_OPEN)\n' +
        'hint: name another file with `-o`; nothing has been started\n',
    );
    expect(existsSync(join(cwd, 'started'))).toBe(false);
  });

  it('below a shell script is found', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${BUSY}\nouter(3000)`);
    const result = await austin(['record', '-o', 'out.mojo', 'sh', '-c', `${PYTHON} app.py; exit 4`], {
      cwd,
    });
    expect(result.code).toBe(4);
    expect(await collapsed(join(cwd, 'out.mojo'))).toContain('outer');
  });

  it('is ended when the time given with -x is over', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${ENDLESS}\nready()\nwhile True: outer(10)`);
    const result = await austin(['record', '-x', '500ms', '-o', 'out.mojo', PYTHON, 'app.py'], { cwd });
    expect(result.code).toBe(0);
    expect(runs(Number(await fileText(join(cwd, 'pid'))))).toBe(false);
    expect(await collapsed(join(cwd, 'out.mojo'))).toContain('outer');
  });

  it('keeps its streams whole', async () => {
    const cwd = temporaryFolder();
    script(
      cwd,
      `import sys, time\nfor i in range(2000):\n    print('x' * 499)\n    print('y' * 499, file=sys.stderr)\n`,
    );
    const run = startAustin(['record', '-o', 'out.mojo', PYTHON, 'app.py'], { cwd });
    run.child.stderr?.pause();
    run.child.stdout?.pause();
    await delay(500);
    run.child.stderr?.resume();
    run.child.stdout?.resume();
    const result = await run.finished;
    expect(result.code).toBe(0);
    expect(result.stdout.toString()).toBe(`${'x'.repeat(499)}\n`.repeat(2000));
    expect(result.stderr.startsWith(`${'y'.repeat(499)}\n`.repeat(2000))).toBe(true);
  });
});

describe('the output', () => {
  it('goes to standard output for -o -, and what the program prints does not', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${BUSY}\nouter(1000)\nprint('from the program')`);
    const result = await austin(['record', '-o', '-', PYTHON, 'app.py'], { cwd });
    expect(result.code).toBe(0);
    expect(result.stdout.subarray(0, 3).toString()).toBe('MOJ');
    expect(result.stdout.includes('from the program')).toBe(false);
    expect(result.stderr).toContain('from the program\n');
    const text = await austin(['convert', '-', '--to', 'collapsed'], { input: result.stdout });
    expect(text.stdout.toString()).toContain('outer');
  });

  it('that is full ends the recording and the program', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${ENDLESS}\nready()\nwhile True: outer(10)`);
    const result = await austin(['record', '-o', '/dev/full', PYTHON, 'app.py'], { cwd });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('(ERR_OUTPUT_WRITE)');
    expect(result.stderr).toMatch(/samples were taken, \/dev\/full holds the first 0 B/);
    const pid = existsSync(join(cwd, 'pid')) ? Number(readFileSync(join(cwd, 'pid'), 'utf8')) : 0;
    expect(pid !== 0 && runs(pid)).toBe(false);
  });

  it('whose reader goes away ends the recording and the program', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${ENDLESS}\nready()\nwhile True: outer(10)`);
    const line = `"$0" "$1" record -i 200us -o - "$2" app.py | head -c 3; echo " $\{PIPESTATUS[0]}"`;
    const result = await start('bash', ['-c', line, process.execPath, CLI, PYTHON], { cwd }).finished;
    expect(result.stdout.toString()).toBe('MOJ 1\n');
    expect(result.stderr).toContain('standard output was closed by its reader');
    expect(existsSync(join(cwd, 'pid')) && runs(Number(readFileSync(join(cwd, 'pid'), 'utf8')))).toBe(false);
  });
});

describe('signals', () => {
  it('SIGINT is passed on, ends the recording, and the program has the last word', async () => {
    const cwd = temporaryFolder();
    script(
      cwd,
      `${ENDLESS}
import sys
try:
    ready()
    while True: outer(10)
except KeyboardInterrupt:
    print('interrupted')
    sys.exit(3)`,
    );
    const run = startAustin(['record', '-o', 'out.mojo', PYTHON, 'app.py'], { cwd });
    await sampled(cwd, 'out.mojo');
    process.kill(run.pid, 'SIGINT');
    const result = await run.finished;
    expect(result.code).toBe(3);
    expect(result.stdout.toString()).toBe('interrupted\n');
    expect(await collapsed(join(cwd, 'out.mojo'))).toContain('outer');
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)('%s is passed on and leaves a complete file', async (signal) => {
    const cwd = temporaryFolder();
    script(cwd, `${ENDLESS}\nready()\nwhile True: outer(10)`);
    const run = startAustin(['record', '-o', 'out.mojo', PYTHON, 'app.py'], { cwd });
    const pid = await sampled(cwd, 'out.mojo');
    process.kill(run.pid, signal);
    const result = await run.finished;
    expect(result.code).toBe(signal === 'SIGTERM' ? 143 : 129);
    expect(runs(pid)).toBe(false);
    expect(await collapsed(join(cwd, 'out.mojo'))).toContain('outer');
  });

  it('a third SIGINT kills a program that does not listen', async () => {
    const cwd = temporaryFolder();
    script(
      cwd,
      `${ENDLESS}\nimport signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nready()\nwhile True: outer(10)`,
    );
    const run = startAustin(['record', '-o', 'out.mojo', PYTHON, 'app.py'], { cwd });
    await sampled(cwd, 'out.mojo');
    for (let time = 0; time < 3; time++) {
      process.kill(run.pid, 'SIGINT');
      await delay(100);
    }
    expect((await run.finished).code).toBe(137);
    expect(await collapsed(join(cwd, 'out.mojo'))).toContain('outer');
  });

  /** Runs a command line in a terminal, and does what `interrupt` says in Python when the recording has begun. */
  async function inTerminal(
    interrupt: string,
  ): Promise<{ folder: string; code: number | null; shown: string }> {
    const cwd = temporaryFolder();
    script(
      cwd,
      `${ENDLESS}
import signal, sys, time
times = []
signal.signal(signal.SIGINT, lambda *_: times.append(1))
ready()
while not times: outer(10)
time.sleep(0.5)
with open('times', 'w') as file: file.write('%d\\n' % len(times))
sys.exit(9)`,
    );
    const terminal = script(
      cwd,
      `
import os, pty, signal, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
shown = b''
while not (os.path.exists('pid') and b' got, ' in shown): shown += os.read(fd, 65536)
${interrupt}
try:
    while True: shown += os.read(fd, 65536)
except OSError:
    pass
sys.stdout.buffer.write(shown)
sys.exit(os.waitpid(pid, 0)[1] >> 8)
`,
      'terminal.py',
    );
    const words = [process.execPath, CLI, 'record', '--progress', '-o', 'out.mojo', PYTHON, 'app.py'];
    const { code, stdout } = await start(PYTHON, [terminal, ...words], { cwd }).finished;
    return { folder: cwd, code, shown: stdout.toString() };
  }

  it.each([
    ['Ctrl-C in a terminal', "os.write(fd, b'\\x03')"],
    ['SIGINT to us alone, in a terminal', 'os.kill(pid, signal.SIGINT)'],
  ])('%s reaches the program once', async (_, interrupt) => {
    const { folder, code, shown } = await inTerminal(interrupt);
    expect(code, shown).toBe(9);
    expect(await fileText(join(folder, 'times'))).toBe('1\n');
    expect(shown).toContain('\x1b[2Kaustin: wrote out.mojo');
    expect(await collapsed(join(folder, 'out.mojo'))).toContain('outer');
  });
});

describe('a terminal that is closed', () => {
  /** Runs a command in a terminal of its own, closes that when a function is in the file, and prints the command's status. */
  const HANG_UP = `
import os, pty, sys, time
path, function, *words = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(words[0], words)
while not os.path.exists(path) or function.encode() not in open(path, 'rb').read():
    time.sleep(0.01)
os.close(terminal)
print(os.waitpid(pid, 0)[1])
`;

  it('ends the recording, and leaves a complete file', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${ENDLESS}\nready()\nwhile True: outer(10)`);
    const output = join(cwd, 'out.mojo');
    const words = [process.execPath, CLI, 'record', '-o', output, PYTHON, 'app.py'];
    const { stdout } = await start(PYTHON, ['-c', HANG_UP, output, 'outer', ...words], { cwd }).finished;
    // The status of wait(2): the exit code of SIGHUP, and no signal that came because of what we did.
    expect(Number(stdout.toString())).toBe(129 << 8);
    expect(await collapsed(output)).toContain('outer');
  });
});

describe('a running process', () => {
  it('is recorded with -p and goes on afterwards', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${ENDLESS}\nready()\nwhile True: outer(10)`);
    const target = start(PYTHON, ['app.py'], { cwd });
    await fileText(join(cwd, 'pid'));
    const timed = await austin(['record', '-p', `${target.pid}`, '-x', '300ms'], { cwd });
    expect(timed.code).toBe(0);
    expect(mojoFiles(cwd)).toEqual([`austin.app.${target.pid}.mojo`]);

    const run = startAustin(['record', '-p', `${target.pid}`, '-o', 'out.mojo'], { cwd });
    await sampled(cwd, 'out.mojo');
    process.kill(run.pid, 'SIGINT');
    expect((await run.finished).code).toBe(0);
    expect(runs(target.pid)).toBe(true);
    expect(await collapsed(join(cwd, 'out.mojo'))).toContain('outer');

    const last = startAustin(['record', '-p', `${target.pid}`, '-o', 'last.mojo'], { cwd });
    await sampled(cwd, 'last.mojo');
    process.kill(target.pid, 'SIGKILL');
    expect((await last.finished).code).toBe(0);
    expect(await collapsed(join(cwd, 'last.mojo'))).toContain('outer');
  });

  it('that does not exist is said so', async () => {
    const cwd = temporaryFolder();
    const result = await austin(['record', '-p', `${NO_PID}`], { cwd });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('(ERR_PROCESS_GONE)');
    expect(mojoFiles(cwd)).toEqual([]);
  });

  it('that is not Python is said so, and left alone', async () => {
    const cwd = temporaryFolder();
    const sleeper = start('sleep', ['60']);
    const result = await austin(['record', '-t', '200', '-p', `${sleeper.pid}`], { cwd });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('(ERR_NOT_PYTHON)');
    expect(runs(sleeper.pid)).toBe(true);
  });

  it('of another user needs permission', async ({ skip }) => {
    const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, CLI];
    if (process.getuid?.() !== 0) skip('only root can become another user');
    const probe = await start('setpriv', [...asNobody, '--version']).finished.catch(() => undefined);
    if (probe?.code !== 0) skip('another user cannot run this checkout');
    const target = start(PYTHON, ['-c', 'import time; time.sleep(60)']);
    await until(() => runs(target.pid));
    const result = await start('setpriv', [...asNobody, 'where', `${target.pid}`]).finished;
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('(ERR_PERMISSION_PTRACE)');
    expect(result.stderr).toContain('hint: ');
  });
});

describe('what is sampled', () => {
  const modes = async (...options: string[]) => {
    const cwd = temporaryFolder();
    script(
      cwd,
      `${BUSY}\nimport gc\nouter(500)\ngrown = bytearray(b'x') * 20_000_000\nfor _ in range(20): gc.collect()`,
    );
    const result = await austin(['record', ...options, '-o', 'out.mojo', PYTHON, 'app.py'], { cwd });
    expect(result.code).toBe(0);
    return {
      stderr: result.stderr,
      file: readFileSync(join(cwd, 'out.mojo'), 'latin1'),
      text: await collapsed(join(cwd, 'out.mojo')),
    };
  };

  it('is said at the end and in the file', async () => {
    const cpu = await modes('-cg', '--gil');
    expect(cpu.stderr).toContain('  time on a CPU, holders of the interpreter lock only: ');
    expect(cpu.stderr).toMatch(/garbage collection \d+\.\d\d s/);
    expect(cpu.file).toContain('mode\0cpu\0');
    expect(cpu.file).toContain('gc\0on\0');
    expect(cpu.text).toContain('outer');
    const memory = await modes('--memory');
    expect(memory.stderr).toContain('  changes of resident memory, in bytes: ');
    expect(memory.file).toMatch(/mode\0memory\0.memory\0\d+\0/);
    expect(memory.text).toMatch(/app\.py:<module>:\d+ \d+$/m);
  });

  it('is all of it with --full, and options that add nothing are named', async () => {
    const { stderr, file } = await modes('-fmc');
    expect(stderr).toContain('austin: --memory and --cpu left out');
    expect(stderr).toContain('  time and changes of resident memory: ');
    expect(file).toContain('mode\0full\0');
  });
});

describe('children', () => {
  it('are recorded until the last one has ended', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${BUSY}\nimport sys\nouter(int(sys.argv[1]))`);
    const command = `${PYTHON} app.py 200 & ${PYTHON} app.py 3000 & sleep 0.2; exit 3`;
    const result = await austin(['record', '-C', '-o', 'out.mojo', 'sh', '-c', command], { cwd });
    expect(result.code).toBe(3);
    expect(result.stderr).toContain('  2 Python processes\n');
    const pids = new Set((await collapsed(join(cwd, 'out.mojo'))).match(/^P\d+/gm));
    expect(pids.size).toBe(2);
  });

  // It ends by itself some time, should the test fail before it ends it.
  it('that stay behind are left alone when the recording is stopped', async () => {
    const cwd = temporaryFolder();
    script(
      cwd,
      `${ENDLESS}\nready()\nimport time\nend = time.monotonic() + 30\nwhile time.monotonic() < end: outer(10)`,
    );
    const running = startAustin(
      ['record', '-C', '-o', 'out.mojo', 'sh', '-c', `${PYTHON} app.py >/dev/null 2>&1 & sleep 0.3`],
      { cwd },
    );
    const pid = await sampled(cwd, 'out.mojo');
    running.child.kill('SIGTERM');
    const { code, stderr } = await running.finished;
    expect(stderr).toContain('austin: wrote out.mojo');
    expect([0, 143]).toContain(code);
    expect(runs(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
    expect(await collapsed(join(cwd, 'out.mojo'))).toContain('outer');
  });

  it('are ended with the program when the time is over', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${ENDLESS}\nready()\nwhile True: outer(10)`);
    const result = await austin(
      ['record', '-C', '-x', '700ms', '-o', 'out.mojo', 'sh', '-c', `${PYTHON} app.py; true`],
      { cwd },
    );
    expect(result.code).toBe(0);
    expect(runs(Number(await fileText(join(cwd, 'pid'))))).toBe(false);
    expect(await collapsed(join(cwd, 'out.mojo'))).toContain('outer');
  });
});
