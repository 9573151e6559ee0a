import type { Snapshot, SnapshotThread } from '@austin-profiler/sampler';
import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import { snapshotText } from './snapshot-text.js';

const position = { lineEnd: 0, columnEnd: 0 };

const SNAPSHOT: Snapshot = {
  target: { pid: 42, pythonVersion: '3.13.0', executable: '/usr/bin/python3', freeThreaded: false },
  attempts: 1,
  threads: [
    { iid: 1, tid: 43, state: 'unknown', quality: 'invalid', frames: [] },
    {
      iid: 0,
      tid: 42,
      name: 'Main\x1b',
      holdsGil: true,
      waitsForGil: false,
      state: 'running',
      quality: 'cut',
      frames: [
        { name: '<module>', file: '/srv/app.py', line: 9, column: 1, ...position },
        { name: 'Job.run', file: 'job.py', line: 3, column: 0, ...position },
        { name: 'f', file: '<string>', line: 0, column: 0, ...position },
      ],
    },
  ],
};

const plain = picocolors.createColors(false);

it('time that was up', () => {
  const text = snapshotText(
    { ...SNAPSHOT, attempts: 4, outOfTime: true },
    { askedPid: 42, command: undefined, colors: plain },
  );
  expect(text).toContain('it kept changing: the best of 4 readings, time was up');
});

it('shows the threads in order, the most recent call last', () => {
  const command = ['python3', 'app.py'];
  expect(snapshotText(SNAPSHOT, { askedPid: 42, command, colors: plain })).toBe(
    [
      'Process 42: python3 app.py',
      'Python 3.13.0, /usr/bin/python3',
      '2 threads, most recent call last',
      '',
      String.raw`Thread 42 Main\x1b, holds the GIL, running, cut: only the outer calls, the inner ones kept changing`,
      '  /srv/app.py:9:1  <module>',
      '  job.py:3  Job.run',
      '  <string>  f',
      '',
      'Thread 43, interpreter 1, state unknown, invalid: the stack could not be read',
      '  no Python frames',
    ].join('\n'),
  );
});

it('says when the process is another than the one asked for', () => {
  const text = snapshotText(SNAPSHOT, { askedPid: 40, command: undefined, colors: plain });
  expect(text).toMatch(/^Process 42, below process 40\n/);
});

it.each<[Partial<SnapshotThread>, string]>([
  [{ state: 'running' }, 'running'],
  [{ state: 'running', waitsForGil: true, waitsFor: 'the GIL' }, 'waiting for the GIL'],
  [{ state: 'sleeping', waitsFor: 'a lock', systemCall: 'futex' }, 'waiting for a lock (futex)'],
  [{ state: 'sleeping', waitsFor: 'sleeping', systemCall: 'select' }, 'sleeping (select)'],
  [
    { state: 'sleeping', waitsFor: 'reading from /a\nb', systemCall: 'read' },
    String.raw`reading from /a\x0ab (read)`,
  ],
  [{ state: 'sleeping', systemCall: 'system call 999' }, 'sleeping (system call 999)'],
  [{ state: 'sleeping' }, 'sleeping'],
  [{ state: 'uninterruptible', waitsFor: 'a page of memory' }, 'waiting for a page of memory'],
  [{ state: 'stopped', waitsFor: 'sleeping', systemCall: 'select' }, 'stopped'],
  [{ state: 'traced' }, 'stopped by a debugger'],
])('says what a thread does: %j', (fields, expected) => {
  const thread: SnapshotThread = {
    iid: 0,
    tid: 1,
    state: 'unknown',
    quality: 'exact',
    frames: [],
    ...fields,
  };
  const text = snapshotText(
    { ...SNAPSHOT, threads: [thread] },
    { askedPid: 42, command: undefined, colors: plain },
  );
  expect(text.split('\n')[4]).toBe(`Thread 1, ${expected}`);
});

it('shows the variables of a call below it', () => {
  const frame = { name: 'f', file: 'a.py', line: 1, column: 0, ...position };
  const locals = [
    { name: 'text', value: String.raw`'a\nb'` },
    { name: 'odd\u202e', value: '<unreadable>' },
  ];
  const thread: SnapshotThread = {
    iid: 0,
    tid: 1,
    state: 'running',
    quality: 'exact',
    frames: [
      { ...frame, locals },
      { ...frame, localsUnreadable: true },
    ],
  };
  const text = snapshotText(
    { ...SNAPSHOT, threads: [thread] },
    { askedPid: 42, command: undefined, colors: plain },
  );
  expect(text.split('\n').slice(5)).toEqual([
    '  a.py:1  f',
    String.raw`      text = 'a\nb'`,
    String.raw`      odd\u202e = <unreadable>`,
    '  a.py:1  f',
    '      went on before its variables could be read',
  ]);
});

it('names the process above in a tree', () => {
  const text = snapshotText({ ...SNAPSHOT, parent: 41 }, { askedPid: 40, command: undefined, colors: plain });
  expect(text).toMatch(/^Process 42, below process 41\n/);
});

it('tells machine code and the kernel from Python, and what became of it', () => {
  const of = SNAPSHOT.threads[1]!;
  const none = { line: 0, column: 0, ...position };
  const text = snapshotText(
    {
      ...SNAPSHOT,
      threads: [
        {
          ...of,
          native: 'incomplete',
          kernelRefused: true,
          frames: [
            of.frames[0]!,
            {
              ...none,
              kind: 'native',
              name: 'deflate',
              file: 'native@7f21',
              address: '7f21',
              offset: 33,
              module: '/usr/lib/libz.so.1',
            },
            { ...none, kind: 'native', name: '<unknown>', file: 'native@7f99', address: '7f99', offset: 0 },
            { ...none, kind: 'kernel', name: 'futex_wait', file: 'kernel' },
          ],
        },
      ],
    },
    { askedPid: 42, command: undefined, colors: plain },
  );
  expect(text.split('\n')).toEqual(
    expect.arrayContaining([
      expect.stringContaining('without functions of the kernel'),
      expect.stringContaining('native stack incomplete: its outer part is missing'),
      '  /srv/app.py:9:1  <module>',
      '  libz.so.1+0x21  deflate',
      '  0x7f99  <unknown>',
      '  kernel  futex_wait',
    ]),
  );
});
