import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { CLI, script } from './cli-helpers.js';
import type { openTmux } from './tmux.js';

type Terminal = ReturnType<typeof openTmux>;

/** Two threads that compute, in functions with names to look for, until they are ended. */
export const PROGRAM = `
import json, os, threading, time

def inner(n):
    return sum(i * i for i in range(n))

def outer():
    while True:
        inner(2000)
        json.dumps(list(range(500)))

def waiting():
    while True:
        time.sleep(0.01)

print('printed by the program', flush=True)
with open('pid', 'w') as file:
    file.write('%d\\n' % os.getpid())
threading.Thread(target=waiting, name='waiter', daemon=True).start()
outer()
`;

/** A command line of ours. */
export function austinLine(...words: string[]): string {
  return shellLine(process.execPath, CLI, ...words);
}

/** The same for one of the tools with the names of others. */
export function toolLine(name: string, ...words: string[]): string {
  return shellLine(process.execPath, join(dirname(CLI), `${name}.js`), ...words);
}

/** A command line, as a shell takes it. */
export function shellLine(...words: string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

/** Writes the program, and answers with the name of its file. */
export function programIn(folder: string): string {
  script(folder, PROGRAM);
  return 'app.py';
}

/** Holds that the shell has its terminal back as it was, with what stood there, and that what is typed shows. */
export async function expectClean(terminal: Terminal, exitCode: number): Promise<void> {
  // What was typed before the shell was there has left a prompt of its own.
  await terminal.until((text) => !terminal.modes().isAlternate && /\n(?:\$ )*\$$/.test(text.trimEnd()));
  terminal.run('echo "left: $?"; stty -a | grep -o " [-]*icanon\\|[-]*echo "');
  const text = await terminal.until(/^.*left: \d+\n.*icanon\n.*echo\n\$/m);
  expect(text).toContain(`left: ${exitCode}\n icanon\necho\n`);
  expect(text).toContain('before the view');
  expect(terminal.modes()).toEqual({ isAlternate: false, hasCursor: true, hasMouse: false, wraps: true });
}

/**
 * Runs the command of its arguments on a terminal that is read until it shows \`outer\`, and then never again. When that is full,
 * the command gets SIGTERM. Prints the exit status; ends by itself only if the command does.
 */
export const HUNG_TERMINAL = `
import fcntl, os, pty, signal, struct, sys, termios, time

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])

def resize(rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

def waiting():
    return struct.unpack('i', fcntl.ioctl(terminal, termios.FIONREAD, b'    '))[0]

resize(30, 100)
seen = b''
while b'outer' not in seen:
    seen += os.read(terminal, 65536)
# Each size is drawn from the start, as long as there is room for it.
unchanged, last = 0, -1
while unchanged < 10:
    for rows in (50, 60):
        resize(rows, 200)
        time.sleep(0.05)
    unchanged = unchanged + 1 if waiting() == last else 0
    last = waiting()
os.kill(pid, signal.SIGTERM)
print('exit status', os.WEXITSTATUS(os.waitpid(pid, 0)[1]))
`;
