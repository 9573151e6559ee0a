import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Snapshot, type SnapshotTask, takeSnapshot } from '../packages/sampler/dist/index.js';
import { austin, linesOf, start } from './cli-helpers.js';
import { findPythons } from './pythons.js';

const PROGRAM = fileURLToPath(new URL('programs/asyncio_tree.py', import.meta.url));

const pythons = await findPythons();
const withTasks = pythons.filter(({ version }) => version.minor >= 14);
const without = pythons.filter(({ version }) => version.minor >= 9 && version.minor < 14);

interface Tree {
  readonly tid: number;
  readonly state: 'burning' | 'waiting';
  /** The name of each task, and of those that await it. */
  readonly tasks: Readonly<Record<string, readonly string[]>>;
}

/** Starts the program and waits for both of its trees. */
async function startTrees(python: string, args: readonly string[] = []) {
  const program = start(python, [PROGRAM, ...args]);
  const trees = (await linesOf(program, 2)).map((line) => JSON.parse(line) as Tree);
  return { pid: program.pid, trees };
}

/** A tree as the program prints it. */
function treeIn(snapshot: Snapshot, tid: number): Record<string, string[]> {
  const tasks = snapshot.tasks?.filter((task) => task.tid === tid) ?? [];
  const names = new Map(snapshot.tasks?.map((task) => [task.id, task.name]));
  return Object.fromEntries(
    tasks.map((task) => [task.name, task.awaitedBy.map((id) => names.get(id) ?? id).sort()]),
  );
}

function taskOf(snapshot: Snapshot, tid: number, name: string): SnapshotTask {
  const found = snapshot.tasks?.filter((task) => task.tid === tid && task.name === name) ?? [];
  expect(found).toHaveLength(1);
  return found[0]!;
}

const functions = (task: SnapshotTask) => task.frames.map(({ name }) => name);

describe.skipIf(withTasks.length === 0)('tasks of asyncio', () => {
  for (const { path, version } of withTasks) {
    it(`are the tree that the program has, with the coroutines they wait in (3.${version.minor})`, async () => {
      const { pid, trees } = await startTrees(path);
      const snapshot = await takeSnapshot(pid, { tasks: true });
      for (const { tid, tasks, state } of trees) {
        expect(treeIn(snapshot, tid)).toEqual(tasks);
        const running = snapshot.tasks?.filter((task) => task.tid === tid && task.state === 'running');
        expect(running?.map(({ name }) => name)).toEqual(state === 'burning' ? ['runner'] : []);
        expect(functions(taskOf(snapshot, tid, 'in-group-1'))).toEqual(['worker', 'leaf', 'Event.wait']);
        expect(functions(taskOf(snapshot, tid, 'in-group-2'))).toEqual([
          'consumer',
          'stream',
          'leaf',
          'Event.wait',
        ]);
        expect(functions(taskOf(snapshot, tid, 'nested'))).toEqual(['nested']);
        expect(functions(taskOf(snapshot, tid, 'root'))).toEqual(['main', 'wait', '_wait']);
        expect(
          taskOf(snapshot, tid, 'in-group-1')
            .frames.map(({ line }) => line)
            .slice(0, 2),
        ).toEqual([18, 14]);
        expect(taskOf(snapshot, tid, 'root').loop.class).toBe('asyncio.unix_events._UnixSelectorEventLoop');
      }
      const burning = trees.find(({ state }) => state === 'burning')!;
      expect(functions(taskOf(snapshot, burning.tid, 'runner'))).toEqual(['runner', 'burn']);
      const loops = new Set(snapshot.tasks?.map((task) => `${task.tid} ${task.loop.id}`));
      expect(loops.size).toBe(2);
    });

    it(`are told from one another when they are begun eagerly (3.${version.minor})`, async () => {
      const { pid, trees } = await startTrees(path, ['eager']);
      const snapshot = await takeSnapshot(pid, { tasks: true });
      for (const { tid, tasks, state } of trees) {
        const { runner: _, ...expected } = tasks;
        const { runner, ...tree } = treeIn(snapshot, tid);
        // `asyncio.wait` has not been called yet where the last task burns: nothing awaits the others so far.
        if (state === 'waiting') expect(tree).toEqual(expected);
        else expect(Object.keys(tree).sort()).toEqual(Object.keys(expected).sort());
        expect(runner).toEqual(state === 'burning' ? [] : undefined);
      }
      const { tid } = trees.find(({ state }) => state === 'burning')!;
      expect(functions(taskOf(snapshot, tid, 'runner'))).toEqual(['eager_runner', 'burn']);
      expect(functions(taskOf(snapshot, tid, 'root'))[0]).toBe('main');
      expect(functions(taskOf(snapshot, tid, 'root'))).not.toContain('eager_runner');
    });

    it(`are shown by the command, each below the one that awaits it (3.${version.minor})`, async () => {
      const { pid, trees } = await startTrees(path);
      const { code, stdout } = await austin(['where', `${pid}`]);
      expect(code).toBe(0);
      const { tid } = trees.find(({ state }) => state === 'waiting')!;
      const block = stdout
        .toString()
        .split('\n\n')
        .find((text) => text.startsWith(`Tasks of thread ${tid} second, 12 tasks`));
      const lines = block?.split('\n').filter((line) => !line.includes('.py:')) ?? [];
      expect(lines.slice(1)).toEqual([
        '  root, waiting',
        '    nested, waiting',
        '      inner, waiting',
        '        in-group-1, waiting',
        '        in-group-2, waiting',
        '    gatherer, waiting',
        '      gathered-1, waiting',
        '      shielded, waiting',
        '    first, waiting',
        '      shared, waiting, also awaited by second',
        '    second, waiting',
        '  orphan, waiting',
      ]);
    });
  }
});

const OLD_PROGRAM = `
import asyncio
async def main():
    print('ready', flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
`;

describe('tasks before 3.14', () => {
  for (const { path, version } of without) {
    it(`are not made up (3.${version.minor})`, async () => {
      const program = start(path, ['-c', OLD_PROGRAM]);
      await linesOf(program, 1);
      const snapshot = await takeSnapshot(program.pid, { tasks: true });
      expect(snapshot.tasks).toBeUndefined();
      expect(snapshot.tasksUnknown).toBe('python-too-old');
      const { stdout } = await austin(['where', `${program.pid}`]);
      expect(stdout.toString()).toContain('asyncio: Python tells its tasks from 3.14 on');
    });
  }
});
