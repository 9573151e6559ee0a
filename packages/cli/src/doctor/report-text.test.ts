import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import { note, ok, problem } from './check.js';
import type { Report } from './examine.js';
import { reportText } from './report-text.js';

const PLAIN = picocolors.createColors(false);
const NO_PYTHONS = { found: [], silent: [] };

it('says at the end what to do about a problem', () => {
  const report: Report = {
    canProfile: false,
    machine: [ok('user', 'alice'), note('Yama', 'is strict', ['relax it'])],
    pythons: NO_PYTHONS,
    process: { pid: 42, checks: [problem('memory', 'cannot be read', ['do this', 'or that'])] },
  };
  expect(reportText(report, PLAIN)).toBe(`This machine
  ok      user  alice
  note    Yama  is strict
                relax it

Pythons on PATH
  none

Process 42
  problem memory  cannot be read

Process 42 cannot be profiled: cannot be read
  do this
  or that`);
});

it('says how good it was', () => {
  const spread = { median: 0.012, from: -0.001, to: 0.1 };
  const slowdown = { elapsed: spread, cpu: { median: Number.NaN, from: Number.NaN, to: Number.NaN } };
  const text = reportText(
    {
      canProfile: true,
      machine: [],
      pythons: {
        found: [
          {
            path: '/bin/python3',
            executable: '/opt/\x1b[31m/python3',
            implementation: 'pypy',
            version: '3.10.1',
            freeThreaded: false,
            isSupported: false,
          },
        ],
        silent: ['/bin/python'],
      },
      selfTest: {
        python: '/bin/python3',
        load: { wanting: 3.14, processors: 2 },
        noise: slowdown,
        rates: [
          {
            askedHz: 1000,
            gotHz: 998.2,
            periodUs: { median: 1000, p99: 1100, max: 2000 },
            rounds: 990,
            lateRounds: 1,
            missedRounds: 10,
            samples: 990,
            cut: 9,
            invalid: 1,
            impossible: 1,
            example: 'a > b',
            slowdown,
            cpuShare: { thread: 0.04, process: 0.05 },
          },
        ],
      },
    },
    PLAIN,
  );
  expect(text).toContain(
    String.raw`pypy 3.10.1  /bin/python3, which is /opt/\x1b[31m/python3: cannot be sampled`,
  );
  expect(text).toContain('/bin/python: did not answer in time');
  expect(text).toContain('3.1 threads want to run on 2 processors');
  expect(text).toContain('got 998 Hz; period median 1,000 µs, p99 1,100 µs, longest 2,000 µs');
  expect(text).toContain('late rounds 1, missed 10 of 1,000 (1.0 %)');
  expect(text).toContain('impossible stacks 1 of 980 whole ones (a > b); cut 0.91 %, invalid 0.10 %');
  expect(text).toContain('slowdown 1.2 % (from -0.1 to 10.0) by the clock, unknown by CPU time');
  expect(text).toContain('CPU of the sampling thread 4.0 %, of its process 5.0 %');
  expect(text.split('\n').at(-1)).toBe('Profiling works here: `austin record -- python3 app.py`');
});

it('says why the self-test was left out', () => {
  const report = { canProfile: true, machine: [], pythons: NO_PYTHONS, selfTest: { skipped: 'no Python' } };
  expect(reportText(report, PLAIN)).toContain('Self-test\n  left out: no Python\n');
});
