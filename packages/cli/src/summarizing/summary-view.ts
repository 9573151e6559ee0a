import type { Hotness } from '@austin-profiler/profile';
import type { ChosenMetric } from './metric.js';

/** What of a summary is shown. */
export interface SummaryView {
  readonly metric: ChosenMetric;
  readonly sort: 'self' | 'total';
  /** Rows of each list; 0 for all. */
  readonly top: number;
  /** Functions and lines of each thread, too. */
  readonly byThread: boolean;
}

/** The first rows of a list in the order asked for. */
export function hottest<T extends Hotness>(list: readonly T[], { sort, top }: SummaryView): readonly T[] {
  const sorted = sort === 'self' ? list : list.toSorted((a, b) => b.total - a.total || b.self - a.self);
  return top === 0 ? sorted : sorted.slice(0, top);
}
