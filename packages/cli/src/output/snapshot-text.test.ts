import type { Snapshot } from '@austin-profiler/sampler';
import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import { snapshotText } from './snapshot-text.js';

const position = { lineEnd: 0, columnEnd: 0 };

const SNAPSHOT: Snapshot = {
  target: { pid: 42, pythonVersion: '3.13.0', executable: '/usr/bin/python3', freeThreaded: false },
  threads: [
    { iid: 1, tid: 43, quality: 'invalid', frames: [] },
    {
      iid: 0,
      tid: 42,
      name: 'Main\x1b',
      holdsGil: true,
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

it('shows the threads in order, the most recent call last', () => {
  const command = ['python3', 'app.py'];
  expect(snapshotText(SNAPSHOT, { askedPid: 42, command, colors: plain })).toBe(
    [
      'Process 42: python3 app.py',
      'Python 3.13.0, /usr/bin/python3',
      '2 threads, most recent call last',
      '',
      String.raw`Thread 42 Main\x1b, holds the GIL, cut: only the outer calls, the inner ones kept changing`,
      '  /srv/app.py:9:1  <module>',
      '  job.py:3  Job.run',
      '  <string>  f',
      '',
      'Thread 43, interpreter 1, invalid: the stack could not be read',
      '  no Python frames',
    ].join('\n'),
  );
});

it('says when the process is another than the one asked for', () => {
  const text = snapshotText(SNAPSHOT, { askedPid: 40, command: undefined, colors: plain });
  expect(text).toMatch(/^Process 42, below process 40\n/);
});
