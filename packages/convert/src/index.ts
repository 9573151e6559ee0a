export { ADDED_UP_KEY, BoundedBuilder } from './adding-up/bounded-builder.js';
export { type LatestSample, type LiveCounts, LiveProfile } from './adding-up/live-profile.js';
export { CELL_LIMITS, type CellLimits } from './adding-up/sample-cells.js';
export {
  type Conversion,
  type ConvertOptions,
  convertProfile,
  type ReadProfileOptions,
  readInto,
  readProfile,
  writeProfile,
} from './convert.js';
export { type DetectOptions, detectFormat, MAX_HEAD_BYTES } from './detect.js';
export type {
  Detection,
  Format,
  Piece,
  ProfileHead,
  ReadOptions,
  SourceText,
  StreamingWriter,
  WriteOptions,
} from './format.js';
export { frameText as collapsedFrameText } from './formats/collapsed/frames.js';
export { visible } from './formats/html/page/visible-text.js';
export { gunzip, gzip, isGzip } from './gzip.js';
export { formatPercent, formatWeight } from './numbers.js';
export type { Chunks } from './peeked-input.js';
export { formatByFileName, formatById, formats } from './registry.js';
export { summaryOptions } from './summary.js';
export { NO_FRAMES } from './synthetic-names.js';
export {
  mapThreadKey,
  THREAD_IDS_KEY,
  type ThreadIds,
  threadIds,
  threadIdText,
  threadsInOrder,
  withHexThreadIds,
} from './thread-ids.js';
export { type UnpackOptions, unpack } from './unpack.js';
export {
  countsSamples,
  type ViewWeight,
  viewWeights,
  WEIGHT_UNIT_KEY,
  type WeightType,
  weightOf,
  weightTypes,
} from './weights.js';
