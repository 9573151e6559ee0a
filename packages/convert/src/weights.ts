import {
  GIL_HOLDERS_KEY,
  type Metric,
  metadataValue,
  type Profile,
  sampleWeight,
  WEIGHT_UNIT_KEY,
} from '@austin-profiler/profile';

export { WEIGHT_UNIT_KEY };

/** A weight that a writer puts beside each sample. `samples` stands for numbers without a unit. */
export interface WeightType {
  readonly metric: Exclude<Metric, 'gil'> | 'samples';
  readonly unit: 'microseconds' | 'bytes' | 'count';
}

/** A weight that a view can show: beside those that files hold, the time with the interpreter lock. */
export type ViewWeight = WeightType | { readonly metric: 'gil'; readonly unit: 'microseconds' };

const TIME_UNIT = 'microseconds';

/** The weights a profile's samples carry, the one to show first at the front. */
export function weightTypes(profile: Pick<Profile, 'metadata' | 'mode'>): readonly WeightType[] {
  if (countsSamples(profile)) return [{ metric: 'samples', unit: 'count' }];
  switch (profile.mode) {
    case 'wall':
      return [{ metric: 'wall', unit: TIME_UNIT }];
    case 'cpu':
      return [{ metric: 'cpu', unit: TIME_UNIT }];
    case 'memory':
      return [
        { metric: 'allocated', unit: 'bytes' },
        { metric: 'deallocated', unit: 'bytes' },
      ];
    case 'full':
      return [
        { metric: 'cpu', unit: TIME_UNIT },
        { metric: 'wall', unit: TIME_UNIT },
        { metric: 'allocated', unit: 'bytes' },
        { metric: 'deallocated', unit: 'bytes' },
      ];
  }
}

/** The weights a view can show of a profile, the one to show first at the front. */
export function viewWeights(profile: Pick<Profile, 'metadata' | 'mode'>): readonly ViewWeight[] {
  const types = weightTypes(profile);
  if (metadataValue(profile, GIL_HOLDERS_KEY) !== 'on') return types;
  const gil = { metric: 'gil', unit: TIME_UNIT } as const;
  // Where only holders were sampled there is no other wall time.
  if (metadataValue(profile, 'x-gil-only') === 'on')
    return types.map((type) => (type.metric === 'wall' ? gil : type));
  // In CPU mode those are missing that hold the lock and wait.
  return types.some(({ metric }) => metric === 'wall') ? [...types, gil] : types;
}

/** Tells whether `timeUs` holds plain numbers rather than microseconds. */
export function countsSamples(profile: Pick<Profile, 'metadata'>): boolean {
  return metadataValue(profile, WEIGHT_UNIT_KEY) === 'count';
}

/** The weight of sample `index`, never negative: damaged files hold negative times, which viewers refuse. */
export function weightOf(profile: Profile, index: number, type: WeightType): number {
  return Math.max(0, sampleWeight(profile, index, type.metric === 'samples' ? 'wall' : type.metric));
}
