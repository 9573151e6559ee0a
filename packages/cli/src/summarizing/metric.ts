import { type ViewWeight, viewWeights } from '@austin-profiler/convert';
import { AustinError, type Metric, type Profile } from '@austin-profiler/profile';
import { printable } from '../output/printable.js';

/** What is added up: a weight of the profile, and where it stands. */
export interface ChosenMetric {
  readonly metric: Metric;
  /** The weights are numbers of samples. */
  readonly isCount: boolean;
  readonly unit: ViewWeight['unit'];
  /** As users write it. */
  readonly id: ViewWeight['metric'];
}

const TITLES: Record<ViewWeight['metric'], string> = {
  wall: 'wall time',
  cpu: 'CPU time',
  gil: 'time with the interpreter lock',
  allocated: 'resident memory gained',
  deallocated: 'resident memory given back',
  samples: 'samples',
};

export function metricTitle({ id }: ChosenMetric): string {
  return TITLES[id];
}

/**
 * The metric asked for, or the first of the profile.
 *
 * @throws AustinError `ERR_USAGE_METRIC`
 */
export function chooseMetric(profile: Profile, asked: string | undefined): ChosenMetric {
  const types = viewWeights(profile);
  const type = asked === undefined ? types[0] : types.find(({ metric }) => metric === asked);
  if (type) {
    const isCount = type.metric === 'samples';
    return {
      metric: type.metric === 'samples' ? 'wall' : type.metric,
      isCount,
      unit: type.unit,
      id: type.metric,
    };
  }
  throw new AustinError('ERR_USAGE_METRIC', `the profile has no metric \`${printable(asked ?? '')}\``, {
    kind: 'usage',
    hint: `it has: ${types.map(({ metric }) => metric).join(', ')}`,
  });
}
