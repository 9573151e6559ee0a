import type { Profile, ThreadId } from '@austin-profiler/profile';
import type { WriteOptions } from '../../format.js';
import { weightTypes } from '../../weights.js';
import { factsOf } from './facts.js';
import { FunctionRows } from './function-rows.js';
import { LineBuilder } from './line-columns.js';
import type { Payload } from './page/payload.js';
import { samplesByThread } from './thread-samples.js';
import { TreeBuilder } from './tree-columns.js';

/** What the page shows of a profile. The weight of each thread is conserved, in every metric. */
export function toPayload(profile: Profile, options: WriteOptions): Payload {
  const byLine = options.frames === 'line';
  const types = weightTypes(profile);
  const rows = new FunctionRows(profile.tables, byLine);
  const tree = new TreeBuilder(profile, types, rows);
  const lines = new LineBuilder(profile, types, rows);
  const threads = {
    pid: [] as number[],
    label: [] as string[],
    nodes: [] as number[],
    samples: [] as number[][],
    squares: [] as number[][],
  };
  for (const { thread, rows: samples } of samplesByThread(profile)) {
    const sums = tree.addThread(samples);
    if (!byLine) lines.addThread(threads.pid.length, samples);
    threads.pid.push(profile.tables.thread(thread as ThreadId).pid);
    threads.label.push(threadLabel(profile, thread as ThreadId));
    threads.nodes.push(sums.nodes);
    threads.samples.push(sums.samples);
    threads.squares.push(sums.squares);
  }
  const facts = factsOf(profile);
  return {
    title: options.name ?? facts.command ?? 'Profile',
    facts,
    metrics: types.map(({ metric, unit }) => ({ id: metric, unit })),
    strings: rows.strings,
    functions: rows.columns,
    threads,
    tree: tree.columns,
    lines: lines.columns,
  };
}

function threadLabel(profile: Profile, id: ThreadId): string {
  const { iid, tid } = profile.tables.thread(id);
  const name = profile.tables.threadName(id);
  const label = name === undefined ? `thread ${tid}` : `${name} (${tid})`;
  return iid === null || iid === 0 ? label : `${label}, interpreter ${iid}`;
}
