import { usageOf } from '../recording/proc.js';

const TICKS_PER_SECOND = 100;
/** A tick is 10 ms: over less time than this, one more or less would be much. */
const LEAST_SECONDS = 0.4;

/** What a process uses of the machine. Absent is unknown. */
export interface ProcessUsage {
  /** Share of one CPU since it was asked for last; more than 1 with several threads. */
  readonly cpuShare?: number;
  readonly memoryBytes?: number;
}

/** Tells again and again what a process uses. */
export class UsageMeter {
  readonly #pid: number;
  #ticks: number | undefined;
  #at = performance.now();
  #share: number | undefined;

  constructor(pid: number) {
    this.#pid = pid;
    this.#ticks = usageOf(pid)?.cpuTicks;
  }

  read(): ProcessUsage {
    const usage = usageOf(this.#pid);
    if (!usage) return {};
    const seconds = (performance.now() - this.#at) / 1000;
    if (this.#ticks !== undefined && seconds >= LEAST_SECONDS) {
      this.#share = (usage.cpuTicks - this.#ticks) / TICKS_PER_SECOND / seconds;
      this.#at = performance.now();
      this.#ticks = usage.cpuTicks;
    }
    this.#ticks ??= usage.cpuTicks;
    return { memoryBytes: usage.residentBytes, ...(this.#share !== undefined && { cpuShare: this.#share }) };
  }
}
