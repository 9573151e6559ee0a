import type { Snapshot, SnapshotFrame } from '@austin-profiler/sampler';
import { expect, it } from 'vitest';
import { whereText } from './where-text.js';

const frame = (name: string, line: number): SnapshotFrame => ({
  name,
  file: 'app\x1b.py',
  line,
  lineEnd: line,
  column: 1,
  columnEnd: 2,
});

const snapshot = (pid: number): Snapshot => ({
  target: { pid, pythonVersion: '3.12.1', executable: '/usr/bin/python3', freeThreaded: false },
  attempts: 1,
  threads: [
    { iid: 0, tid: pid + 1, state: 'sleeping', quality: 'exact', frames: [] },
    {
      iid: 0,
      tid: pid,
      state: pid === 10 ? 'running' : 'sleeping',
      quality: 'cut',
      frames: [frame('<module>', 4), frame('main', 2)],
    },
  ],
});

const PROCESSES = [
  { snapshot: snapshot(20), isChild: true },
  { snapshot: snapshot(10), isChild: false },
];

it('is a block per thread, the outermost call first', () => {
  expect(whereText(PROCESSES, { colored: false, markChildren: true })).toBe(
    String.raw`

💤🧒 Process 20 🧵 Thread 0:21



💤🧒 Process 20 🧵 Thread 0:20

;:INVALID:
    <module> (app\x1b.py:4)
    main (app\x1b.py:2)


💤 Process 10 🧵 Thread 0:11



🚀 Process 10 🧵 Thread 0:10

;:INVALID:
    <module> (app\x1b.py:4)
    main (app\x1b.py:2)
`,
  );
});

it('has colours where they are wanted, and no mark for children in Austin 4', () => {
  const text = whereText(PROCESSES, { colored: true, markChildren: false });
  expect(text).toContain('💤 Process \x1b[35;1m20\x1b[0m 🧵 Thread \x1b[34;1m0:20\x1b[0m\n');
  expect(text).toContain('    \x1b[33;1mmain\x1b[0m (\x1b[36;1mapp\\x1b.py\x1b[0m:\x1b[32;1m2\x1b[0m)\n');
});
