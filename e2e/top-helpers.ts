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

/** A command line of ours, as a shell takes it. */
export function austinLine(...words: string[]): string {
  return shellLine(process.execPath, CLI, ...words);
}

/** The same for one of the tools with the names of others. */
export function toolLine(name: string, ...words: string[]): string {
  return shellLine(process.execPath, join(dirname(CLI), `${name}.js`), ...words);
}

function shellLine(...words: string[]): string {
  return words.map((word) => `'${word}'`).join(' ');
}

/** Writes the program, and answers with the name of its file. */
export function programIn(folder: string): string {
  script(folder, PROGRAM);
  return 'app.py';
}

/** Holds that the shell has its terminal back as it was, with what stood there, and that what is typed shows. */
export async function expectClean(terminal: Terminal, exitCode: number): Promise<void> {
  await terminal.until((text) => !terminal.modes().isAlternate && text.trimEnd().endsWith('\n$'));
  terminal.run('echo "left: $?"; stty -a | grep -o " [-]*icanon\\|[-]*echo "');
  const text = await terminal.until(/^.*left: \d+\n.*icanon\n.*echo\n\$/m);
  expect(text).toContain(`left: ${exitCode}\n icanon\necho\n`);
  expect(text).toContain('before the view');
  expect(terminal.modes()).toEqual({ isAlternate: false, hasCursor: true, hasMouse: false, wraps: true });
}
