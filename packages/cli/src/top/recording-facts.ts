import type { LiveProfile } from '@austin-profiler/convert';
import type { RecordingResult, Statistics, TargetInfo } from '@austin-profiler/sampler';
import type { TopFacts } from '@austin-profiler/tui';
import { startTicksOf, systemUptime, usageOf } from '../recording/proc.js';
import type { SamplingOptions } from '../recording/sampling-options.js';

/** The kernel tells CPU time and starts in hundredths of a second. */
const TICKS_PER_SECOND = 100;
/** Between looks at the processes; also what CPU shares and rates are of. */
const LOOK_MS = 1000;

const ENDINGS = {
  'target-ended': 'the program has ended',
  // It was noticed here before the sampler noticed it. After a signal nobody looks any more.
  stopped: 'the program has ended',
  duration: 'the time is over',
  failed: 'failed',
} as const;

/** What a look at the processes found. */
interface Look {
  readonly timeMs: number;
  readonly ticks: number;
  readonly cpuShare?: number;
  readonly memoryBytes?: number;
}

type Rounds = Pick<Statistics, 'rounds' | 'durationUs'>;

/** What is known of a recording that is being made, and of the processes that it is about. */
export class RecordingFacts {
  readonly #title: string;
  readonly #live: LiveProfile;
  readonly #options: SamplingOptions;
  readonly #targets = new Map<number, TargetInfo>();
  #look: Look | undefined;
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
    this.#look = undefined;
  }

  progress({ rounds, durationUs }: Rounds): void {
    const latest = this.#rounds;
    latest.push({ rounds, durationUs });
    while (latest.length > 2 && latest[1]!.durationUs <= durationUs - LOOK_MS * 1000) latest.shift();
  }

  ended({ end, error }: Pick<RecordingResult, 'end' | 'error'>): void {
    this.#end = error ? `${ENDINGS[end]}: ${error.message}` : ENDINGS[end];
  }

  read(): TopFacts {
    const { intervalUs, gilOnly, gc } = this.#options;
    const first = this.#targets.values().next().value;
    const look = this.#end === undefined ? this.#lookNow() : undefined;
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
      ...(look?.cpuShare !== undefined && { cpuShare: look.cpuShare }),
      ...(look?.memoryBytes !== undefined && { memoryBytes: look.memoryBytes }),
    };
  }

  #phase(isAttached: boolean): Pick<TopFacts, 'phase' | 'note'> {
    if (this.#end !== undefined) return { phase: 'ended', note: this.#end };
    if (this.#live.sampleNumber > 0) return { phase: 'live' };
    return { phase: 'waiting', note: isAttached ? 'waiting for the first sample' : 'waiting for Python' };
  }

  #lookNow(): Look | undefined {
    const timeMs = performance.now();
    const before = this.#look;
    if (before && timeMs < before.timeMs + LOOK_MS) return before;
    const pids = [...this.#targets.keys()];
    const usages = pids.flatMap((pid) => usageOf(pid) ?? []);
    const ticks = usages.reduce((sum, usage) => sum + usage.cpuTicks, 0);
    this.#look = {
      timeMs,
      ticks,
      ...(before && { cpuShare: cpuShare(ticks - before.ticks, timeMs - before.timeMs) }),
      ...(usages.length > 0 && { memoryBytes: usages.reduce((sum, usage) => sum + usage.residentBytes, 0) }),
    };
    const start = pids.length > 0 ? startTicksOf(pids[0]!) : 0;
    const uptime = systemUptime();
    if (start > 0 && uptime !== undefined) this.#seconds = uptime - start / TICKS_PER_SECOND;
    return this.#look;
  }

  #gotHertz(): number | undefined {
    const to = this.#rounds.at(-1);
    if (!to) return undefined;
    const from = this.#rounds.length > 1 ? this.#rounds[0]! : { rounds: 1, durationUs: 0 };
    if (to.durationUs <= from.durationUs) return undefined;
    return ((to.rounds - from.rounds) * 1e6) / (to.durationUs - from.durationUs);
  }
}

/** A process that is gone takes its time with it. */
function cpuShare(ticks: number, ms: number): number {
  return Math.max(0, (ticks / TICKS_PER_SECOND / ms) * 1000);
}

function pythonText({ pythonVersion, freeThreaded }: TargetInfo): string {
  return freeThreaded ? `${pythonVersion} free-threaded` : pythonVersion;
}
