import { isatty } from 'node:tty';
import { gzipSync } from 'node:zlib';
import type { Snapshot } from '@austin-profiler/sampler';
import { writeStdout } from '../output/standard-output.js';
import { writeAll } from '../output/stdio.js';
import { openOutput } from '../recording/output-file.js';
import { isGzipName } from '../recording/part-names.js';
import { startTicksOf } from '../recording/proc.js';
import { OK } from './exit-codes.js';
import { requireProcess, type Sampling } from './sampling.js';
import { whereText } from './where-text.js';

/** Where mode: every stack of a process, once. Answers with the exit code. */
export async function where(pid: number, { generation, options, words }: Sampling): Promise<number> {
  words.greet();
  requireProcess(pid);
  const sampler = await import('@austin-profiler/sampler');
  const { timeoutMs, children, native, kernel } = options;
  const wanted = { timeoutMs, native, kernel };
  const tree = children
    ? await sampler.takeSnapshot(pid, { ...wanted, children })
    : { processes: [await sampler.takeSnapshot(pid, wanted)], unread: [] };
  for (const { error } of tree.unread) words.error(error, children);
  const snapshots = tree.processes.toSorted(byAge);
  for (const { target } of snapshots) {
    words.attached(target, { askedPid: pid, exposureUs: 0, children });
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

/** As the system tells their start; what has ended since comes first. */
function byAge(a: Snapshot, b: Snapshot): number {
  return startTicksOf(a.target.pid) - startTicksOf(b.target.pid) || a.target.pid - b.target.pid;
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
