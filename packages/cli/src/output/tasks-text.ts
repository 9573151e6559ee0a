import type { Snapshot } from '@austin-profiler/sampler';
import type { Colors } from './colors.js';
import { frameText } from './frame-text.js';
import { groupBy } from './group-by.js';
import { count } from './numbers.js';
import { printable } from './printable.js';
import { type TaskNode, taskForest } from './task-tree.js';

const STATE_WORDS = { created: 'not begun', waiting: 'waiting', running: 'running' } as const;

/**
 * The tasks of asyncio, one block for each event loop: a task stands under the task that awaits it. No blocks for a program
 * that does not use asyncio.
 */
export function tasksText(snapshot: Snapshot, colors: Colors): string[] {
  const unknown = unknownTasks(snapshot);
  if (unknown !== undefined) return [colors.yellow(unknown)];
  const loops = groupBy(taskForest(snapshot.tasks ?? []), ({ task }) => `${task.tid} ${task.loop.id}`);
  return [...loops.values()].map((nodes) => loopText(nodes, snapshot, colors));
}

function loopText(nodes: readonly TaskNode[], snapshot: Snapshot, colors: Colors): string {
  const { tid, loop } = nodes[0]!.task;
  const thread = snapshot.threads.find((candidate) => candidate.tid === tid);
  const name = thread?.name === undefined ? '' : ` ${printable(thread.name)}`;
  const where = tid === undefined ? 'a thread that has ended' : `thread ${tid}${name}`;
  const total = nodes.reduce((sum, node) => sum + size(node), 0);
  const tasks = total === 1 ? '1 task' : `${count(total)} tasks`;
  return [
    `${colors.bold(`Tasks of ${where}`)}, ${tasks}, ${printable(loop.class)}`,
    ...nodes.map((node) => nodeText(node, colors, '  ')),
  ].join('\n');
}

function nodeText(node: TaskNode, colors: Colors, indent: string): string {
  const { task, children, alsoAwaitedBy, isInCircle } = node;
  const others = alsoAwaitedBy.map((other) => printable(other.name)).join(', ');
  const notes = [
    task.state === 'running' ? colors.green(STATE_WORDS.running) : STATE_WORDS[task.state],
    ...(isInCircle ? [colors.yellow(`awaits itself through ${others}`)] : []),
    ...(others && !isInCircle ? [`also awaited by ${others}`] : []),
  ];
  return [
    `${indent}${colors.bold(printable(task.name))}, ${notes.join(', ')}`,
    ...task.frames.map((frame) => frameText(frame, colors, `${indent}    `)),
    ...children.map((child) => nodeText(child, colors, `${indent}  `)),
  ].join('\n');
}

function size(node: TaskNode): number {
  return node.children.reduce((sum, child) => sum + size(child), 1);
}

/** What cannot be said about tasks, if the program seems to have some. */
function unknownTasks(snapshot: Snapshot): string | undefined {
  const runsAsyncio = snapshot.threads.some((thread) =>
    thread.frames.some(({ file }) => /[/\\]asyncio[/\\](base_events|events)\.py$/.test(file)),
  );
  switch (snapshot.tasksUnknown) {
    case 'python-too-old':
      return runsAsyncio
        ? 'asyncio: Python tells its tasks from 3.14 on; here only the running one is seen, as frames of its thread'
        : undefined;
    case 'not-described':
      return runsAsyncio
        ? 'asyncio: this build of Python does not tell where its tasks are, or its file `_asyncio` is gone'
        : undefined;
    case 'changing':
      return 'asyncio: tasks came and went faster than they could be read; try again';
    case undefined:
      return runsAsyncio && snapshot.tasks?.length === 0
        ? 'asyncio: no tasks were found; those of an implementation written in Python cannot be'
        : undefined;
  }
}
