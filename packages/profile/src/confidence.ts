/** Limits of a share, each from 0 to 1. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Standard normal quantile of 97.5 %: what a two-sided 95 % interval takes. */
const Z = 1.959964;

/**
 * The score interval of Wilson (Journal of the American Statistical Association 22, 1927) at 95 % of a share seen in `n`
 * samples; null when nothing was sampled. It stays within 0 and 1, has a width even for a share of 0, and keeps its
 * promise with few samples (Newcombe, Statistics in Medicine 17, 1998, method 3).
 *
 * It takes samples as independent of each other. Those of one thread are not quite: of a program that does one thing for
 * long and then another, less is known than the interval says.
 *
 * @param n need not be whole: see {@link effectiveSamples}
 */
export function wilson(share: number, n: number): Interval | null {
  if (!(n > 0)) return null;
  const p = Math.min(Math.max(share, 0), 1);
  const denominator = 1 + (Z * Z) / n;
  const middle = (p + (Z * Z) / (2 * n)) / denominator;
  const half = (Z / denominator) * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
  return { low: p === 0 ? 0 : Math.max(0, middle - half), high: p === 1 ? 1 : Math.min(1, middle + half) };
}

/**
 * How many samples of equal weight tell as much as these: all of them when their weights are equal, fewer when some
 * outweigh others (Kish, Survey Sampling, 1965).
 */
export function effectiveSamples(sum: number, sumOfSquares: number): number {
  return sumOfSquares > 0 ? (sum * sum) / sumOfSquares : 0;
}

/** A share, and how many samples it was seen in. */
export interface SampledShare {
  readonly share: number;
  /** Need not be whole: see {@link effectiveSamples}. */
  readonly samples: number;
}

/**
 * The 95 % interval of the difference `after - before` of two shares from different recordings, each limit from -1 to 1; null
 * when one of them has no samples. Newcombe's hybrid of two score intervals (Statistics in Medicine 17, 1998, pages 873 to
 * 890, method 10).
 */
export function differenceInterval(before: SampledShare, after: SampledShare): Interval | null {
  const a = wilson(after.share, after.samples);
  const b = wilson(before.share, before.samples);
  if (!a || !b) return null;
  const difference = after.share - before.share;
  return {
    low: difference - Math.hypot(after.share - a.low, b.high - before.share),
    high: difference + Math.hypot(a.high - after.share, before.share - b.low),
  };
}
