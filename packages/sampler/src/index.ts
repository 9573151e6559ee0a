export { SamplerError, type SamplerErrorCode } from './errors.js';
export type {
  RecordingEnd,
  RecordingMode,
  Snapshot,
  SnapshotFrame,
  SnapshotThread,
  Statistics,
  TargetInfo,
} from './native.js';
export {
  type Recording,
  type RecordingOptions,
  type RecordingResult,
  startRecording,
  takeSnapshot,
} from './sampler.js';
