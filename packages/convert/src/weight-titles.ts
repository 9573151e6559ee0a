import { AustinError, type Profile } from '@austin-profiler/profile';
import type { WriteOptions } from './format.js';
import { type WeightType, weightOf, weightTypes } from './weights.js';

/** What people call a weight. */
export const WEIGHT_TITLES: Readonly<Record<WeightType['metric'], string>> = {
  cpu: 'CPU time',
  wall: 'Wall time',
  allocated: 'Memory allocation',
  deallocated: 'Memory deallocation',
  samples: 'Samples',
};

/**
 * The weight for a format with room for one: the one asked for, or the first of which the samples have any.
 *
 * @throws AustinError ERR_USAGE_WEIGHT when the profile does not have the weight asked for
 */
export function oneWeight(profile: Profile, options: WriteOptions): WeightType {
  const types = weightTypes(profile);
  if (options.weight === undefined) return types.find((type) => hasAny(profile, type)) ?? types[0]!;
  const type = types.find(({ metric }) => metric === options.weight);
  if (type) return type;
  throw new AustinError('ERR_USAGE_WEIGHT', `The profile has no weight "${options.weight}".`, {
    kind: 'usage',
    hint: `It has: ${types.map(({ metric }) => metric).join(', ')}.`,
  });
}

function hasAny(profile: Profile, type: WeightType): boolean {
  for (let i = 0; i < profile.samples.length; i++) if (weightOf(profile, i, type) > 0) return true;
  return false;
}
