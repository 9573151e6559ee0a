import {
  MERGED_SAMPLES_KEY,
  metadataValue,
  type Profile,
  type SummaryOptions,
  sampleCount,
} from '@austin-profiler/profile';
import type { ViewWeight } from './weights.js';

/** How `summarize` is to add up a weight of a profile. */
export function summaryOptions(profile: Profile, { metric }: Pick<ViewWeight, 'metric'>): SummaryOptions {
  if (metric === 'samples') return { metric: 'wall', isCount: true };
  const merged = Number(metadataValue(profile, MERGED_SAMPLES_KEY));
  // Rows may say themselves how many samples they stand for. Where they do not, nobody knows it of a part of a profile.
  const isKnown = merged > sampleCount(profile) && metadataValue(profile, 'x-filter') === undefined;
  return { metric, ...(isKnown && { mergedSamples: merged }) };
}
