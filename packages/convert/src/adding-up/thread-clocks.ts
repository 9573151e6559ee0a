import { type ProfileTables, parseThreadKey, type ThreadId } from '@austin-profiler/profile';

const START_KEY = 'x-thread-start';

/**
 * Where samples are on the time line. Profiles hold no timestamps: the time of a thread is the running sum of its
 * samples, from the start that the recording names. Where it names none, a thread starts when it first appears,
 * which the furthest of the other threads tells.
 */
export class ThreadClocks {
  readonly #tables: ProfileTables;
  readonly #clock: (number | undefined)[] = [];
  #furthest = 0;

  constructor(tables: ProfileTables) {
    this.#tables = tables;
  }

  /** Takes note of metadata that says when a thread started, in µs since the start of the recording. */
  noteMetadata(key: string, value: string): void {
    const thread = parseThreadKey(key, START_KEY);
    const startUs = Number(value);
    if (!thread || !(startUs >= 0) || !Number.isFinite(startUs)) return;
    const id = this.#tables.internThread(thread.pid, thread.iid, thread.tid);
    this.#clock[id] ??= startUs;
  }

  /** The middle of the time that the thread's next sample stands for, and puts its clock after it; in µs. */
  next(thread: ThreadId, timeUs: number): number {
    const start = this.#clock[thread] ?? Math.max(0, this.#furthest - timeUs);
    const end = start + timeUs;
    this.#clock[thread] = end;
    if (end > this.#furthest) this.#furthest = end;
    return start + timeUs / 2;
  }
}
