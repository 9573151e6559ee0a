// Runs the native core under the address and undefined-behaviour sanitizers: its tests, then recordings of busy programs
// with every CPython found (AUSTIN_TEST_PYTHONS, PATH, pyenv).
//
//   node tools/sanitize.mjs [SECONDS]     seconds of each recording, 2 if left out
//
// BUILD names another folder to build in. Fails on any report, any failure, and when there was nothing to run.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const SANITIZERS = 'address,undefined';
const PROGRAMS = ['churn.py', 'functions.py'];
const INTERVAL_US = '100';
/** Time for an interpreter to start and for a program to prepare, on a busy machine. */
const STARTUP_SECONDS = 60;
const REPORT = /ERROR: \w+Sanitizer|WARNING: \w+Sanitizer|SUMMARY: \w+Sanitizer|runtime error:/;

const root = dirname(import.meta.dirname);
const native = join(root, 'packages/sampler/native');
const build = process.env.BUILD ?? join(native, `test/build-${SANITIZERS.replace(',', '-')}`);
const seconds = Number(process.argv[2] ?? 2);
if (!(seconds > 0)) fail(`SECONDS is ${process.argv[2]}; expected a number above 0`);

const pythons = findPythons();
make('test', join(build, 'core_test'));
make('tools/record', 'record');

const problems = [];
const tests = run(join(build, 'core_test'), [], {
  AUSTIN_TEST_PYTHONS: pythons.map(({ path }) => path).join(':'),
});
const summary = /^(\d+) passed, (\d+) failed$/m.exec(tests.output);
process.stdout.write(tests.output.replace(/^SKIP/gm, '  SKIP'));
note('core_test', tests);
if (Number(summary?.[1] ?? 0) === 0) problems.push('core_test ran no test');

const folder = mkdtempSync(join(tmpdir(), 'austin-sanitize-'));
let recordings = 0;
let samples = 0;
for (const { path, version } of pythons) {
  for (const program of PROGRAMS) {
    const command = [path, join(root, 'e2e/programs', program), String(seconds)];
    const limit = String(Math.ceil(seconds) + STARTUP_SECONDS);
    const recording = run(join(build, 'core_record'), [
      INTERVAL_US,
      limit,
      join(folder, 'out.mojo'),
      ...command,
    ]);
    const taken = Number(/ samples (\d+)/.exec(recording.output)?.[1] ?? 0);
    recordings++;
    samples += taken;
    console.log(`${version} ${program}: ${taken} samples`);
    note(`${version} ${program}`, recording);
    if (taken === 0) problems.push(`${version} ${program}: no samples`);
  }
}
rmSync(folder, { recursive: true });

if (recordings === 0) problems.push('no CPython was found: nothing was recorded (AUSTIN_TEST_PYTHONS)');
for (const problem of problems) console.error(problem);
console.log(
  `sanitize: ${summary?.[1] ?? 0} tests passed, ${recordings} recordings with ${samples} samples, ${problems.length} problems`,
);
if (problems.length > 0) process.exitCode = 1;

function make(folder, target) {
  const args = ['-C', join(native, folder), `SAN=${SANITIZERS}`, `BUILD=${build}`, '-j2', target];
  const { status } = spawnSync('make', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) fail(`make ${args.join(' ')} failed`);
}

function run(command, args, env = {}) {
  const options = {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, UBSAN_OPTIONS: 'print_stacktrace=1', ...env },
  };
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, options);
  return {
    ok: status === 0,
    end: error?.message ?? signal ?? `exit ${status}`,
    output: `${stdout}${stderr}`,
  };
}

function note(name, { ok, end, output }) {
  const lines = output.split('\n');
  const report = lines.findIndex((line) => REPORT.test(line));
  if (report >= 0) problems.push(`${name}: ${lines.slice(report, report + 20).join('\n')}`);
  else if (!ok) problems.push(`${name}: ${end}\n${lines.slice(-20).join('\n')}`);
}

/** One of each version, by its real path. */
function findPythons() {
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => {
    const minors = Array.from({ length: 8 }, (_, i) => `python3.${8 + i}`);
    return folder === '' ? [] : ['python3', ...minors].map((name) => join(folder, name));
  });
  const pyenv = process.env.PYENV_ROOT ?? spawnSync('pyenv', ['root'], { encoding: 'utf8' }).stdout?.trim();
  const versions = pyenv ? join(pyenv, 'versions') : '';
  const ofPyenv = existsSync(versions)
    ? readdirSync(versions).map((name) => join(versions, name, 'bin/python3'))
    : [];
  const named = (process.env.AUSTIN_TEST_PYTHONS ?? '').split(':').filter(Boolean);
  const found = new Map();
  for (const path of [...named, ...onPath, ...ofPyenv].filter((candidate) => existsSync(candidate))) {
    const question =
      'import platform, sys; print(platform.python_implementation(), platform.python_version(), sys.executable)';
    const answer = spawnSync(path, ['-S', '-c', question], {
      encoding: 'utf8',
      timeout: 10_000,
    }).stdout?.trim();
    const match = /^CPython (3\.(?:[89]|1[0-5])\.\S+) (.+)$/.exec(answer ?? '');
    if (match && !found.has(match[1]))
      found.set(match[1], { version: match[1], path: realpathSync(match[2]) });
  }
  return [...found.values()];
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
