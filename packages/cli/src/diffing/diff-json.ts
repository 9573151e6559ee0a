import type {
  FunctionDifference,
  Interval,
  ProfileDifference,
  SampleSummary,
} from '@austin-profiler/profile';
import { type DiffView, isClear, shownFunctions } from './diff-text.js';

/** A difference as the JSON document of `austin diff --json`, which docs/cli.md describes. */
export function diffJson(difference: ProfileDifference, view: DiffView): object {
  return {
    metric: view.metric.id,
    unit: view.metric.unit,
    confidence: { level: 0.95, method: 'newcombe' },
    before: sideJson(difference.before),
    after: sideJson(difference.after),
    functions: shownFunctions(difference, view).map((row) => ({
      name: row.name,
      file: row.file,
      ...(row.fileBefore !== row.file && { fileBefore: row.fileBefore }),
      self: changeJson(row, 'self'),
      total: changeJson(row, 'total'),
    })),
  };
}

function sideJson({ total, samples, effectiveSamples }: SampleSummary): object {
  return { total, samples, effectiveSamples };
}

function changeJson(row: FunctionDifference, by: 'self' | 'total'): object {
  const interval: Interval | null = by === 'self' ? row.selfInterval : row.totalInterval;
  return {
    before: row.before[by],
    after: row.after[by],
    change: by === 'self' ? row.selfChange : row.totalChange,
    interval: interval && [interval.low, interval.high],
    isClear: isClear(row, by),
  };
}
