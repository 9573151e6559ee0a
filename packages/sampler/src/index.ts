export type { ChunkInfo, ChunkListener } from './chunk-feed.js';
export { SamplerError, type SamplerErrorCode } from './errors.js';
export type { Flushed, RecordingEnd, RecordingMode, Statistics, TargetInfo } from './native.js';
export { outputWriteError } from './output-error.js';
export {
  type Recording,
  type RecordingOptions,
  type RecordingResult,
  startRecording,
} from './sampler.js';
export type {
  Snapshot,
  SnapshotFrame,
  SnapshotLocal,
  SnapshotOptions,
  SnapshotTask,
  SnapshotThread,
  SnapshotTree,
  TasksUnknown,
  ThreadState,
} from './snapshot.js';
export { takeSnapshot } from './take-snapshot.js';
