/** What views of a recording need while it is made. Loads no format: a view is there the sooner. */

export { type LatestSample, type LiveCounts, LiveProfile } from './adding-up/live-profile.js';
export { CELL_LIMITS, type CellLimits } from './adding-up/sample-cells.js';
export type { SourceText } from './format.js';
export { visible } from './formats/html/page/visible-text.js';
export { formatPercent, formatWeight } from './numbers.js';
export { summaryOptions } from './summary.js';
export { threadIdText } from './thread-ids.js';
export { countsSamples, type ViewWeight, viewWeights, type WeightType } from './weights.js';
