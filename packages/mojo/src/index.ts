export {
  type DecodedMojo,
  type DecodeEventsOptions,
  type DecodeOptions,
  decodeMojo,
  MojoDecoder,
} from './decode.js';
export { encodeMojo, MojoEncoder } from './encode.js';
export { EventDescriber } from './event-text.js';
export {
  EventId,
  eventId,
  eventName,
  type FrameEvent,
  type FrameInvalidEvent,
  type FrameKernelEvent,
  type FrameRefEvent,
  type GcEvent,
  type IdleEvent,
  type LocatedMojoEvent,
  type MetadataEvent,
  type MetricMemoryEvent,
  type MetricTimeEvent,
  type MojoEvent,
  type MojoKey,
  type StackEvent,
  type StackRepeatEvent,
  type StringEvent,
  type StringRefEvent,
  type TaskStackEvent,
  type TaskWaiterEvent,
} from './events.js';
export { type WriteMojoOptions, writeMojo } from './from-profile.js';
export {
  type EventShare,
  type InspectedEvent,
  type InspectOptions,
  type MojoDamage,
  type MojoInspection,
  MojoInspector,
} from './inspect.js';
export { MojoWriter, type MojoWriterOptions } from './mojo-writer.js';
export { type MojoHandler, MojoParser } from './parser.js';
export { type MojoEdit, type RewriteOptions, rewriteMojo } from './rewrite.js';
export { type MojoItem, type MojoSample, readMojoSamples } from './samples.js';
export { MojoReader, type ReadMojoOptions, readMojo } from './to-profile.js';
export { DEFAULT_MOJO_VERSION, type MojoVersion } from './version.js';
export type { MojoInt } from './wire/varint.js';
