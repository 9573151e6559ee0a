import type { Colors } from '../output/colors.js';
import { count, percent, rate } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import type { Check } from './check.js';
import type { Report } from './examine.js';
import type { PathSearch } from './pythons.js';
import type { RateResult, SelfTestResult, Slowdown, Spread } from './self-test-numbers.js';

/** A report for people. What was found has been made printable; paths of Pythons are made so here. */
export function reportText(report: Report, colors: Colors): string {
  const { process, pythons, selfTest } = report;
  return [
    section('This machine', checkLines(report.machine, colors), colors),
    ...(pythons ? [section('Pythons on PATH', pythonLines(pythons, colors), colors)] : []),
    ...(process ? [section(`Process ${process.pid}`, checkLines(process.checks, colors), colors)] : []),
    ...(selfTest ? [section(`Self-test${titleOf(selfTest)}`, selfTestLines(selfTest), colors)] : []),
    verdict(report, colors),
  ].join('\n\n');
}

function section(title: string, lines: readonly string[], colors: Colors): string {
  return [colors.bold(title), ...lines].join('\n');
}

/** What to do about a problem is said at the end, where it is read. */
function checkLines(checks: readonly Check[], colors: Colors): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks.flatMap(({ name, status, text, remedies = [] }) => [
    `  ${mark(status, colors)} ${name.padEnd(width)}  ${text}`,
    ...(status === 'problem' ? [] : remedies.map((remedy) => `${' '.repeat(width + 12)}${remedy}`)),
  ]);
}

function mark(status: Check['status'], colors: Colors): string {
  const word = { ok: 'ok     ', note: 'note   ', problem: 'problem' }[status];
  return { ok: colors.green, note: colors.yellow, problem: colors.red }[status](word);
}

function pythonLines({ found, silent }: PathSearch, colors: Colors): string[] {
  if (found.length + silent.length === 0) return ['  none'];
  const lines = found.map(({ path, executable, implementation, version, freeThreaded, isSupported }) => {
    const kind = `${implementation === 'cpython' ? '' : `${implementation} `}${version}${freeThreaded ? 't' : ''}`;
    const behind = path === executable ? '' : `, which is ${printable(executable)}`;
    const unsupported = isSupported ? '' : ': cannot be sampled';
    return `  ${mark(isSupported ? 'ok' : 'note', colors)} ${printable(kind).padEnd(8)}  ${printable(path)}${behind}${unsupported}`;
  });
  return [
    ...lines,
    ...silent.map(
      (path) => `  ${mark('note', colors)} ${'?'.padEnd(8)}  ${printable(path)}: did not answer in time`,
    ),
  ];
}

function titleOf(test: NonNullable<Report['selfTest']>): string {
  return 'skipped' in test ? '' : `, measured here and now with ${printable(test.python)}`;
}

function selfTestLines(test: SelfTestResult | { readonly skipped: string }): string[] {
  if ('skipped' in test) return [`  left out: ${printable(test.skipped)}`];
  return [
    '  A program that only calls and returns, the worst case, in windows with and without the sampler.',
    ...loadLines(test),
    ...test.rates.flatMap(rateLines),
    `  nothing     "slowdown" of windows without sampling: ${slowdownText(test.noise)}`,
  ];
}

function loadLines({ load: { wanting, processors } }: SelfTestResult): string[] {
  if (wanting <= processors) return [];
  return [
    `  The machine is busy: ${wanting.toFixed(1)} threads want to run on ${processors} processors. Lateness and slowdown say more of that.`,
  ];
}

function rateLines(result: RateResult): string[] {
  const { samples, rounds, periodUs, lateRounds, missedRounds, cut, invalid, impossible } = result;
  const whole = samples - cut - invalid;
  const all = rounds + missedRounds;
  return [
    `  ${rate(result.askedHz).padEnd(10)}  got ${rate(result.gotHz)}; period median ${count(Math.round(periodUs.median))} µs, p99 ${count(Math.round(periodUs.p99))} µs, longest ${count(Math.round(periodUs.max))} µs`,
    `              late rounds ${count(lateRounds)}, missed ${count(missedRounds)} of ${count(all)} (${percent(missedRounds, all)})`,
    `              impossible stacks ${count(impossible)} of ${count(whole)} whole ones${result.example === undefined ? '' : ` (${printable(result.example)})`}; cut ${percent(cut, samples)}, invalid ${percent(invalid, samples)}`,
    `              slowdown ${slowdownText(result.slowdown)}`,
    `              CPU of the sampling thread ${percent(result.cpuShare.thread, 1)}, of its process ${percent(result.cpuShare.process, 1)}`,
  ];
}

function slowdownText({ elapsed, cpu }: Slowdown): string {
  return `${spreadText(elapsed)} by the clock, ${spreadText(cpu)} by CPU time`;
}

function spreadText({ median, from, to }: Spread): string {
  if (!Number.isFinite(median)) return 'unknown';
  const [middle, least, most] = [median, from, to].map((share) => (share * 100).toFixed(1));
  return `${middle} % (from ${least} to ${most})`;
}

function verdict({ canProfile, process, machine }: Report, colors: Colors): string {
  if (canProfile) {
    const what = process
      ? `Process ${process.pid} can be profiled: \`austin record -p ${process.pid}\`, \`austin where ${process.pid}\``
      : 'Profiling works here: `austin record -- python3 app.py`';
    return colors.green(what);
  }
  const problems = (process?.checks ?? machine).filter(({ status }) => status === 'problem');
  const what = process ? `Process ${process.pid} cannot be profiled` : 'Profiling does not work here';
  return problems
    .map(({ text, remedies = [] }) =>
      [colors.red(`${what}: ${text}`), ...remedies.map((remedy) => `  ${remedy}`)].join('\n'),
    )
    .join('\n');
}
