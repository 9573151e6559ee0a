import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  exitOf,
  mojoStream,
  pidIfWritten,
  pidIn,
  startClassic,
  startClassic3,
  textStream,
} from './classic-helpers.js';
import {
  CLI,
  CLI3,
  ENDLESS,
  NO_PID,
  PYTHON,
  type Running,
  runs,
  script,
  start,
  temporaryFolder,
  until,
} from './cli-helpers.js';

const FOREVER = `${ENDLESS}\nready()\nwhile True: outer(10)`;

/** Waits until so many bytes of the stream have come. */
async function received(run: Running, bytes: number): Promise<void> {
  let count = 0;
  run.child.stdout?.on('data', (chunk: Buffer) => {
    count += chunk.length;
  });
  await until(() => count >= bytes);
}

describe.each([
  ['4', startClassic, (bytes: Buffer) => mojoStream(bytes).metadata.get('duration')],
  ['3', startClassic3, (bytes: Buffer) => textStream(bytes.toString()).footer.get('duration')],
] as const)('as Austin %s', (_, begin, durationOf) => {
  it.each([
    ['SIGTERM', 241],
    ['SIGINT', 254],
    ['SIGHUP', 255],
  ] as const)('%s ends the stream, and the program that was started', async (signal, code) => {
    const cwd = temporaryFolder();
    script(cwd, FOREVER);
    const austin = begin(['-P', '-i', '1ms', PYTHON, 'app.py'], { cwd });
    const pid = await pidIn(cwd);
    await received(austin, 500);
    process.kill(austin.pid, signal);
    const { code: answered, stdout, stderr } = await austin.finished;
    expect(answered).toBe(code);
    if (signal === 'SIGTERM') expect(stderr).toBe(''); // what Python says of the others is its own affair
    expect(runs(pid)).toBe(false);
    expect(Number(durationOf(stdout))).toBeGreaterThan(0);
  });

  it.each([
    ['SIGTERM', 241],
    ['SIGINT', 254],
  ] as const)(
    '%s ends the stream, and leaves a process alone that was there before',
    async (signal, code) => {
      const cwd = temporaryFolder();
      script(cwd, FOREVER);
      const target = start(PYTHON, ['app.py'], { cwd });
      await pidIn(cwd);
      const austin = begin(['-P', '-i', '1ms', '-p', `${target.pid}`], { cwd });
      await received(austin, 500);
      process.kill(austin.pid, signal);
      const { code: answered, stdout, stderr } = await austin.finished;
      expect([answered, stderr]).toEqual([code, '']);
      expect(runs(target.pid)).toBe(true);
      expect(Number(durationOf(stdout))).toBeGreaterThan(0);
    },
  );

  it('SIGTERM at any moment leaves a whole stream, and nothing running', async () => {
    for (let wait = 0; wait < 600; wait += 20) {
      const cwd = temporaryFolder();
      script(cwd, FOREVER);
      const austin = begin(['-P', '-i', '1ms', PYTHON, 'app.py'], { cwd });
      await delay(wait);
      process.kill(austin.pid, 'SIGTERM');
      const { code, signal, stdout, stderr } = await austin.finished;
      // Before the handlers are there, nothing is: the signal itself ends the process.
      expect([241, 'SIGTERM']).toContain(signal ?? code);
      expect(stderr).toBe('');
      if (signal !== null) expect(stdout.length).toBe(0);
      if (stdout.length > 0) expect(Number(durationOf(stdout))).toBeGreaterThanOrEqual(0);
      expect(runs(pidIfWritten(cwd) ?? NO_PID)).toBe(false);
    }
  });

  it('SIGTERM during the search ends the search, and all that was started', async () => {
    const cwd = temporaryFolder();
    const line = 'echo $$ > pid; sleep 60 & wait; sleep 60';
    const austin = begin(['-P', '-t', '60s', 'sh', '-c', line], { cwd });
    const shell = await pidIn(cwd);
    const sleeper = Number(readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim());
    process.kill(austin.pid, 'SIGTERM');
    const { code, stdout } = await austin.finished;
    expect(code).toBe(241);
    expect(runs(shell) || (sleeper > 0 && runs(sleeper))).toBe(false);
    expect(durationOf(stdout)).toBe('0');
  });

  it('SIGTERM ends a Python below a shell', async () => {
    const cwd = temporaryFolder();
    script(cwd, FOREVER);
    const austin = begin(['-P', 'sh', '-c', `${PYTHON} app.py; true`], { cwd });
    const pid = await pidIn(cwd);
    process.kill(austin.pid, 'SIGTERM');
    expect((await austin.finished).code).toBe(241);
    expect(runs(pid)).toBe(false);
  });

  it('a second SIGINT kills a program that ignores the first', async () => {
    const cwd = temporaryFolder();
    script(
      cwd,
      `${ENDLESS}\nimport signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nready()\nwhile True: outer(10)`,
    );
    const austin = begin(['-P', PYTHON, 'app.py'], { cwd });
    const pid = await pidIn(cwd);
    await received(austin, 500);
    process.kill(austin.pid, 'SIGINT');
    await delay(300);
    expect(runs(pid)).toBe(true);
    process.kill(austin.pid, 'SIGINT');
    const { code, stdout } = await austin.finished;
    expect(code).toBe(254);
    expect(runs(pid)).toBe(false);
    durationOf(stdout);
  });

  it('the end of a process that was attached to is the end of the stream', async () => {
    const cwd = temporaryFolder();
    script(cwd, FOREVER);
    const target = start(PYTHON, ['app.py'], { cwd });
    await pidIn(cwd);
    const austin = begin(['-P', '-p', `${target.pid}`], { cwd });
    await received(austin, 500);
    target.child.kill('SIGKILL');
    const { code, stdout } = await austin.finished;
    expect(code).toBe(0);
    durationOf(stdout);
  });

  it('a reader that takes nothing does not hold up SIGTERM', async () => {
    const cwd = temporaryFolder();
    script(cwd, FOREVER);
    const cli = begin === startClassic ? CLI : CLI3;
    // The reader fills its pipe and stays.
    const reader = script(
      cwd,
      `
import os, subprocess, sys, time
austin = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
while not os.path.exists('pid'): time.sleep(0.02)
time.sleep(2)
austin.terminate()
print(austin.wait())
`,
      'reader.py',
    );
    const words = [process.execPath, cli, '-P', '-i', '100us', PYTHON, 'app.py'];
    const { stdout } = await start(PYTHON, [reader, ...words], { cwd }).finished;
    expect(stdout.toString()).toBe('241\n');
    expect(runs(await pidIn(cwd))).toBe(false);
  });
});

describe.each([
  ['4', CLI, 5],
  ['3', CLI3, 255],
] as const)('an output of Austin %s', (_, cli, outputCode) => {
  it('that is full ends everything with an error', async () => {
    for (const where of ['-o', 'stdout']) {
      const cwd = temporaryFolder();
      script(cwd, FOREVER);
      const full = openSync('/dev/full', 'w');
      const args = ['-P', ...(where === '-o' ? ['-o', '/dev/full'] : []), PYTHON, 'app.py'];
      const stdout = where === '-o' ? 'ignore' : full;
      const { code } = await exitOf(cli, args, { cwd, stdio: ['ignore', stdout, 'ignore'] });
      closeSync(full);
      expect(code).toBe(outputCode);
      expect(runs(pidIfWritten(cwd) ?? NO_PID)).toBe(false);
    }
  });

  it('whose reader goes away ends everything', async () => {
    const cwd = temporaryFolder();
    script(cwd, FOREVER);
    const line = `"$0" "$1" -P -i 200us "$2" app.py | head -c 3 >&2; echo "$\{PIPESTATUS[0]}"`;
    const result = await start('bash', ['-c', line, process.execPath, cli, PYTHON], { cwd }).finished;
    expect(result.stdout.toString()).toBe('141\n');
    expect(result.stderr).toBe(cli === CLI ? 'MOJ' : '# a');
    expect(runs(pidIfWritten(cwd) ?? NO_PID)).toBe(false);
  });

  it.each(['<&-', '>&-', '2>&-', '<&- >&- 2>&-'])('that is closed (%s) changes nothing', async (closed) => {
    const cwd = temporaryFolder();
    script(cwd, `${ENDLESS}\nready()\nouter(200)`);
    const line = `"$0" "$1" -P "$2" app.py ${closed}`;
    const run = await start('bash', ['-c', line, process.execPath, cli, PYTHON], { cwd }).finished;
    expect(run.code).toBe(0);
    expect(run.stderr).toBe('');
    expect(runs(await pidIn(cwd))).toBe(false);
  });
});

describe('a terminal', () => {
  const IN_TERMINAL = `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
shown = b''
try:
    while True: shown += os.read(fd, 65536)
except OSError:
    pass
sys.stdout.buffer.write(shown)
sys.exit(os.waitpid(pid, 0)[1] >> 8)
`;
  const inTerminal = (cli: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const cwd = temporaryFolder();
    const terminal = script(cwd, IN_TERMINAL, 'terminal.py');
    return start(PYTHON, [terminal, process.execPath, cli, ...args], { cwd, env }).finished;
  };

  it('gets no binary stream, but a word about files', async () => {
    const { code, stdout } = await inTerminal(CLI, [PYTHON, '-c', 'print("ran")']);
    expect(code).toBe(64);
    expect(stdout.toString()).toContain('austin -o profile.mojo');
    expect(stdout.toString()).not.toContain('ran');
  });

  it('gets the text stream, and colours unless they are not wanted', async () => {
    const args = ['-i', '1ms', PYTHON, '-c', 'import time; time.sleep(0.3)'];
    const colored = await inTerminal(CLI3, args, { NO_COLOR: '' });
    expect(colored.code).toBe(0);
    expect(colored.stdout.toString()).toContain('# austin: 3.7.0\r\n');
    expect(colored.stdout.toString()).toContain('\x1b[');
    const plain = await inTerminal(CLI3, args, { NO_COLOR: '1' });
    expect(plain.stdout.toString()).not.toContain('\x1b[');
  });
});
