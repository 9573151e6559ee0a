import { hasRepeats, type MojoVersion } from './version.js';
import type { MojoInt } from './wire/varint.js';

/** The first byte of each event. 0 is reserved. */
export const EventId = {
  Metadata: 1,
  Stack: 2,
  Frame: 3,
  FrameInvalid: 4,
  FrameRef: 5,
  FrameKernel: 6,
  Gc: 7,
  Idle: 8,
  MetricTime: 9,
  MetricMemory: 10,
  String: 11,
  StringRef: 12,
  StackRepeat: 13,
  TaskStack: 14,
  TaskWaiter: 15,
} as const;

const NAMES: readonly string[] = [
  'reserved',
  'METADATA',
  'STACK',
  'FRAME',
  'FRAME_INVALID',
  'FRAME_REF',
  'FRAME_KERNEL',
  'GC',
  'IDLE',
  'METRIC_TIME',
  'METRIC_MEMORY',
  'STRING',
  'STRING_REF',
  'STACK_REPEAT',
  'TASK_STACK',
  'TASK_WAITER',
];

/** The name of an event id as the format's documents write it. */
export function eventName(id: number): string {
  return NAMES[id] ?? `event ${id}`;
}

const IDS: Record<MojoEvent['type'], number> = {
  metadata: EventId.Metadata,
  stack: EventId.Stack,
  frame: EventId.Frame,
  'frame-invalid': EventId.FrameInvalid,
  'frame-ref': EventId.FrameRef,
  'frame-kernel': EventId.FrameKernel,
  gc: EventId.Gc,
  idle: EventId.Idle,
  'metric-time': EventId.MetricTime,
  'metric-memory': EventId.MetricMemory,
  string: EventId.String,
  'string-ref': EventId.StringRef,
  'stack-repeat': EventId.StackRepeat,
  'task-stack': EventId.TaskStack,
  'task-waiter': EventId.TaskWaiter,
};

/** The first byte of an event. */
export function eventId(event: MojoEvent): number {
  return IDS[event.type];
}

/** The highest id that files of this version may hold. */
export function lastEventId(version: MojoVersion): number {
  return hasRepeats(version) ? EventId.TaskWaiter : EventId.StringRef;
}

/** Whether files of this version may hold events of this id. */
export function isKnownEvent(id: number, version: MojoVersion): boolean {
  return id >= EventId.Metadata && id <= lastEventId(version);
}

/** A key of a string or a frame: an arbitrary number with a meaning in one process. String key 1 means "unknown". */
export type MojoKey = MojoInt;

/** A fact about the recording. */
export interface MetadataEvent {
  readonly type: 'metadata';
  readonly key: string;
  readonly value: string;
  /** The recorded bytes of `key`, only if they are not valid UTF-8. */
  readonly keyBytes?: Uint8Array;
  /** The recorded bytes of `value`, only if they are not valid UTF-8. */
  readonly valueBytes?: Uint8Array;
}

/** Begins a sample and ends the one before. */
export interface StackEvent {
  readonly type: 'stack';
  readonly pid: MojoInt;
  /** Interpreter id; null in versions 1 and 2, which have none. */
  readonly iid: MojoInt | null;
  /** OS thread id in lower-case hex, or a name. */
  readonly thread: string;
  /** The recorded bytes of `thread`, only if they are not valid UTF-8. */
  readonly threadBytes?: Uint8Array;
}

/** Defines a frame key for the process of the last STACK. Lines and columns count from 1; 0 is unknown. */
export interface FrameEvent {
  readonly type: 'frame';
  readonly key: MojoKey;
  /** String key of the file name. */
  readonly file: MojoKey;
  /** String key of the function name. */
  readonly scope: MojoKey;
  readonly line: MojoInt;
  /** 0 in version 1, like the two below. */
  readonly lineEnd: MojoInt;
  readonly column: MojoInt;
  /** One past the last column. */
  readonly columnEnd: MojoInt;
}

/** The stack could not be read whole. */
export interface FrameInvalidEvent {
  readonly type: 'frame-invalid';
}

/** Appends a frame to the stack, outermost first. */
export interface FrameRefEvent {
  readonly type: 'frame-ref';
  readonly key: MojoKey;
}

/** Appends a kernel frame to the stack. */
export interface FrameKernelEvent {
  readonly type: 'frame-kernel';
  readonly scope: string;
  /** The recorded bytes of `scope`, only if they are not valid UTF-8. */
  readonly scopeBytes?: Uint8Array;
}

/** The garbage collector was running. */
export interface GcEvent {
  readonly type: 'gc';
}

/** The thread was not on CPU. */
export interface IdleEvent {
  readonly type: 'idle';
}

/** Microseconds that the sample stands for. */
export interface MetricTimeEvent {
  readonly type: 'metric-time';
  readonly value: MojoInt;
}

/** Signed change of resident memory, in bytes. */
export interface MetricMemoryEvent {
  readonly type: 'metric-memory';
  readonly value: MojoInt;
}

/** Defines a string key for the process of the last STACK. */
export interface StringEvent {
  readonly type: 'string';
  readonly key: MojoKey;
  readonly value: string;
  /** The recorded bytes of `value`, only if they are not valid UTF-8. */
  readonly valueBytes?: Uint8Array;
}

/** Names a string key. No known recorder writes it. */
export interface StringRefEvent {
  readonly type: 'string-ref';
  readonly key: MojoKey;
}

/** Version 4: the stack starts with the previous stack of the thread. */
export interface StackRepeatEvent {
  readonly type: 'stack-repeat';
}

/** Beyond version 4: starts the stack of a suspended asyncio task, which the next METRIC_TIME closes. */
export interface TaskStackEvent {
  readonly type: 'task-stack';
  readonly task: MojoInt;
  /** String key of the task's name, 0 for none. */
  readonly name: MojoKey;
}

/** Beyond version 4: `waiter` awaits `task`. */
export interface TaskWaiterEvent {
  readonly type: 'task-waiter';
  readonly task: MojoInt;
  readonly waiter: MojoInt;
}

/** One event of a file. The union is closed: a reader that meets anything else must stop. */
export type MojoEvent =
  | MetadataEvent
  | StackEvent
  | FrameEvent
  | FrameInvalidEvent
  | FrameRefEvent
  | FrameKernelEvent
  | GcEvent
  | IdleEvent
  | MetricTimeEvent
  | MetricMemoryEvent
  | StringEvent
  | StringRefEvent
  | StackRepeatEvent
  | TaskStackEvent
  | TaskWaiterEvent;

/** An event and the bytes it came from. */
export type LocatedMojoEvent = MojoEvent & {
  /** Offset of its id byte in the file, from 0. */
  readonly offset: number;
  /** Its length in bytes, the id included. */
  readonly size: number;
  /** The bytes themselves, if the decoder was asked to keep them. */
  readonly bytes?: Uint8Array;
};
