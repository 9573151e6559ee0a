import { effectiveSamples, type Interval, wilson } from '@austin-profiler/profile';
import { formatInterval, formatPercent, formatWeight } from './numbers.js';
import type { MetricInfo, Payload } from './payload.js';

/** A weight with what it is worth: its share of everything selected, and how sure that is. */
export interface Measure {
  readonly weight: string;
  readonly share: number;
  readonly percent: string;
  readonly interval: string;
}

/** The selection that shares are shares of. */
export interface Whole {
  readonly unit: MetricInfo['unit'];
  readonly total: number;
  readonly samples: number;
  /** Samples of equal weight that would tell as much. */
  readonly effective: number;
}

/** Adds up the selected threads; `total` is the weight of their call tree. */
export function wholeOf(payload: Payload, threads: readonly number[], metric: number, total: number): Whole {
  const { unit } = payload.metrics[metric]!;
  let samples = 0;
  let squares = 0;
  for (const thread of threads) {
    samples += payload.threads.samples[thread]![metric]!;
    squares += payload.threads.squares[thread]![metric]!;
  }
  // A count is itself a number of samples, merged before we saw them.
  if (unit === 'count') return { unit, total, samples: total, effective: total };
  return { unit, total, samples, effective: effectiveSamples(total, squares) };
}

export function measure(weight: number, whole: Whole): Measure {
  const share = whole.total > 0 ? weight / whole.total : 0;
  const interval: Interval | null = wilson(share, whole.effective);
  return {
    weight: formatWeight(weight, whole.unit),
    share,
    percent: formatPercent(share),
    interval: formatInterval(interval),
  };
}

const METRIC_TITLES: Record<MetricInfo['id'], string> = {
  wall: 'Wall time',
  cpu: 'CPU time',
  allocated: 'Resident memory gained',
  deallocated: 'Resident memory given back',
  samples: 'Samples',
};

export function metricTitle(metric: MetricInfo): string {
  return METRIC_TITLES[metric.id];
}
