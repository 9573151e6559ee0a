import {
  type Metric,
  metadataValue,
  type Profile,
  sampleWeight,
  WEIGHT_UNIT_KEY,
} from '@austin-profiler/profile';

export { WEIGHT_UNIT_KEY };

/** A weight that a writer puts beside each sample. `samples` stands for numbers without a unit. */
export interface WeightType {
  readonly metric: Metric | 'samples';
  readonly unit: 'microseconds' | 'bytes' | 'count';
}

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

/** Tells whether `timeUs` holds plain numbers rather than microseconds. */
export function countsSamples(profile: Pick<Profile, 'metadata'>): boolean {
  return metadataValue(profile, WEIGHT_UNIT_KEY) === 'count';
}

/** The weight of sample `index`, never negative: damaged files hold negative times, which viewers refuse. */
export function weightOf(profile: Profile, index: number, type: WeightType): number {
  return Math.max(0, sampleWeight(profile, index, type.metric === 'samples' ? 'wall' : type.metric));
}
