import type { Profile } from '@austin-profiler/profile';

/** The samples of one thread, as row numbers in order of sampling. */
export interface ThreadSamples {
  readonly thread: number;
  readonly rows: Uint32Array;
}

/** Groups the samples by thread; threads without samples are left out. */
export function samplesByThread(profile: Profile): ThreadSamples[] {
  const { samples, tables } = profile;
  const starts = new Uint32Array(tables.threadCount + 1);
  for (let i = 0; i < samples.length; i++) starts[samples.thread[i]! + 1]!++;
  for (let t = 0; t < tables.threadCount; t++) starts[t + 1]! += starts[t]!;
  const rows = new Uint32Array(samples.length);
  const next = starts.slice();
  for (let i = 0; i < samples.length; i++) rows[next[samples.thread[i]!]!++] = i;
  const groups: ThreadSamples[] = [];
  for (let thread = 0; thread < tables.threadCount; thread++) {
    const group = rows.subarray(starts[thread]!, starts[thread + 1]!);
    if (group.length > 0) groups.push({ thread, rows: group });
  }
  return groups;
}
