import { TICKS_PER_SECOND, usageOf } from './proc.js';

/** Between looks: a tick is 10 ms, and over less time than this one more or less would be much. */
const LOOK_MS = 1000;

/** What processes use of the machine together. Absent is unknown. */
export interface ProcessUsage {
  /** Share of one CPU between the last two looks; more than 1 with several threads. */
  readonly cpuShare?: number;
  readonly memoryBytes?: number;
}

/** Tells again and again what some processes use. It looks at them once a second at most. */
export class UsageMeter {
  readonly #pids: () => Iterable<number>;
  #usage: ProcessUsage = {};
  #timeMs: number | undefined;
  #ticks = new Map<number, number>();

  /** @param pids those that it is about by now */
  constructor(pids: () => Iterable<number>) {
    this.#pids = pids;
  }

  read(): ProcessUsage {
    const now = performance.now();
    if (this.#timeMs !== undefined && now < this.#timeMs + LOOK_MS) return this.#usage;
    const usages = [...this.#pids()].flatMap((pid) => {
      const usage = usageOf(pid);
      return usage ? [{ pid, ...usage }] : [];
    });
    // A process that has come or gone since adds nothing: its time is not known for all of the time between.
    const used = usages.reduce(
      (sum, { pid, cpuTicks }) => sum + cpuTicks - (this.#ticks.get(pid) ?? cpuTicks),
      0,
    );
    this.#usage = {
      ...(this.#timeMs !== undefined &&
        usages.length > 0 && { cpuShare: ((used / TICKS_PER_SECOND) * 1000) / (now - this.#timeMs) }),
      ...(usages.length > 0 && { memoryBytes: usages.reduce((sum, each) => sum + each.residentBytes, 0) }),
    };
    if (usages.length > 0) this.#timeMs = now;
    this.#ticks = new Map(usages.map(({ pid, cpuTicks }) => [pid, cpuTicks]));
    return this.#usage;
  }
}
