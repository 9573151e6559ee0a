import { AustinError, type Profile } from '@austin-profiler/profile';
import { type ChosenMetric, chooseMetric, metricTitle } from '../summarizing/metric.js';

/**
 * What to compare two profiles by: the metric asked for, or the first of the first profile.
 *
 * @throws AustinError `ERR_USAGE_METRIC`, `ERR_DIFF_UNLIKE` if the second one does not measure it
 */
export function commonMetric(before: Profile, after: Profile, asked: string | undefined): ChosenMetric {
  const metric = chooseMetric(before, asked);
  try {
    return chooseMetric(after, metric.id);
  } catch (error) {
    throw new AustinError(
      'ERR_DIFF_UNLIKE',
      `the first profile measures ${metricTitle(metric)}, the second ${metricTitle(chooseMetric(after, undefined))}`,
      { kind: 'data', hint: 'compare recordings of one mode', cause: error },
    );
  }
}
