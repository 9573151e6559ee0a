import type { Statistics } from '@austin-profiler/sampler';
import type { Logger } from '../logging/logger.js';
import { rate } from '../output/numbers.js';
import type { ProgressLine } from '../output/progress-line.js';
import { say } from '../output/stdio.js';

/** So long a limited recording may take to come from its careful beginning to what was asked for. */
const BEGINNING_US = 1_000_000;

/**
 * Looks at the statistics of a recording for another interval than before. Each is logged; that the recording is
 * slower than asked is said once.
 */
export function createIntervalWatch(options: {
  /** As asked for. */
  readonly intervalUs: number;
  readonly maxCpu: number | undefined;
  readonly log: Logger;
  readonly progress: ProgressLine;
}): (statistics: Pick<Statistics, 'intervalUs' | 'cpuUs' | 'durationUs'>) => void {
  let last = options.intervalUs;
  let isSaid = false;
  return ({ intervalUs, cpuUs, durationUs }) => {
    if (intervalUs !== last)
      options.log.log('info', 'interval changed', { fromUs: last, toUs: intervalUs, cpuUs });
    last = intervalUs;
    if (
      isSaid ||
      durationUs < BEGINNING_US ||
      options.maxCpu === undefined ||
      intervalUs <= options.intervalUs
    )
      return;
    isSaid = true;
    options.progress.clear();
    say(
      `austin: sampling takes more than ${options.maxCpu} % of a CPU: slowing down to ${rate(1e6 / intervalUs)} (--max-cpu)`,
    );
  };
}
