import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { austin, fileText, NO_PID, PYTHON, start, temporaryFolder } from './cli-helpers.js';

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
