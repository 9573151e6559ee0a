import { ACTIVITIES, activities } from './activity.js';
import type { Recording } from './recording.js';

const IDLE = ACTIVITIES.indexOf('idle');

/** One thread over time: `weight[bar * ACTIVITIES.length + activity]`. */
export type LaneBars = Float64Array;

/** What the time line draws, worked out lane by lane, as lanes come into view. */
export class TimeLanes {
  readonly #recording: Recording;
  readonly #activity: Uint8Array;
  /** The cells of each thread follow each other: where they start, and one more for the end. */
  readonly #start: Uint32Array;
  readonly #idleMetric: number;

  constructor(recording: Recording) {
    const { cells, payload } = recording;
    this.#recording = recording;
    this.#activity = activities(recording);
    this.#start = new Uint32Array(payload.threads.pid.length + 1);
    for (let cell = 0; cell < cells.length; cell++) this.#start[cells.thread[cell]! + 1]!++;
    for (let thread = 1; thread < this.#start.length; thread++)
      this.#start[thread]! += this.#start[thread - 1]!;
    this.#idleMetric = payload.metrics.findIndex(({ id }) => id === 'idle');
  }

  /**
   * How many bars to draw over the whole time: no more than fit, nor than there are slots, nor so many that the time
   * of a single sample would be longer than its bar and leave a gap beside it.
   */
  barCount(most: number): number {
    const { payload, cells } = this.#recording;
    const { slots, slotLength, unit } = payload.time;
    if (slots === 0) return 0;
    const weight = cells.weight[0]!;
    const samples = payload.lanes.samples[0]!.reduce((sum, count) => sum + count, 0);
    const mean = unit === 'samples' || samples === 0 ? 1 : weight.reduce((sum, w) => sum + w, 0) / samples;
    const dense = Math.floor((slots * slotLength) / (2 * Math.max(mean, 1)));
    return Math.max(1, Math.min(Math.floor(most), slots, dense));
  }

  bars(thread: number, metric: number, count: number): LaneBars {
    const { cells, payload } = this.#recording;
    const weight = cells.weight[metric]!;
    const isWall = payload.metrics[metric]!.id === 'wall';
    const idle = isWall && this.#idleMetric >= 0 ? cells.weight[this.#idleMetric]! : undefined;
    const isIdle = payload.metrics[metric]!.id === 'idle';
    const bars = new Float64Array(count * ACTIVITIES.length);
    for (let cell = this.#start[thread]!; cell < this.#start[thread + 1]!; cell++) {
      const bar = Math.min(count - 1, Math.floor((cells.slot[cell]! * count) / payload.time.slots));
      const off = isIdle ? weight[cell]! : (idle?.[cell] ?? 0);
      bars[bar * ACTIVITIES.length + IDLE]! += off;
      bars[bar * ACTIVITIES.length + this.#activity[cells.node[cell]!]!]! += weight[cell]! - off;
    }
    return bars;
  }

  /** How many slots a bar spans: some bars span one more than others. */
  slotsOf(bar: number, count: number): number {
    const { slots } = this.#recording.payload.time;
    return Math.ceil(((bar + 1) * slots) / count) - Math.ceil((bar * slots) / count);
  }

  /** The weight that fills a bar for each slot it spans: the slot's time, or that of the heaviest where weight is no time. */
  capacity(metric: number, count: number): number {
    const { payload } = this.#recording;
    const { slotLength, unit } = payload.time;
    if (payload.metrics[metric]!.unit === 'microseconds' && unit !== 'samples') return slotLength;
    let most = 0;
    for (let thread = 0; thread < payload.threads.pid.length; thread++) {
      const bars = this.bars(thread, metric, count);
      for (let bar = 0; bar < count; bar++) {
        most = Math.max(most, barTotal(bars, bar) / this.slotsOf(bar, count));
      }
    }
    return most;
  }
}

export function barTotal(bars: LaneBars, bar: number): number {
  let total = 0;
  for (let a = 0; a < ACTIVITIES.length; a++) total += bars[bar * ACTIVITIES.length + a]!;
  return total;
}

/** Round numbers for an axis from 0 to `end`, about `count` of them. */
export function axisTicks(end: number, count: number): number[] {
  if (!(end > 0)) return [0];
  const rough = end / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, tick) => tick * step);
}
