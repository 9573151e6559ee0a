import { summaryOptions, type ViewWeight, viewWeights } from '@austin-profiler/convert/live';
import {
  aggregateCalls,
  type CallNode,
  type FunctionId,
  type Hotness,
  type Profile,
  type ProfileSummary,
  summarize,
  type ThreadId,
  uint32Column,
} from '@austin-profiler/profile';
import type { Moment, ThreadNow } from './moment.js';
import { OwnStacks } from './own-stacks.js';
import type { ViewState } from './state.js';

/** The part of a view's state that decides which samples are shown, and by which weight. */
export type Choice = Pick<ViewState, 'weight' | 'pid' | 'thread' | 'isOwnCode'>;

/** What a choice shows of a moment. Sums are made when they are first asked for. */
export interface Shown {
  readonly moment: Moment;
  /** The samples chosen, with the stacks as they are to be seen. */
  readonly profile: Profile;
  readonly weight: ViewWeight;
  /** What `weight` can be. */
  readonly weights: readonly ViewWeight[];
  /** The chosen threads with their present stacks, as they are to be seen. */
  readonly threads: readonly ThreadNow[];
  readonly summary: ProfileSummary;
  /** A call tree for each chosen thread with weight, the heaviest first. */
  readonly trees: readonly CallNode[];
  /** Self and total of a function, in one thread or (null) in all that are shown. */
  hotness(thread: ThreadId | null, fn: FunctionId): Hotness;
}

const NOTHING: Hotness = { self: 0, total: 0 };

/** Makes what is shown of moments of one recording; the same for the same choice of the same moment. */
export class Chooser {
  #own: OwnStacks | undefined;
  #last: { readonly moment: Moment; readonly key: string; readonly shown: Shown } | undefined;

  choose(moment: Moment, choice: Choice): Shown {
    const key = [choice.weight, choice.pid, choice.thread, choice.isOwnCode].join();
    if (this.#last?.moment !== moment || this.#last.key !== key) {
      this.#last = { moment, key, shown: this.#make(moment, choice) };
    }
    return this.#last.shown;
  }

  #make(moment: Moment, choice: Choice): Shown {
    const { tables } = moment.profile;
    const weights = viewWeights(moment.profile);
    const weight = weights[choice.weight % weights.length]!;
    const isShown = (thread: ThreadId): boolean =>
      (choice.thread === null || choice.thread === thread) &&
      (choice.pid === null || choice.pid === tables.thread(thread).pid);
    if (choice.isOwnCode) this.#own ??= new OwnStacks(tables);
    const own = choice.isOwnCode ? this.#own : undefined;
    const profile = chosenRows(moment.profile, isShown, own);
    const threads = moment.threads
      .filter(({ thread }) => isShown(thread))
      .map((now) => (own ? { ...now, stack: own.of(now.stack) } : now));

    const options = summaryOptions(moment.profile, weight);
    const summary = once(() => summarize(profile, options));
    const trees = once(() =>
      aggregateCalls(profile, options)
        .filter((root) => root.total > 0)
        .sort((a, b) => b.total - a.total || a.thread - b.thread),
    );
    const byThread = new Map<ThreadId | null, Map<FunctionId, Hotness>>();
    return {
      moment,
      profile,
      weight,
      weights,
      threads,
      get summary() {
        return summary();
      },
      get trees() {
        return trees();
      },
      hotness(thread, fn) {
        let known = byThread.get(thread);
        if (!known) {
          const part = thread === null ? summary() : summary().threads.find((one) => one.thread === thread);
          known = new Map(part?.functions.map((hot) => [hot.fn, hot]));
          byThread.set(thread, known);
        }
        return known.get(fn) ?? NOTHING;
      },
    };
  }
}

/** The rows of the chosen threads, in the same tables. */
function chosenRows(
  profile: Profile,
  isShown: (thread: ThreadId) => boolean,
  own: OwnStacks | undefined,
): Profile {
  const { samples } = profile;
  const rows = uint32Column();
  for (let row = 0; row < samples.length; row++) {
    if (isShown(samples.thread[row]! as ThreadId)) rows.push(row);
  }
  if (rows.length === samples.length && !own) return profile;
  const kept = rows.view();
  const stack = kept.map((row) => samples.stack[row]!);
  return {
    ...profile,
    samples: {
      length: kept.length,
      stack: own ? stack.map((id) => own.of(id as never)) : stack,
      thread: kept.map((row) => samples.thread[row]!),
      timeUs: Float64Array.from(kept, (row) => samples.timeUs[row]!),
      memoryBytes: Float64Array.from(kept, (row) => samples.memoryBytes[row]!),
      flags: Uint8Array.from(kept, (row) => samples.flags[row]!),
      ...(samples.count && { count: Float64Array.from(kept, (row) => samples.count![row]!) }),
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
