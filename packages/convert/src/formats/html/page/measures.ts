import { effectiveSamples, type Interval, wilson } from '@austin-profiler/profile';
import { formatInterval, formatPercent, formatWeight } from '../../../numbers.js';
import type { MetricInfo, PageData } from './payload.js';
import type { Selection } from './selection.js';

/** A weight with what it is worth: its share of everything selected, and how sure that is. */
export interface Measure {
  readonly weight: string;
  readonly share: number;
  readonly percent: string;
  readonly interval: string;
  /** Limits of the share, from 0 to 1. */
  readonly limits: Interval;
}

/** The selection that shares are shares of. */
export interface Whole {
  readonly unit: MetricInfo['unit'];
  readonly total: number;
  readonly samples: number;
  /** Samples of equal weight that would tell as much. */
  readonly effective: number;
}

/** Adds up the selected threads and slots; `total` is the weight of their call tree. */
export function wholeOf({ metrics, lanes }: PageData, selection: Selection, total: number): Whole {
  const { metric, from, to } = selection;
  const { unit } = metrics[metric]!;
  const threads = new Set(selection.threads);
  let samples = 0;
  let squares = 0;
  for (let row = 0; row < lanes.thread.length; row++) {
    if (!threads.has(lanes.thread[row]!) || lanes.slot[row]! < from || lanes.slot[row]! >= to) continue;
    samples += lanes.samples[metric]![row]!;
    squares += lanes.squares[metric]![row]!;
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
    limits: interval ?? { low: 0, high: 1 },
  };
}

const METRIC_TITLES: Record<MetricInfo['id'], string> = {
  wall: 'Wall time',
  cpu: 'CPU time',
  idle: 'Off-CPU time',
  gil: 'Time with the interpreter lock',
  allocated: 'Resident memory gained',
  deallocated: 'Resident memory given back',
  samples: 'Samples',
};

export function metricTitle(metric: MetricInfo): string {
  return METRIC_TITLES[metric.id];
}
