import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { readMojo } from '@austin-profiler/mojo';
import { AustinError, ProfileBuilder } from '@austin-profiler/profile';
import { compare, type SampledWindow, type SelfTestResult, type Window } from './self-test-numbers.js';
import { SELF_TEST_PROGRAM } from './self-test-program.js';

type Sampler = typeof import('@austin-profiler/sampler');

/** As often as it is asked for, in turns. */
const INTERVALS_US = [1000, 100];
const REPEATS = 4;
/** How long each window is. All of them, and the settling in between, take about four seconds. */
const WINDOW_MS = 200;
const SETTLE_MS = 30;
/** How long the program may take to start, and to say what it did. */
const PATIENCE_MS = 10_000;

/**
 * Samples a program of ours at 1 kHz and at 10 kHz, in turns with nothing, and compares.
 *
 * @throws AustinError `ERR_SELF_TEST` when the program does not do its part; SamplerError as `attach` does
 */
export async function selfTest(sampler: Sampler, python: string): Promise<SelfTestResult> {
  const child = spawn(python, ['-E', '-S', '-c', SELF_TEST_PROGRAM], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => {}); // it may be gone before we close it, which its silence tells
  const line = linesOf(child);
  const load = { wanting: loadavg()[0] ?? 0, processors: availableParallelism() };
  try {
    if ((await line()) !== 'ready') throw failure(`${python} did not start the program`);
    const quiet: Window[] = [];
    const sampled: SampledWindow[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      for (const intervalUs of INTERVALS_US) {
        quiet.push(await openWindow());
        sampled.push(await sampledWindow(sampler, child.pid ?? 0, intervalUs));
      }
    }
    quiet.push(await openWindow());
    child.stdin.end();
    const notes = await line();
    if (notes === undefined) throw failure(`${python} ended too early`);
    return { python, load, ...compare(quiet, sampled, JSON.parse(notes)) };
  } finally {
    child.kill('SIGKILL');
  }
}

async function sampledWindow(sampler: Sampler, pid: number, intervalUs: number): Promise<SampledWindow> {
  const recording = sampler.attach(pid, { intervalUs });
  try {
    // Until the sampler has found the interpreter and made itself at home.
    while (recording.target === undefined) {
      const failed = await Promise.race([recording.finished, delay(5)]);
      if (failed) throw failed.error ?? failure('the recording ended too early');
    }
    await delay(SETTLE_MS);
    const cpu = process.cpuUsage();
    const window = await openWindow();
    const { user, system } = process.cpuUsage(cpu);
    recording.stop();
    const builder = new ProfileBuilder();
    await readMojo(recording, builder, { strict: true });
    const { statistics } = await recording.finished;
    const cpuShare = ((user + system) * 1000) / (window.end - window.begin);
    await delay(SETTLE_MS);
    return { ...window, intervalUs, profile: builder.build(), statistics, cpuShare };
  } finally {
    recording[Symbol.dispose]();
  }
}

/** Lets time pass and tells which: on the monotonic clock, which Python's monotonic_ns reads too. */
async function openWindow(): Promise<Window> {
  const begin = Number(process.hrtime.bigint());
  await delay(WINDOW_MS);
  return { begin, end: Number(process.hrtime.bigint()) };
}

/** The lines that a program prints, one a call; undefined when there are no more, or none for too long. */
function linesOf(child: ChildProcess): () => Promise<string | undefined> {
  const isMissing = new Promise<undefined>((resolve) => child.once('error', () => resolve(undefined)));
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return async () => {
    const patience = new AbortController();
    const tooLate = delay(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    const next = await Promise.race([lines.next(), isMissing, tooLate]);
    patience.abort();
    return next?.done === false ? next.value : undefined;
  };
}

function failure(message: string): AustinError {
  return new AustinError('ERR_SELF_TEST', message, {
    kind: 'environment',
    hint: 'name another Python with `--python`, or leave the test out with `--no-self-test`',
  });
}
