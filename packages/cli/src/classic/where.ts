import { isatty } from 'node:tty';
import { gzipSync } from 'node:zlib';
import { isAustinError } from '@austin-profiler/profile';
import type { Snapshot } from '@austin-profiler/sampler';
import { writeStdout } from '../output/standard-output.js';
import { writeAll } from '../output/stdio.js';
import { openOutput } from '../recording/output-file.js';
import { isGzipName } from '../recording/part-names.js';
import { type ProcessIdentity, processTree } from '../recording/proc.js';
import { OK } from './exit-codes.js';
import { requireProcess, type Sampling } from './sampling.js';
import { whereText } from './where-text.js';

type Sampler = typeof import('@austin-profiler/sampler');

/** Where mode: every stack of a process, once. Answers with the exit code. */
export async function where(pid: number, { generation, options, words }: Sampling): Promise<number> {
  words.greet();
  requireProcess(pid);
  const sampler = await import('@austin-profiler/sampler');
  const snapshots = options.children
    ? await snapshotsOfTree(sampler, pid, options.timeoutMs)
    : [await sampler.takeSnapshot(pid, { timeoutMs: options.timeoutMs })];
  for (const { target } of snapshots) {
    words.attached(target, { askedPid: pid, exposureUs: 0, children: options.children });
  }
  const processes = snapshots.map((snapshot) => ({
    snapshot,
    isChild: snapshot.target.pid !== pid,
  }));
  const { output = '-' } = options;
  const colored = output === '-' && isatty(1) && !process.env.NO_COLOR;
  // Newest process first.
  const text = whereText(processes.reverse(), { colored, markChildren: generation === 3 });
  if (output === '-') await writeStdout(Buffer.from(text));
  else await writeReport(output, text);
  return OK;
}

/** The snapshots of the process and of every Python process below it, oldest first. */
async function snapshotsOfTree(sampler: Sampler, pid: number, timeoutMs: number): Promise<Snapshot[]> {
  const found = new Map<number, Snapshot>();
  const byAge = (a: ProcessIdentity, b: ProcessIdentity) =>
    Number(a.startTicks) - Number(b.startTicks) || a.pid - b.pid;
  for (const { pid: member } of processTree(pid).sort(byAge)) {
    try {
      // A process that is no Python answers for the first one below it.
      const snapshot = await sampler.takeSnapshot(member, { timeoutMs: member === pid ? timeoutMs : 0 });
      found.set(snapshot.target.pid, snapshot);
    } catch (error) {
      const isNoPython = isAustinError(error, 'ERR_NOT_PYTHON') || isAustinError(error, 'ERR_PROCESS_GONE');
      if (!isNoPython || member === pid) throw error;
    }
  }
  return [...found.values()];
}

async function writeReport(path: string, text: string): Promise<void> {
  const output = openOutput(path, 'austin');
  try {
    output.empty();
    await writeAll(output.fd, isGzipName(path) ? gzipSync(text) : Buffer.from(text));
  } finally {
    output.close();
  }
}
