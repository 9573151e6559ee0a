import {
  metadataValue,
  type Profile,
  parseThreadKey,
  type Thread,
  type ThreadId,
} from '@austin-profiler/profile';
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

/** When each thread was first seen, µs since the start of the recording; 0 where nothing says. */
export function threadStartsUs(profile: Profile): Float64Array {
  const { tables, metadata } = profile;
  const starts = new Float64Array(tables.threadCount);
  const ids = new Map<string, number>();
  for (let id = 0; id < tables.threadCount; id++) ids.set(keyOf(tables.thread(id as ThreadId)), id);
  for (const { key, value } of metadata) {
    const thread = parseThreadKey(key, 'x-thread-start');
    const id = thread && ids.get(keyOf(thread));
    const start = Number(value);
    if (id !== undefined && start > 0 && Number.isFinite(start)) starts[id] = start;
  }
  return starts;
}

function keyOf({ pid, iid, tid }: Thread): string {
  return `${pid}:${iid ?? ''}:${tid}`;
}

/** Milliseconds since 1970 at which the recording began, or undefined. */
export function startTimeMs(profile: Profile): number | undefined {
  const ms = Date.parse(metadataValue(profile, 'x-start-time') ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
