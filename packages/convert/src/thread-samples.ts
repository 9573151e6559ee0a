import { metadataValue, type Profile, type ThreadId } from '@austin-profiler/profile';
import { threadIdText } from './thread-ids.js';

/** For each thread, by its id, the numbers of its samples in order of sampling. */
export function samplesByThread(profile: Profile): Uint32Array[] {
  const { thread, length } = profile.samples;
  const sizes = new Uint32Array(profile.tables.threadCount);
  for (let i = 0; i < length; i++) sizes[thread[i]!]!++;
  const rows = Array.from(sizes, (size) => new Uint32Array(size));
  const filled = new Uint32Array(sizes.length);
  for (let i = 0; i < length; i++) rows[thread[i]!]![filled[thread[i]!]!++] = i;
  return rows;
}

/** A thread in words: `MainThread`, or else `Thread 42`; with its interpreter, unless that is the main one. */
export function threadTitle(profile: Profile, thread: ThreadId): string {
  const { iid, tid } = profile.tables.thread(thread);
  const name = profile.tables.threadName(thread) || `Thread ${threadIdText(profile)(tid)}`;
  return iid === null || iid === 0 ? name : `${name} (interpreter ${iid})`;
}

/** Milliseconds since 1970 at which the recording began, or undefined. */
export function startTimeMs(profile: Profile): number | undefined {
  const ms = Date.parse(metadataValue(profile, 'x-start-time') ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
