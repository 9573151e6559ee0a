import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { metadataValue } from '../packages/profile/dist/index.js';
import { type RecordingResult, startRecording, takeSnapshot } from '../packages/sampler/dist/index.js';
import { findPythons } from './pythons.js';
import {
  judge,
  NO_PID,
  type Recorded,
  readProfile,
  record,
  startProgram,
  startRecordingFile,
  startTruthful,
  temporaryFolder,
  tidOf,
  until,
} from './record-helpers.js';

const pythons = await findPythons();
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('skipped: a process of another user. Run as root.');

const SAMPLER = pathToFileURL(join(import.meta.dirname, '../packages/sampler/dist/index.js')).href;

/** What must hold of every recording, however it ended. */
function expectConsistent({ result, profile, bytes }: Recorded): void {
  const { statistics } = result;
  const { exact, retried, between, cut, invalid, samples } = statistics;
  expect(exact + retried + between + cut + invalid).toBe(samples);
  expect(profile.samples.length).toBe(samples);
  expect(profile.diagnostics).toEqual([]);
  expect(statistics.bytes).toBe(bytes.length);
  const number = (key: string) => Number(metadataValue(profile, key));
  expect({
    samples: number('count'),
    rounds: number('x-rounds'),
    exact: number('x-exact'),
    retried: number('x-retried'),
    between: number('x-between'),
    cut: number('x-cut'),
    invalid: number('x-invalid'),
    lateRounds: number('x-late-rounds'),
    missedRounds: number('x-missed-rounds'),
  }).toEqual({
    samples,
    rounds: statistics.rounds,
    exact,
    retried,
    between,
    cut,
    invalid,
    lateRounds: statistics.lateRounds,
    missedRounds: statistics.missedRounds,
  });
  expect(number('duration')).toBeGreaterThanOrEqual(statistics.durationUs);
  const flagged = profile.samples.flags.filter((flags) => flags !== 0).length;
  expect(flagged).toBe(cut + invalid);
}

/** The time that the samples of each thread stand for, in microseconds. */
function weightsOf({ profile: { samples } }: Recorded): Map<number, number> {
  const weights = new Map<number, number>();
  for (let i = 0; i < samples.length; i++) {
    const thread = samples.thread[i]!;
    weights.set(thread, (weights.get(thread) ?? 0) + samples.timeUs[i]!);
  }
  return weights;
}

/** Runs a script in a Node of its own, to which a crash of the addon would be fatal. */
function runNode(
  script: string,
  ...args: string[]
): { status: number | null; stdout: string; stderr: string } {
  const path = join(temporaryFolder(), 'script.mjs');
  writeFileSync(path, `import { startRecording, takeSnapshot } from '${SAMPLER}';\n${script}`);
  return spawnSync(process.execPath, ['--expose-gc', path, ...args], { encoding: 'utf8' });
}

describe.each([pythons[0]!, pythons.at(-1)!])('a recording of Python 3.$version.minor', (python) => {
  it('ends with the program', async () => {
    const program = await startTruthful(python.path, ['threads.py', '0.3']);
    const recorded = await record(program.pid);
    expect(recorded.result.end).toBe('target-ended');
    expect(recorded.result.error).toBeUndefined();
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expectConsistent(recorded);
  });

  it('ends with a program that is killed', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    const chunks: Uint8Array[] = [];
    const recording = startRecordingFile(program.pid, { onChunk: (chunk) => chunks.push(chunk) });
    await until(() => chunks.length > 3);
    program.child.kill('SIGKILL');
    const recorded = await recording.finished;
    expect(recorded.result.end).toBe('target-ended');
    expect(recorded.result.error).toBeUndefined();
    expectConsistent(recorded);
    expect(judge(recorded.profile, program.truth)).toMatchObject({ illegal: [] });
  });

  it('ends when it is stopped', async () => {
    const program = await startTruthful(python.path, ['threads.py']);
    const chunks: Uint8Array[] = [];
    const recording = startRecordingFile(program.pid, { onChunk: (chunk) => chunks.push(chunk) });
    await until(() => chunks.length > 3);
    recording.stop();
    recording.stop();
    const recorded = await recording.finished;
    expect(recorded.result.end).toBe('stopped');
    expect(recorded.result.statistics.samples).toBeGreaterThan(0);
    expectConsistent(recorded);
    // A listener gets what the file gets.
    expect(Buffer.concat(chunks).equals(recorded.bytes)).toBe(true);
    recording.stop();
  });

  it('ends when its time is over, all of which its samples account for', async () => {
    const program = await startTruthful(python.path, ['threads.py']);
    const recorded = await record(program.pid, { durationUs: 300_000 });
    const { statistics, end } = recorded.result;
    expect(end).toBe('duration');
    expectConsistent(recorded);
    const duration = Number(metadataValue(recorded.profile, 'duration'));
    expect(duration).toBeGreaterThanOrEqual(300_000);
    expect(statistics.durationUs).toBeLessThanOrEqual(duration);
    // All six threads were there from the first round to the last.
    const weights = weightsOf(recorded);
    expect(weights.size).toBe(6);
    for (const weight of weights.values()) {
      expect(Math.abs(weight - statistics.durationUs)).toBeLessThanOrEqual(1000);
    }
    const { min, mean, max } = statistics.roundUs;
    expect(min).toBeGreaterThan(0);
    expect(min).toBeLessThanOrEqual(mean);
    expect(mean).toBeLessThanOrEqual(max);
    expect(statistics.busyUs).toBeLessThanOrEqual(duration);
  });

  it('reports its progress', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    const counts: number[] = [];
    const recording = startRecordingFile(program.pid, {
      progressMs: 20,
      onProgress: ({ samples, exact, retried, between, cut, invalid }) => {
        expect(exact + retried + between + cut + invalid).toBe(samples);
        counts.push(samples);
      },
    });
    await until(() => counts.length > 3);
    recording.stop();
    const { result } = await recording.finished;
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.at(-1)).toBeLessThanOrEqual(result.statistics.samples);
  });

  it('without an interval goes as fast as it can, and can be stopped', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    const recording = startRecordingFile(program.pid, { intervalUs: 0, onProgress: () => recording.stop() });
    const recorded = await recording.finished;
    expect(recorded.result.end).toBe('stopped');
    expect(recorded.result.statistics.missedRounds).toBe(0);
    expect(recorded.result.statistics.rounds).toBeGreaterThan(0);
    expectConsistent(recorded);
    expect(judge(recorded.profile, program.truth)).toMatchObject({ illegal: [] });
  });

  it('with a long interval can be stopped before its first sample', async () => {
    const intervalUs = 300_000_000;
    const program = await startTruthful(python.path, ['shares.py']);
    const recording = startRecordingFile(program.pid, { intervalUs });
    await recording.attached;
    recording.stop();
    const recorded = await recording.finished;
    expect(recorded.result.end).toBe('stopped');
    expect(recorded.result.statistics).toMatchObject({ rounds: 0, samples: 0 });
    expect(Number(metadataValue(recorded.profile, 'duration'))).toBeLessThan(intervalUs);
    expectConsistent(recorded);
  });

  it('does not mind another of the same process', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    const both = await Promise.all([
      record(program.pid, { durationUs: 200_000 }),
      record(program.pid, { durationUs: 200_000, intervalUs: 700 }),
    ]);
    for (const recorded of both) {
      expectConsistent(recorded);
      expect(judge(recorded.profile, program.truth)).toMatchObject({ illegal: [] });
      expect(recorded.result.statistics.samples).toBeGreaterThan(0);
    }
    expect(both.map(({ profile }) => metadataValue(profile, 'interval'))).toEqual(['1000', '700']);
  });

  it('can be one of many in a process, whether or not anybody keeps their handles', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    const script = `
      for (let i = 0; i < 60; i++) {
        const { end } = await startRecording({ pid: Number(process.argv[2]), intervalUs: 1000, durationUs: 5000 }).finished;
        if (end !== 'duration') throw new Error(end);
        await new Promise(setImmediate);
        gc();
      }
      console.log('all done');`;
    const { status, stdout, stderr } = runNode(script, String(program.pid));
    expect(stderr).toBe('');
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'all done\n' });
  });

  it('ends with the worker that started it', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    const script = `
      import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
      if (isMainThread) {
        for (let i = 0; i < 5; i++) {
          const worker = new Worker(new URL(import.meta.url), { workerData: Number(process.argv[2]) });
          await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
          await worker.terminate();
        }
        console.log('still here');
      } else {
        let chunks = 0;
        startRecording({ pid: workerData, intervalUs: 200, onChunk: () => ++chunks === 2 && parentPort.postMessage('') });
      }`;
    const { status, stdout, stderr } = runNode(script, String(program.pid));
    expect(stderr).toBe('');
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'still here\n' });
    expect(program.child.exitCode).toBeNull();
  });

  it('does not outlive the process that exits during it', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    const script = `
      let chunks = 0;
      startRecording({ pid: Number(process.argv[2]), intervalUs: 200, onChunk: () => ++chunks === 2 && process.exit(7) });`;
    const { status, stderr } = runNode(script, String(program.pid));
    expect(stderr).toBe('');
    expect(status).toBe(7);
  });
});

describe('a recording in many files', () => {
  const python = pythons.at(-1)!;

  it('stands by itself in each, and is whole in all of them', async () => {
    const program = await startTruthful(python.path, ['threads.py']);
    const files: Uint8Array[][] = [];
    const recording = startRecording({
      pid: program.pid,
      intervalUs: 1000,
      durationUs: 600_000,
      onChunk: (chunk, { startsFile }) => {
        if (startsFile) files.push([]);
        files.at(-1)!.push(chunk);
        // Slower than the sampler at times: it waits.
        return delay(Math.random() * 20);
      },
    });
    const rotations = setInterval(() => recording.rotate(), 100);
    const { statistics, end } = await recording.finished;
    clearInterval(rotations);
    expect(end).toBe('duration');
    expect(files.length).toBeGreaterThan(3);
    const weights = new Map<number, number>();
    let samples = 0;
    for (const [at, file] of files.entries()) {
      const profile = await readProfile(Buffer.concat(file));
      const { length, thread, timeUs } = profile.samples;
      samples += length;
      expect(Number(metadataValue(profile, 'count'))).toBe(length);
      expect(Number(metadataValue(profile, 'duration'))).toBeLessThan(600_000);
      expect(judge(profile, program.truth).illegal).toEqual([]);
      for (let i = 0; i < length; i++) {
        const tid = tidOf(profile, thread[i]!);
        weights.set(tid, (weights.get(tid) ?? 0) + timeUs[i]!);
      }
      // Names are found soon after the first round, and said in every file in which their threads are.
      const names = profile.metadata.filter(({ key }) => key.startsWith('x-thread-name:'));
      if (at > 0 && length > 0) expect(names.length).toBe(6);
    }
    expect(samples).toBe(statistics.samples);
    // All six threads were there from the first round to the last, whichever files those are in.
    expect(weights.size).toBe(6);
    for (const weight of weights.values()) {
      expect(Math.abs(weight - statistics.durationUs)).toBeLessThanOrEqual(1000);
    }
  });

  it('needs a receiver that can tell them apart', async () => {
    const recording = startRecording({ pid: NO_PID, intervalUs: 1000 });
    expect(() => recording.rotate()).toThrow(expect.objectContaining({ code: 'ERR_SAMPLER_OPTION' }));
    await recording.finished;
  });
});

describe('flush', () => {
  it('settles when what was sampled has been dealt with', async () => {
    const program = await startTruthful(pythons.at(-1)!.path, ['threads.py']);
    const chunks: Uint8Array[] = [];
    const recording = startRecording({
      pid: program.pid,
      intervalUs: 1000,
      onChunk: async (chunk) => {
        await delay(5);
        chunks.push(chunk);
      },
    });
    let before = 0;
    for (let i = 0; i < 5; i++) {
      const { bytes, footer } = await recording.flush();
      const received = Buffer.concat(chunks).subarray(0, bytes);
      expect(received.length).toBe(bytes);
      expect(bytes).toBeGreaterThanOrEqual(before);
      before = bytes;
      // With its footer it is a recording that was stopped just now.
      const profile = await readProfile(Buffer.concat([received, footer]));
      expect(Number(metadataValue(profile, 'count'))).toBe(profile.samples.length);
    }
    const last = recording.flush();
    recording.stop();
    expect((await last).bytes).toBeGreaterThanOrEqual(before);
    const { statistics } = await recording.finished;
    expect((await recording.flush()).bytes).toBe(statistics.bytes);
  });
});

describe('what cannot be recorded', () => {
  const python = pythons.at(-1)!;

  async function expectFailure(pid: number, code: string, timeoutMs = 200): Promise<RecordingResult> {
    const { result, profile } = await record(pid, { timeoutMs });
    expect(result).toMatchObject({ end: 'failed', error: { code, kind: 'environment' } });
    expect(result.target).toBeUndefined();
    expect(result.statistics).toMatchObject({ samples: 0, rounds: 0 });
    expect(profile.samples.length).toBe(0);
    await expect(takeSnapshot(pid, { timeoutMs })).rejects.toMatchObject({ code, name: 'SamplerError' });
    return result;
  }

  it('no such process', async () => {
    const { error } = await expectFailure(NO_PID, 'ERR_PROCESS_GONE');
    expect(error?.message).toContain(String(NO_PID));
  });

  it('a process that has ended but was not waited for', async () => {
    // The shell becomes a program that does not wait for its children, before the child ends with its input.
    const program = startProgram('sh', ['-c', 'exec 3<&0; cat <&3 >/dev/null & echo $!; exec sleep 60']);
    const zombie = Number(await program.line());
    await until(() => readFileSync(`/proc/${program.pid}/comm`, 'utf8') === 'sleep\n');
    program.child.stdin?.end();
    await until(() => /\nState:\tZ/.test(readFileSync(`/proc/${zombie}/status`, 'utf8')));
    await expectFailure(zombie, 'ERR_PROCESS_GONE');
  });

  it('a process that is not Python', async () => {
    const program = startProgram('sleep', ['60']);
    const { error } = await expectFailure(program.pid, 'ERR_NOT_PYTHON');
    expect(error?.message).toContain(String(program.pid));
  });

  it('a process that ends before it became Python', async () => {
    const program = startProgram('sleep', ['0.1']);
    const { result } = await record(program.pid, { timeoutMs: 30_000 });
    expect(result).toMatchObject({ end: 'failed', error: { code: 'ERR_PROCESS_GONE' } });
  });

  it('can be stopped while it waits for Python', async () => {
    const program = startProgram('sleep', ['60']);
    const recording = startRecordingFile(program.pid, { timeoutMs: 600_000 });
    recording.stop();
    const recorded = await recording.finished;
    expect(recorded.result.end).toBe('stopped');
    expectConsistent(recorded);
  });

  it.runIf(isRoot)('a process of another user', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    // The addon is loaded before, from folders that may be closed to others.
    const script = `
      const pid = Number(process.argv[2]);
      await takeSnapshot(${NO_PID}).catch(() => {});
      process.setgroups([]);
      process.setgid(65534);
      process.setuid(65534);
      const { end, error } = await startRecording({ pid, intervalUs: 1000, timeoutMs: 200 }).finished;
      const { code, hint } = await takeSnapshot(pid, { timeoutMs: 200 }).catch((error) => error);
      console.log(JSON.stringify({ end, code: error?.code, hint: error?.hint, snapshot: code, same: hint === error?.hint }));`;
    const { stdout, stderr } = runNode(script, String(program.pid));
    expect(stderr).toBe('');
    const answer = JSON.parse(stdout) as { hint: string };
    expect(answer).toMatchObject({
      end: 'failed',
      code: 'ERR_PERMISSION_PTRACE',
      snapshot: 'ERR_PERMISSION_PTRACE',
      same: true,
    });
    expect(answer.hint).toMatch(/root|ptrace_scope/);
  });
});

describe('an output that cannot be written', () => {
  const python = pythons.at(-1)!;

  it('is a failure of the recording: a full disk', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    const fd = openSync('/dev/full', 'w');
    const { end, error, target } = await startRecording({ pid: program.pid, intervalUs: 1000, outputFd: fd })
      .finished;
    closeSync(fd);
    expect({ end, code: error?.code, errno: error?.errno }).toEqual({
      end: 'failed',
      code: 'ERR_OUTPUT_WRITE',
      errno: 28,
    });
    expect(error?.hint).toContain('free some space');
    expect(target?.pid).toBe(program.pid);
    expect(program.child.exitCode).toBeNull();
  });

  it('is a failure of the recording: a pipe nobody reads', async () => {
    const program = await startTruthful(python.path, ['shares.py']);
    const path = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, 'r+');
    const fd = openSync(path, 'w');
    const recording = startRecording({ pid: program.pid, intervalUs: 1000, outputFd: fd });
    closeSync(fd);
    closeSync(reader);
    const { end, error } = await recording.finished;
    expect({ end, code: error?.code, errno: error?.errno }).toEqual({
      end: 'failed',
      code: 'ERR_OUTPUT_WRITE',
      errno: 32,
    });
  });

  it('is refused when it is not open', () => {
    expect(() => startRecording({ pid: process.pid, intervalUs: 1000, outputFd: 1_000_000 })).toThrow(
      /not an open/,
    );
  });
});
