import type { LatestSample, LiveCounts, LiveProfile } from '@austin-profiler/convert/live';
import type { Profile, ThreadId } from '@austin-profiler/profile';

/** The stack that a thread was last seen with. */
export interface ThreadNow extends LatestSample {
  readonly thread: ThreadId;
  /** Whether it has been sampled lately: of a thread that is gone, or waits in CPU mode, the last stack stays. */
  readonly isCurrent: boolean;
}

/** What a recording has said until some moment. It stays what it is, so that a paused view can be walked through. */
export interface Moment {
  /** A row for each thread, stack and set of flags. */
  readonly profile: Profile;
  /** Threads with samples, in order of first appearance. */
  readonly threads: readonly ThreadNow[];
  readonly counts: LiveCounts;
  /** Of all samples ever: tells moments apart. */
  readonly sampleNumber: number;
}

/** How long a thread without samples still counts as running. */
const LATELY_MS = 1000;

/** Takes moments of a recording. */
export class Moments {
  readonly #live: LiveProfile;
  /** How many samples there were when: now and then one, of which the first is at least `LATELY_MS` old. */
  readonly #marks: { readonly timeMs: number; readonly number: number }[] = [];

  constructor(live: LiveProfile) {
    this.#live = live;
  }

  /** @param isOver whether no samples will come any more: then every thread is as it was last seen */
  take(nowMs: number, isOver: boolean): Moment {
    const live = this.#live;
    const profile = live.profile();
    const since = isOver ? 0 : this.#mark(nowMs, live.sampleNumber);
    const threads: ThreadNow[] = [];
    for (let id = 0; id < live.tables.threadCount; id++) {
      const thread = id as ThreadId;
      const latest = live.latest(thread);
      if (latest) threads.push({ ...latest, thread, isCurrent: latest.number > since });
    }
    return { profile, threads, counts: live.counts, sampleNumber: live.sampleNumber };
  }

  /** Answers with the number of samples that there were a while ago. */
  #mark(timeMs: number, number: number): number {
    const marks = this.#marks;
    marks.push({ timeMs, number });
    while (marks.length > 1 && marks[1]!.timeMs <= timeMs - LATELY_MS) marks.shift();
    return marks[0]!.timeMs <= timeMs - LATELY_MS ? marks[0]!.number : 0;
  }
}
