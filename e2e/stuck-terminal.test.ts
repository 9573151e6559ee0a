import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readProfile } from '../packages/convert/dist/index.js';
import { CLI, fileText, PYTHON, runs, script, start, temporaryFolder } from './cli-helpers.js';

/**
 * Runs the command of its arguments with standard error on a terminal whose output was stopped, as Ctrl-S does it, and never goes
 * on. Each line of the standard input is a signal that the command gets. Prints the exit status.
 */
const STOPPED_TERMINAL = `
import pty, signal, subprocess, sys, termios

terminal, side = pty.openpty()
termios.tcflow(side, termios.TCOOFF)
child = subprocess.Popen(sys.argv[1:], stdin=side, stdout=subprocess.DEVNULL, stderr=side, start_new_session=True)
for line in sys.stdin:
    child.send_signal(getattr(signal, line.strip()))
print('exit status', child.wait())
`;

const PROGRAM = `
import os, signal, sys, time

# What Python says of an interrupt would wait for the terminal.
signal.signal(signal.SIGINT, lambda *_: os._exit(130))
with open('pid', 'w') as file:
    file.write('%d\\n' % os.getpid())
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    sum(range(1000))
sys.exit(3)
`;

function onStoppedTerminal(cwd: string, words: readonly string[], options: { keepsInput?: boolean } = {}) {
  script(cwd, PROGRAM);
  const terminal = script(cwd, STOPPED_TERMINAL, 'terminal.py');
  return start(PYTHON, [terminal, process.execPath, CLI, ...words], { cwd, ...options });
}

describe('with a terminal that takes nothing', () => {
  it('a recording goes on to its end, with the exit code of the program', async () => {
    const cwd = temporaryFolder();
    const words = ['record', '-o', 'app.mojo', '--progress', PYTHON, 'app.py', '1'];
    const { stdout } = await onStoppedTerminal(cwd, words).finished;
    expect(stdout.toString()).toBe('exit status 3\n');
    const profile = await readProfile([readFileSync(join(cwd, 'app.mojo'))], { strict: true });
    const recordedUs = profile.samples.timeUs.reduce((sum, time) => sum + time, 0);
    // A second and what it took to begin.
    expect(recordedUs).toBeGreaterThan(900_000);
  });

  it.each([
    ['record', 'SIGTERM', 143],
    ['web', 'SIGTERM', 143],
    ['web', 'SIGINT', 130],
  ])('austin %s hears %s, and ends the program that it has started', async (command, signal, status) => {
    const cwd = temporaryFolder();
    const words = [command, '-o', 'app.mojo', '--', PYTHON, 'app.py', '600'];
    const { child, finished } = onStoppedTerminal(cwd, words, { keepsInput: true });
    const pid = Number(await fileText(join(cwd, 'pid')));
    child.stdin!.end(`${signal}\n`);
    expect((await finished).stdout.toString()).toBe(`exit status ${status}\n`);
    expect(runs(pid)).toBe(false);
    await readProfile([readFileSync(join(cwd, 'app.mojo'))], { strict: true });
  });
});
