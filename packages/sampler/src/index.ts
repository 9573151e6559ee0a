export { attach, type RecordingStream, type StreamOptions } from './attach.js';
export type { ChunkInfo, ChunkListener } from './chunk-feed.js';
export { SamplerError, type SamplerErrorCode } from './errors.js';
export type {
  Flushed,
  MemoryAccess,
  RecordingEnd,
  RecordingMode,
  SignalOrigin,
  Statistics,
  TargetInfo,
  ThreadGrants,
} from './native.js';
export { NATIVE_WAYS, type NativeWay } from './native-option.js';
export { outputWriteError } from './output-error.js';
export { probeMemory, probeThread } from './probes.js';
export { type Program, type ProgramOptions, startProgram } from './program.js';
export type { ProgramEnd } from './program-end.js';
export {
  type Recording,
  type RecordingOptions,
  type RecordingResult,
  startRecording,
} from './sampler.js';
export { type SignalOrigins, watchSignalOrigins } from './signal-origins.js';
export type {
  NativeOutcome,
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
export { type SpawnedRecording, type SpawnRecordingOptions, spawn } from './spawn.js';
export { SUPPORTED_PYTHONS } from './supported.js';
export { takeSnapshot } from './take-snapshot.js';
