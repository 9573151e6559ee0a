import type { Snapshot, SnapshotFrame, SnapshotTask } from '@austin-profiler/sampler';
import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import { tasksText } from './tasks-text.js';

const plain = picocolors.createColors(false);

const frame = (name: string, file = 'a.py'): SnapshotFrame => ({
  name,
  file,
  line: 1,
  column: 0,
  lineEnd: 0,
  columnEnd: 0,
});

const task = (id: string, awaitedBy: string[] = [], more: Partial<SnapshotTask> = {}): SnapshotTask => ({
  id,
  name: `task ${id}`,
  state: 'waiting',
  tid: 42,
  loop: { id: '0x1', class: 'Loop' },
  awaitedBy,
  frames: [],
  ...more,
});

function textOf(snapshot: Partial<Snapshot>, file = 'a.py'): string[] {
  return tasksText(
    {
      target: { pid: 42, pythonVersion: '3.14.0', executable: 'python', freeThreaded: false },
      attempts: 1,
      threads: [
        { iid: 0, tid: 42, name: 'Main', state: 'running', quality: 'exact', frames: [frame('run', file)] },
      ],
      ...snapshot,
    },
    plain,
  );
}

it('shows tasks below the task that awaits them, loop by loop', () => {
  const tasks = [
    task('1', [], { frames: [frame('main'), frame('wait')] }),
    task('2', ['1'], { state: 'running', frames: [frame('work')] }),
    task('3', ['1', '2', '4', 'gone'], { state: 'created' }),
    task('4', ['2']),
    task('5', [], { loop: { id: '0x2', class: 'Other' } }),
    task('6', ['gone'], { name: 'six\x1b', tid: 43 }),
  ];
  expect(textOf({ tasks })).toEqual([
    [
      'Tasks of thread 42 Main, 4 tasks, Loop',
      '  task 1, waiting',
      '      a.py:1  main',
      '      a.py:1  wait',
      '    task 2, running',
      '        a.py:1  work',
      '      task 4, waiting',
      '    task 3, not begun, also awaited by task 2, task 4',
    ].join('\n'),
    ['Tasks of thread 42 Main, 1 task, Other', '  task 5, waiting'].join('\n'),
    ['Tasks of thread 43, 1 task, Loop', String.raw`  six\x1b, waiting`].join('\n'),
  ]);
});

it('breaks circles, and shows tasks of threads that have ended', () => {
  const { tid: _, ...ended } = task('9');
  expect(textOf({ tasks: [task('1', ['2']), task('2', ['1']), ended] })).toEqual([
    ['Tasks of a thread that has ended, 1 task, Loop', '  task 9, waiting'].join('\n'),
    [
      'Tasks of thread 42 Main, 2 tasks, Loop',
      '  task 1, waiting, awaits itself through task 2',
      '    task 2, waiting',
    ].join('\n'),
  ]);
});

it('says what it cannot tell where asyncio runs', () => {
  const asyncio = '/usr/lib/python3.9/asyncio/base_events.py';
  expect(textOf({ tasksUnknown: 'python-too-old' })).toEqual([]);
  expect(textOf({ tasksUnknown: 'python-too-old' }, asyncio)[0]).toContain('from 3.14 on');
  expect(textOf({ tasksUnknown: 'not-described' })).toEqual([]);
  expect(textOf({ tasksUnknown: 'not-described' }, asyncio)[0]).toContain('this build of Python');
  expect(textOf({ tasksUnknown: 'changing' })[0]).toContain('try again');
  expect(textOf({ tasks: [] })).toEqual([]);
  expect(textOf({ tasks: [] }, asyncio)[0]).toContain('written in Python');
});
