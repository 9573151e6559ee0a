import type { Statistics } from '@austin-profiler/sampler';
import type { Logger } from '../logging/logger.js';
import { rate } from '../output/numbers.js';
import type { ProgressLine } from '../output/progress-line.js';
import { say } from '../output/stdio.js';

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
}): (statistics: Pick<Statistics, 'intervalUs' | 'cpuUs'>) => void {
  let last = options.intervalUs;
  let isSaid = false;
  return ({ intervalUs, cpuUs }) => {
    if (intervalUs === last) return;
    options.log.log('info', 'interval changed', { fromUs: last, toUs: intervalUs, cpuUs });
    last = intervalUs;
    if (isSaid || options.maxCpu === undefined || intervalUs <= options.intervalUs) return;
    isSaid = true;
    options.progress.clear();
    say(
      `austin: sampling takes more than ${options.maxCpu} % of a CPU: slowing down to ${rate(1e6 / intervalUs)} (--max-cpu)`,
    );
  };
}
