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

it('tells machine code and the kernel from Python', () => {
  const native: SnapshotFrame = {
    ...frame('deflate', 0),
    kind: 'native',
    file: 'native@7f0000004021',
    address: '7f0000004021',
    offset: 33,
    module: '/usr/lib/libz.so.1',
  };
  const { module: _, ...unmapped } = native;
  const kernel: SnapshotFrame = { ...frame('futex_wait', 0), kind: 'kernel', file: 'kernel' };
  const of = snapshot(10);
  const frames = [frame('main', 2), native, unmapped, kernel];
  const threads = [{ ...of.threads[1]!, quality: 'exact' as const, frames }];
  const processes = [{ snapshot: { ...of, threads }, isChild: false }];
  expect(whereText(processes, { colored: false, markChildren: false }).split('\n').slice(4)).toEqual([
    String.raw`    main (app\x1b.py:2)`,
    '    deflate (/usr/lib/libz.so.1:33)',
    '    deflate (native@7f0000004021:33)',
    '    futex_wait 🐧',
    '',
  ]);
  const colored = whereText(processes, { colored: true, markChildren: false });
  expect(colored).toContain(
    '    \x1b[38;5;246mdeflate\x1b[0m (\x1b[38;5;248;1m/usr/lib/libz.so.1\x1b[0m:\x1b[38;5;246m33\x1b[0m)\n',
  );
  expect(colored).toContain('    \x1b[38;5;159mfutex_wait\x1b[0m 🐧\n');
});
