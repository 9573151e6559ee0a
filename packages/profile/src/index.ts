export type { Brand } from './brand.js';
export { ByteMap, equalBytes } from './byte-map.js';
export {
  type AggregateOptions,
  aggregateCalls,
  type CallNode,
  type Metric,
  sampleWeight,
} from './call-tree.js';
export { Column, float64Column, int32Column, uint8Column, uint32Column } from './columns.js';
export { type CompressOptions, compressProfile, MERGED_SAMPLES_KEY } from './compress.js';
export {
  differenceInterval,
  effectiveSamples,
  type Interval,
  type SampledShare,
  wilson,
} from './confidence.js';
export {
  type DiffSide,
  diffFunctions,
  diffStacks,
  type FunctionDifference,
  type ProfileDifference,
  type StackDifference,
  type StackDifferences,
} from './diff.js';
export { AustinError, type AustinErrorKind, type AustinErrorOptions, isAustinError } from './errors.js';
export { type FunctionTest, filterProfile, type ProfileFilter } from './filter.js';
export { InternTable } from './intern-table.js';
export { MappingNotes } from './mapping-notes.js';
export {
  isFactOfMapping,
  Mappings,
  MODULE_KEY,
  mappingOfModule,
  moduleOf,
  moduleText,
  NATIVE_FILE_KEY,
} from './mappings.js';
export { matchFiles } from './matching-files.js';
export { type MergeOptions, mergeProfiles, RECORDED_PID_KEY } from './merge.js';
export { MERGED_FILES_KEY } from './merge-metadata.js';
export { nativeAddress, recordedPlace } from './native-file.js';
export { isOwnFile, isOwnFunction } from './own-code.js';
export { PrefixTree, ROOT } from './prefix-tree.js';
export {
  type Diagnostic,
  GIL_HOLDERS_KEY,
  type MetadataEntry,
  MODES,
  type Mode,
  metadataValue,
  modeOf,
  type Profile,
  ProfileBuilder,
  type ProfileSink,
  parseThreadKey,
  type SampleColumns,
  SampleFlag,
  sampleCount,
  threadKey,
  WEIGHT_UNIT_KEY,
} from './profile.js';
export { metadataInPlace, replaySample } from './replay.js';
export { RowSums, samplesOfRow, squareOfRow } from './row-sums.js';
export { sampleTimes } from './sample-times.js';
export {
  type HotFunction,
  type HotLine,
  type Hotness,
  type ProfileSummary,
  type SampleSummary,
  type SummaryOptions,
  summarize,
  type ThreadSummary,
} from './summary.js';
export {
  type Code,
  EMPTY_STACK,
  type FrameInfo,
  FrameKind,
  type Mapping,
  NO_CODE,
  type Position,
  ProfileTables,
  type Thread,
} from './tables.js';
export { clockTimes, THREAD_START_KEY, ThreadClocks } from './thread-clocks.js';
export type {
  Bytes,
  CodeId,
  FrameId,
  FunctionId,
  Microseconds,
  StackId,
  StringId,
  ThreadId,
} from './units.js';
