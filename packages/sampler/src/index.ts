export { attach, type RecordingStream, type StreamOptions } from './attach.js';
export type { ChunkInfo, ChunkListener } from './chunk-feed.js';
export { SamplerError, type SamplerErrorCode } from './errors.js';
export type {
  Flushed,
  MemoryAccess,
  RecordingEnd,
  RecordingMode,
  Snapshot,
  SnapshotFrame,
  SnapshotThread,
  Statistics,
  TargetInfo,
  ThreadGrants,
} from './native.js';
export { outputWriteError } from './output-error.js';
export { probeMemory, probeThread } from './probes.js';
export {
  type Recording,
  type RecordingOptions,
  type RecordingResult,
  startRecording,
  takeSnapshot,
} from './sampler.js';
export { type SpawnedRecording, type SpawnRecordingOptions, spawn } from './spawn.js';
export { SUPPORTED_PYTHONS } from './supported.js';
