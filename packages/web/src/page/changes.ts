import type { WeighedRows } from '@austin-profiler/convert/page';
import { differenceInterval, type Interval } from '@austin-profiler/profile';

/** How the share of a row, itself innermost, differs from one part of a recording to another. */
export interface Change {
  /** Number of the row. */
  readonly row: number;
  /** Shares, from 0 to 1. */
  readonly before: number;
  readonly after: number;
  /** 95 % interval of the difference; null without samples. */
  readonly interval: Interval | null;
  /** It is more than chance would explain, 19 times out of 20. */
  readonly isClear: boolean;
}

/** All rows with weight in either part, the largest change first. Both have the same rows; `after` may have more behind them. */
export function changesBetween(before: WeighedRows, after: WeighedRows): Change[] {
  const changes: Change[] = [];
  for (let row = 0; row < after.infos.length; row++) {
    const was = shareOf(before, row);
    const is = shareOf(after, row);
    if (was === 0 && is === 0) continue;
    const interval = differenceInterval(
      { share: was, samples: before.whole.effective },
      { share: is, samples: after.whole.effective },
    );
    const isClear = interval !== null && (interval.low > 0 || interval.high < 0);
    changes.push({ row, before: was, after: is, interval, isClear });
  }
  const size = ({ before: was, after: is }: Change): number => Math.abs(is - was);
  return changes.sort((a, b) => size(b) - size(a) || a.row - b.row);
}

function shareOf({ totals, whole }: WeighedRows, row: number): number {
  return whole.total > 0 ? (totals.self[row] ?? 0) / whole.total : 0;
}
