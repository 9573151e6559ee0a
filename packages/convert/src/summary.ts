import {
  MERGED_SAMPLES_KEY,
  metadataValue,
  type Profile,
  type SummaryOptions,
} from '@austin-profiler/profile';
import type { ViewWeight } from './weights.js';

/** How `summarize` is to add up a weight of a profile. */
export function summaryOptions(profile: Profile, { metric }: Pick<ViewWeight, 'metric'>): SummaryOptions {
  if (metric === 'samples') return { metric: 'wall', isCount: true };
  const merged = Number(metadataValue(profile, MERGED_SAMPLES_KEY));
  // Of a part of a profile nobody knows how many samples its rows stand for.
  const isKnown = merged > 0 && metadataValue(profile, 'x-filter') === undefined;
  return { metric, ...(isKnown && { mergedSamples: merged }) };
}
