import type { LiveProfile } from '@austin-profiler/convert/live';
import type { RecordingResult, Statistics, TargetInfo } from '@austin-profiler/sampler';
import type { TopFacts } from '@austin-profiler/tui';
import { startTicksOf, systemUptime, TICKS_PER_SECOND } from '../recording/proc.js';
import { UsageMeter } from '../recording/process-usage.js';
import type { SamplingOptions } from '../recording/sampling-options.js';

/** What the rate is of. */
const RATE_US = 1_000_000;

const ENDINGS = {
  'target-ended': 'the program has ended',
  // It was noticed here before the sampler noticed it. After a signal nobody looks any more.
  stopped: 'the program has ended',
  duration: 'the time is over',
  failed: 'failed',
} as const;

type Rounds = Pick<Statistics, 'rounds' | 'durationUs'>;

/** What is known of a recording that is being made, and of the processes that it is about. */
export class RecordingFacts {
  readonly #title: string;
  readonly #live: LiveProfile;
  readonly #options: SamplingOptions;
  readonly #targets = new Map<number, TargetInfo>();
  readonly #usage = new UsageMeter(() => this.#targets.keys());
  /** Of the last seconds, the latest last. */
  #rounds: Rounds[] = [];
  #end: string | undefined;
  /** Stays what it was when the program ended. */
  #seconds: number | undefined;

  constructor(title: string, live: LiveProfile, options: SamplingOptions) {
    this.#title = title;
    this.#live = live;
    this.#options = options;
  }

  attached(target: TargetInfo): void {
    this.#targets.set(target.pid, target);
  }

  progress({ rounds, durationUs }: Rounds): void {
    const latest = this.#rounds;
    latest.push({ rounds, durationUs });
    while (latest.length > 2 && latest[1]!.durationUs <= durationUs - RATE_US) latest.shift();
  }

  ended({ end, error }: Pick<RecordingResult, 'end' | 'error'>): void {
    this.#end = error ? `${ENDINGS[end]}: ${error.message}` : ENDINGS[end];
  }

  read(): TopFacts {
    const { intervalUs, gilOnly, gc } = this.#options;
    const first = this.#targets.values().next().value;
    const usage = this.#end === undefined ? this.#usage.read() : {};
    if (first && this.#end === undefined) this.#seconds = uptimeOf(first.pid) ?? this.#seconds;
    const gotHertz = this.#gotHertz();
    return {
      title: this.#title,
      ...this.#phase(first !== undefined),
      askedHertz: intervalUs === 0 ? 0 : 1e6 / intervalUs,
      isGilOnly: gilOnly,
      marksGc: gc,
      ...(first && { pid: first.pid, python: pythonText(first) }),
      ...(this.#seconds !== undefined && { seconds: this.#seconds }),
      ...(gotHertz !== undefined && { gotHertz }),
      ...usage,
    };
  }

  #phase(isAttached: boolean): Pick<TopFacts, 'phase' | 'note'> {
    if (this.#end !== undefined) return { phase: 'ended', note: this.#end };
    if (this.#live.sampleNumber > 0) return { phase: 'live' };
    return { phase: 'waiting', note: isAttached ? 'waiting for the first sample' : 'waiting for Python' };
  }

  #gotHertz(): number | undefined {
    const to = this.#rounds.at(-1);
    if (!to) return undefined;
    const from = this.#rounds.length > 1 ? this.#rounds[0]! : { rounds: 1, durationUs: 0 };
    if (to.durationUs <= from.durationUs) return undefined;
    return ((to.rounds - from.rounds) * 1e6) / (to.durationUs - from.durationUs);
  }
}

/** For how many seconds a process has run; undefined when it is gone. */
function uptimeOf(pid: number): number | undefined {
  const start = startTicksOf(pid);
  const uptime = systemUptime();
  return start > 0 && uptime !== undefined ? uptime - start / TICKS_PER_SECOND : undefined;
}

function pythonText({ pythonVersion, freeThreaded }: TargetInfo): string {
  return freeThreaded ? `${pythonVersion} free-threaded` : pythonVersion;
}
