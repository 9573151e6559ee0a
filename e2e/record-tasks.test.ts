import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { austin, collapsed, temporaryFolder } from './cli-helpers.js';
import { findPythons } from './pythons.js';

const PROGRAM = fileURLToPath(new URL('programs/asyncio_work.py', import.meta.url));

const pythons = await findPythons();
const withTasks = pythons.filter(({ version }) => version.minor >= 14);
const without = pythons.filter(({ version }) => version.minor === 13);

interface Row {
  /** Of the functions, outermost first. */
  readonly names: readonly string[];
  readonly tasks: readonly string[];
  readonly weight: number;
}

/** The stacks of a recording with the tasks in them. */
async function rowsOf(path: string): Promise<Row[]> {
  const lines = (await collapsed(path)).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const space = line.lastIndexOf(' ');
    const [stack, weight] = [line.slice(0, space), line.slice(space + 1)];
    const frames = stack.split(';').filter((frame) => frame.includes(':'));
    const parts = frames.map((frame) => frame.split(':'));
    return {
      names: parts.map(([, name = '']) => name),
      tasks: parts.flatMap(([file, name = '']) => (file === '<task>' ? [name] : [])),
      weight: Number(weight),
    };
  });
}

const sum = (rows: readonly Row[]) => rows.reduce((total, { weight }) => total + weight, 0);

describe.skipIf(withTasks.length === 0)('record --tasks', () => {
  for (const { path, version } of withTasks) {
    it(`puts the task that runs and those that await it above its coroutines (3.${version.minor})`, async () => {
      const file = join(temporaryFolder(), 'tasks.mojo');
      const { code, stderr } = await austin(['record', '--tasks', '-o', file, path, PROGRAM, '100']);
      expect([code, stderr.includes('tell its tasks')]).toEqual([0, false]);
      const rows = await rowsOf(file);
      const computing = rows.filter(({ names }) => names.includes('compute'));
      const heavy = computing.filter(({ tasks }) => tasks.join() === 'root,parent,heavy');
      const unnamed = computing.filter(({ tasks }) => tasks.join() === 'root,parent,unnamed');
      const short = computing.filter(({ tasks }) => tasks.join() === 'root,short');
      // Each task stands right above its own first coroutine, and below the event loop.
      for (const { names } of heavy) {
        expect(names.slice(names.indexOf('heavy'))).toEqual(['heavy', 'work', 'compute']);
        expect(names.indexOf('root')).toBeGreaterThan(names.indexOf('Handle._run'));
      }
      for (const { names } of unnamed) {
        expect(names.slice(names.lastIndexOf('work') - 2)).toEqual(['unnamed', 'unnamed', 'work', 'compute']);
      }
      // What the program computes in them is 9 to 3 to 1, and next to nothing stays without a task.
      expect(sum(heavy) / sum(unnamed)).toBeGreaterThan(2);
      expect(sum(heavy) / sum(unnamed)).toBeLessThan(4.5);
      expect(sum(short)).toBeGreaterThan(0);
      const marked = sum(computing.filter(({ tasks }) => tasks.length > 0));
      expect(marked / sum(computing)).toBeGreaterThan(0.97);
      for (const { tasks, names } of rows) {
        if (tasks.length > 0) expect(names).toContain('Handle._run');
      }
    });
  }

  it.skipIf(without.length === 0)('says where it is not possible', async () => {
    const file = join(temporaryFolder(), 'tasks.mojo');
    const { code, stderr } = await austin(['record', '--tasks', '-o', file, without[0]!.path, PROGRAM, '5']);
    expect(code).toBe(0);
    expect(stderr).toContain('which does not tell its tasks (3.14 and later do): recorded without');
    for (const { tasks } of await rowsOf(file)) expect(tasks).toEqual([]);
  });
});
