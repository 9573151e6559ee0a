import type { Statistics } from '@austin-profiler/sampler';
import { expect, it } from 'vitest';
import { createProgressLine } from './progress-line.js';
import { closingText, progressText } from './statistics.js';

const STATISTICS: Statistics = {
  rounds: 3001,
  samples: 6002,
  exact: 5990,
  retried: 4,
  between: 2,
  cut: 4,
  invalid: 2,
  reasons: { torn: 3, moved: 9, unreadable: 0 },
  lateRounds: 0,
  missedRounds: 0,
  durationUs: 3_000_000,
  gcUs: 0,
  missedTasks: 0,
  nativeDisagreed: 0,
  nativeIncomplete: 0,
  nativeMissed: 0,
  pauseUs: { min: 0, median: 0, max: 0, total: 0 },
  processes: 1,
  busyUs: 20_000,
  roundUs: { min: 2, mean: 4, max: 90 },
  bytes: 88_335,
  intervalUs: 1000,
  cpuUs: 25_000,
};

const OPTIONS = {
  intervalUs: 1000,
  mode: 'wall',
  children: false,
  gc: false,
  gilOnly: false,
  native: false,
  where: 'wrote a.mojo',
} as const;

it('the closing lines', () => {
  expect(closingText(STATISTICS, OPTIONS).split('\n')).toEqual([
    'wrote a.mojo, 88.3 kB',
    '  wall time: 6,002 samples in 3.00 s, 1,000 Hz asked, 1,000 Hz got',
    '  exact 5,990 (99.8 %), retried 4 (0.07 %), between 2 (0.03 %), cut 4 (0.07 %), invalid 2 (0.03 %)',
    '  attempts that failed: moved 9, torn 3',
  ]);
});

it('lateness and the fastest rate', () => {
  const late = { ...STATISTICS, lateRounds: 5, missedRounds: 7, cut: 0, invalid: 0 };
  const text = closingText(late, { ...OPTIONS, intervalUs: 0 });
  expect(text).toContain('  late rounds 5, missed 7 of 3,008');
  expect(text).toContain('as fast as possible, 1,000 Hz got');
  expect(text).not.toContain('attempts');
});

it('stacks without their task', () => {
  expect(closingText({ ...STATISTICS, missedTasks: 3 }, OPTIONS)).toContain(
    '\n  3 stacks without their task, ',
  );
});

it('what the numbers mean', () => {
  const line = (options: object) => closingText(STATISTICS, { ...OPTIONS, ...options }).split('\n')[1];
  expect(line({ mode: 'memory' })).toMatch(/^ {2}changes of resident memory, in bytes: 6,002 samples/);
  expect(line({ mode: 'cpu', gilOnly: true })).toContain(
    'time on a CPU, holders of the interpreter lock only: ',
  );
});

it('the number of processes, if children were asked for', () => {
  const text = closingText({ ...STATISTICS, processes: 12 }, { ...OPTIONS, children: true });
  expect(text.split('\n')[2]).toBe('  12 Python processes');
});

it('the time of the garbage collector', () => {
  const text = closingText({ ...STATISTICS, gcUs: 150_000 }, { ...OPTIONS, gc: true });
  expect(text.split('\n')[2]).toBe('  garbage collection 0.15 s (5.0 %)');
});

it('a rate that was lowered', () => {
  const slow = { ...STATISTICS, intervalUs: 4000, cpuUs: 57_000 };
  const limited = { ...OPTIONS, maxCpu: 2 };
  expect(closingText(slow, limited)).toContain(
    '\n  slowed down to 250 Hz by --max-cpu: 1.9 % of a CPU used, 2 % allowed',
  );
  expect(closingText(STATISTICS, limited)).not.toContain('slowed');
  expect(closingText(slow, { ...limited, size: 12_345 })).toMatch(/^wrote a.mojo, 12.3 kB\n/);
});

it('how good native stacks are, and what they cost', () => {
  const native = { ...OPTIONS, native: true };
  const counted = { ...STATISTICS, nativeDisagreed: 60, nativeIncomplete: 6, nativeMissed: 0 };
  const paused = { ...counted, pauseUs: { min: 21.2, median: 44.6, max: 3_001, total: 12_000 } };
  expect(closingText(paused, native).split('\n')).toContain(
    '  native stacks: incomplete 6 (0.10 %), disagreed with Python 60 (1.00 %), missed 0 (0 %); threads stopped for 21/45/3001 µs (min/median/max), 0.40 % of the time',
  );
  expect(closingText(counted, native)).toContain('missed 0 (0 %)\n');
  expect(closingText(paused, OPTIONS)).not.toContain('native');
});

it('a recording without samples has no shares', () => {
  const empty = { ...STATISTICS, rounds: 0, samples: 0, durationUs: 0, bytes: 301 };
  expect(closingText(empty, OPTIONS)).toBe('wrote a.mojo, 301 B, without samples');
  expect(progressText(empty, 1000)).toContain('1,000 Hz asked, ');
});

it('the progress line fits the terminal and is gone at the end', () => {
  const written: string[] = [];
  const line = createProgressLine(
    true,
    () => 20,
    (text) => written.push(text),
  );
  line.clear();
  line.show(progressText(STATISTICS, 1000));
  line.clear();
  line.clear();
  expect(written).toEqual(['\r\x1b[2K3.00 s, 6,002 sampl', '\r\x1b[2K']);
});

it('where no progress line is wanted nothing is written', () => {
  const line = createProgressLine(
    false,
    () => 80,
    () => expect.unreachable(),
  );
  line.show('x');
  line.clear();
});
