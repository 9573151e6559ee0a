import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Snapshot, SnapshotTree } from '../packages/sampler/dist/index.js';
import {
  austin,
  CLI,
  fileText,
  linesOf,
  NO_PID,
  PYTHON,
  start,
  startAustin,
  temporaryFolder,
} from './cli-helpers.js';

const PROGRAM = `
import os, threading, time

def wait_for_work():
    time.sleep(60)

def main():
    threading.Thread(target=wait_for_work, name='worker \\x1b[31m', daemon=True).start()
    time.sleep(0.2)
    with open('pid', 'w') as file:
        file.write('%d\\n' % os.getpid())
    time.sleep(60)

main()
`;

const WITH_LOCALS = `
import json, sys, time

def work(argument, *rest, **named):
    text = 'it is \\x1b[31m'
    numbers = list(range(100))
    nothing = None
    print(json.dumps(expected(locals())), flush=True)
    time.sleep(60)

def expected(values):
    texts = {name: repr(value) for name, value in values.items()}
    texts['numbers'] = '[0, 1, 2, 3, 4, 5, \u2026 94 more]'
    return texts

work({'a': (1, 2.5)}, b'bytes', key=True)
`;

const LEAF = `
import time
print('leaf', flush=True)
time.sleep(60)
`;

const MIDDLE = `
import subprocess, sys
shells = [subprocess.Popen(['sh', '-c', '"$0" leaf-%d.py; :' % i, sys.executable]) for i in range(2)]
for shell in shells:
    shell.wait()
`;

/** Runs a command in a terminal of its own, and passes on what it writes there. */
const IN_TERMINAL = `
import pty, sys
pty.spawn(sys.argv[1:])
`;

async function startProgram(): Promise<number> {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'app.py'), PROGRAM);
  start(PYTHON, ['app.py', 'an argument'], { cwd });
  return Number(await fileText(join(cwd, 'pid')));
}

describe('austin where', () => {
  it('shows every thread, the most recent call last', async () => {
    const pid = await startProgram();
    const { code, stdout, stderr } = await austin(['where', `${pid}`]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const blocks = stdout.toString().trimEnd().split('\n\n');
    expect(blocks[0]).toMatch(
      new RegExp(
        `^Process ${pid}: .*app.py 'an argument'\nPython 3\\.\\d.*\n2 threads, most recent call last$`,
      ),
    );
    const main = blocks.find((block) => block.startsWith(`Thread ${pid} MainThread`));
    const frames = main?.split('\n').slice(1) ?? [];
    expect(frames[0]).toMatch(/^ {2}\S*app\.py:14(:1)? {2}<module>$/);
    expect(frames.at(-1)).toMatch(/^ {2}\S*app\.py:12(:5)? {2}main$/);
    const worker = blocks.find((block) => block.includes('worker'));
    expect(worker).toContain(String.raw`worker \x1b[31m`);
    expect(worker?.split('\n').at(-1)).toMatch(/app\.py:5(:5)? {2}wait_for_work$/);
  });

  it('prints one JSON document with --json', async () => {
    const pid = await startProgram();
    const { code, stdout } = await austin(['where', `${pid}`, '--json']);
    expect(code).toBe(0);
    const snapshot = JSON.parse(stdout.toString());
    expect(snapshot.target).toMatchObject({ pid, pythonVersion: expect.stringMatching(/^3\.\d+\./) });
    expect(snapshot.threads).toHaveLength(2);
    const main = snapshot.threads.find(({ tid }: { tid: number }) => tid === pid);
    expect(main.frames[0]).toMatchObject({ name: '<module>', line: 14 });
  });

  it('shows the variables of each call with --locals', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'app.py'), WITH_LOCALS);
    const program = start(PYTHON, ['app.py'], { cwd });
    const [expected] = await linesOf(program, 1);
    const { code, stdout } = await austin(['where', `${program.pid}`, '--locals', '--json']);
    expect(code).toBe(0);
    const { threads } = JSON.parse(stdout.toString()) as Snapshot;
    const frame = threads[0]?.frames.at(-1);
    expect(frame?.name).toBe('work');
    const locals = Object.fromEntries((frame?.locals ?? []).map(({ name, value }) => [name, value]));
    expect(locals).toEqual(JSON.parse(expected!));
    const text = (await austin(['where', `${program.pid}`, '-l'])).stdout.toString();
    expect(text).toContain(String.raw`      text = 'it is \x1b[31m'`);
    expect(text).toContain('      numbers = [0, 1, 2, 3, 4, 5, … 94 more]');
  });

  it('finds every Python of a tree with -C, through other programs', async () => {
    const cwd = temporaryFolder();
    for (const name of ['leaf-0.py', 'leaf-1.py']) writeFileSync(join(cwd, name), LEAF);
    writeFileSync(join(cwd, 'middle.py'), MIDDLE);
    const shell = start('sh', ['-c', `"${PYTHON}" middle.py; :`], { cwd });
    await linesOf(shell, 2);
    const { code, stdout } = await austin(['where', '-C', `${shell.pid}`, '--json']);
    expect(code).toBe(0);
    const tree = JSON.parse(stdout.toString()) as SnapshotTree;
    expect(tree.unread).toEqual([]);
    const [middle, ...leaves] = tree.processes;
    expect(middle?.threads[0]?.frames.map(({ file }) => basename(file))).toContain('middle.py');
    expect(middle?.parent).toBeUndefined();
    expect(leaves.map(({ parent }) => parent)).toEqual([middle?.target.pid, middle?.target.pid]);
    const files = leaves.map(({ threads }) => basename(threads[0]!.frames[0]!.file));
    expect(files).toEqual(['leaf-0.py', 'leaf-1.py']);
    const text = (await austin(['where', '--children', `${shell.pid}`])).stdout.toString();
    expect(text.match(/^Process \d+, below process \d+: .*$/gm)).toHaveLength(3);
    expect(text).toContain(`Process ${leaves[1]!.target.pid}, below process ${middle?.target.pid}: `);
  });

  it('prints report after report with --watch until the process ends', async () => {
    const pid = await startProgram();
    const watching = startAustin(['where', `${pid}`, '--watch', '0.05']);
    await linesOf(watching, 40);
    process.kill(pid);
    const { code, stdout, stderr } = await watching.finished;
    expect(stderr).toBe(`austin: process ${pid} has ended\n`);
    expect(code).toBe(0);
    const reports = stdout.toString().split(/^=== \S+Z ===\n\n/m);
    expect(reports.shift()).toBe('');
    expect(reports.length).toBeGreaterThan(2);
    for (const report of reports) expect(report).toContain(`Process ${pid}: `);
  });

  it('prints a JSON document a line with --watch --json, until Ctrl-C', async () => {
    const pid = await startProgram();
    const watching = startAustin(['where', '--json', '--watch', `${pid}`]);
    await linesOf(watching, 2);
    watching.child.kill('SIGINT');
    const { code, stdout, stderr } = await watching.finished;
    expect([code, stderr]).toEqual([0, '']);
    const seen = stdout
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Snapshot & { time: string });
    expect(seen.length).toBeGreaterThanOrEqual(2);
    for (const { target } of seen) expect(target.pid).toBe(pid);
    const times = seen.map(({ time }) => Date.parse(time));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('draws on the second screen of a terminal with --watch, and gives the first one back', async () => {
    const pid = await startProgram();
    const onTerminal = start(
      PYTHON,
      ['-c', IN_TERMINAL, process.execPath, CLI, 'where', `${pid}`, '-w', '0.05'],
      {
        keepsInput: true,
      },
    );
    await linesOf(onTerminal, 30);
    process.kill(pid);
    const { stdout } = await onTerminal.finished;
    const screen = stdout.toString();
    expect(screen.startsWith('\x1b[?1049h')).toBe(true);
    expect(screen.split('\x1b[H').length).toBeGreaterThan(2);
    expect(screen).toContain('\x1b[?1049l');
    expect(screen.split('\x1b[?1049l')[1]).toBe(`austin: process ${pid} has ended\r\n`);
    expect(screen.split('\x1b[?1049h').length).toBe(2);
  });

  it('refuses what it cannot understand', async () => {
    expect((await austin(['where'])).stderr).toContain('(ERR_USAGE_ARGUMENT)');
    expect((await austin(['where', '1', '--watch', 'soon'])).stderr).toContain('(ERR_USAGE_WATCH)');
    expect((await austin(['where', '1', '--watch', '0'])).code).toBe(2);
  });

  it('says what is wrong with the pid', async () => {
    const gone = await austin(['where', `${NO_PID}`]);
    expect(gone.code).toBe(1);
    expect(gone.stdout.length).toBe(0);
    expect(gone.stderr).toMatch(/^austin: .*\(ERR_PROCESS_GONE\)\nhint: .*\n$/);
    const sleeper = start('sleep', ['60']);
    const other = await austin(['where', `${sleeper.pid}`]);
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('(ERR_NOT_PYTHON)');
    expect((await austin(['where', 'python'])).code).toBe(2);
  });
});
