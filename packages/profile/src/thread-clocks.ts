import { MERGED_SAMPLES_KEY } from './compress.js';
import { type Profile, parseThreadKey } from './profile.js';
import { type ProfileTables, threadIdentity } from './tables.js';
import type { ThreadId } from './units.js';

/** Metadata that says when the thread's next sample was taken, in µs since the start of the recording. */
export const THREAD_START_KEY = 'x-thread-start';

/**
 * When samples were taken, in µs since the start of the recording. Samples carry no time: that of a thread is the running
 * sum of its samples, each of which stands for the time before it. A thread's first sample was taken when
 * `x-thread-start` says, or else where the furthest of the other threads is; the key may stand again where a thread was
 * lost and found. In merged samples there is no order that could tell: there every thread begins at 0.
 */
export class ThreadClocks {
  readonly #tables: ProfileTables;
  readonly #clock: number[] = [];
  /** By identity of the thread: starts that no sample has come after yet. */
  readonly #starts = new Map<string, number>();
  readonly #identities: string[] = [];
  #latest = 0;
  #isMerged = false;

  constructor(tables: ProfileTables) {
    this.#tables = tables;
  }

  /** Takes note of metadata in its place between the samples. */
  noteMetadata(key: string, value: string): void {
    if (key === MERGED_SAMPLES_KEY) this.#isMerged = true;
    const thread = parseThreadKey(key, THREAD_START_KEY);
    if (!thread || !/^\d+$/.test(value)) return;
    const identity = threadIdentity(thread);
    if (!this.#starts.has(identity)) this.#starts.set(identity, Number(value));
  }

  /** When the thread's next sample was taken. No sample of a thread is earlier than the one before it. */
  next(thread: ThreadId, timeUs: number): number {
    const start = this.#takeStart(thread);
    const time =
      start === undefined ? this.expected(thread, timeUs) : Math.max(start, this.#clock[thread] ?? 0);
    this.#clock[thread] = time;
    if (time > this.#latest) this.#latest = time;
    return time;
  }

  /** When a next sample of the thread will have been taken if no metadata says otherwise. */
  expected(thread: ThreadId, timeUs: number): number {
    const weight = Math.max(0, timeUs);
    const before = this.#clock[thread];
    if (before !== undefined) return before + weight;
    return this.#isMerged ? weight : Math.max(this.#latest, weight);
  }

  #takeStart(thread: ThreadId): number | undefined {
    if (this.#starts.size === 0) return undefined;
    this.#identities[thread] ??= threadIdentity(this.#tables.thread(thread));
    const identity = this.#identities[thread];
    const start = this.#starts.get(identity);
    if (start !== undefined) this.#starts.delete(identity);
    return start;
  }
}

/**
 * The times of {@link ThreadClocks} of all samples of a profile, whatever its samples measure: `sampleTimes` says whether
 * they are times at which something happened.
 */
export function clockTimes({ samples, tables, metadata }: Profile): Float64Array {
  const clocks = new ThreadClocks(tables);
  const times = new Float64Array(samples.length);
  let next = 0;
  for (let i = 0; i < samples.length; i++) {
    for (let entry = metadata[next]; entry && entry.sampleIndex <= i; entry = metadata[++next]) {
      clocks.noteMetadata(entry.key, entry.value);
    }
    times[i] = clocks.next(samples.thread[i]! as ThreadId, samples.timeUs[i]!);
  }
  return times;
}
