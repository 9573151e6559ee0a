import {
  AustinError,
  ByteMap,
  EMPTY_STACK,
  type FrameId,
  FrameKind,
  MODES,
  type Mode,
  type ProfileSink,
  type ProfileTables,
  parseThreadKey,
  SampleFlag,
  type StackId,
} from '@austin-profiler/profile';
import { DiagnosticCounter } from './diagnostic-counter.js';
import { KERNEL_FILE, KeyTables } from './key-tables.js';
import { HOLDS_GIL_KEY } from './mojo-writer.js';
import { isNativeLooking } from './native-looking.js';
import type { MojoHandler } from './parser.js';
import { ThreadIndex, type ThreadState } from './threads.js';

import { NO_VALUE } from './wire/key-map.js';
import { decodeText } from './wire/text.js';
import type { MojoInt } from './wire/varint.js';

/** The metrics a sample has, or a mode calls for; a bit set. */
const Metric = { Time: 1, Memory: 2 } as const;

const METRICS_OF_MODE: Record<Mode, number> = {
  wall: Metric.Time,
  cpu: Metric.Time,
  memory: Metric.Memory,
  full: Metric.Time | Metric.Memory,
};

/**
 * Where the assembler is between two STACKs. `Delivered`: the sample was complete, so it was handed on before the
 * STACK that closes it (at the end of a chunk, or for metadata); nothing can be added to it any more.
 */
const State = { None: 0, Open: 1, Delivered: 2 } as const;
type State = (typeof State)[keyof typeof State];

/**
 * Makes samples of events and hands them to a sink, in file order and without an object per sample. One sample is
 * open at a time; it is kept in fields and in the path of its thread.
 */
export class SampleAssembler implements MojoHandler {
  readonly #sink: ProfileSink;
  readonly #tables: ProfileTables;
  readonly #diagnostics: DiagnosticCounter;
  readonly #keys: KeyTables;
  readonly #threads: ThreadIndex;
  readonly #offset: () => number;
  readonly #kernelFrames = new ByteMap<FrameId>();

  /** Metrics that complete a sample: those of the mode, or without one those seen so far in one sample. */
  #expected = 0;
  #hasMode = false;
  /** Whether any frame can be native: only then may a repeat drop one. */
  #isNativeRun = false;

  #state: State = State.None;
  #thread!: ThreadState;
  #sampleOffset = 0;
  #stack: StackId = EMPTY_STACK;
  #depth = 0;
  /** Whether the frames so far are those of the thread's path, which then need no lookup. */
  #isOnPath = false;
  /** Whether the thread's path is kept for this sample; a repeat that comes late leaves it without one. */
  #hasPath = false;
  #isRepeat = false;
  #metrics = 0;
  #timeUs = 0;
  #memoryBytes = 0;
  #flags = 0;
  /** Between TASK_STACK and the METRIC_TIME that closes it: frames belong to the task. */
  #isInTask = false;
  #hasTask = false;
  /** By thread: the flag of those that hold the interpreter lock. */
  readonly #holding: number[] = [];

  /** @param offset says where in the input the event being handled starts */
  constructor(sink: ProfileSink, strict: boolean, offset: () => number) {
    this.#sink = sink;
    this.#tables = sink.tables;
    this.#diagnostics = new DiagnosticCounter(strict);
    this.#keys = new KeyTables(sink.tables, this.#diagnostics);
    this.#threads = new ThreadIndex(sink.tables, this.#keys);
    this.#offset = offset;
  }

  /** Hands on the open sample if its mode calls for nothing more. For the end of a chunk: a live reader need not wait. */
  flush(): void {
    if (this.#state === State.Open && this.#hasMode && this.#isComplete()) this.#deliver();
  }

  /** The offset of the open sample if it still lacks a metric: ending here would lose it. */
  get incompleteSample(): number | undefined {
    return this.#state === State.Open && !this.#isComplete() && !this.#isOnlyTasks()
      ? this.#sampleOffset
      : undefined;
  }

  /** Closes the last sample if it is complete, and reports what was counted. */
  finish(): void {
    if (this.#state === State.Open && this.#isComplete()) this.#deliver();
    this.#state = State.None;
    for (const diagnostic of this.#diagnostics.list()) this.#sink.addDiagnostic(diagnostic);
  }

  header(): void {}

  metadata(bytes: Uint8Array, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    if (this.#state === State.Open && this.#isComplete()) this.#deliver();
    const key = decodeText(bytes, keyStart, keyEnd);
    const value = decodeText(bytes, valueStart, valueEnd);
    if (key === 'map') this.#isNativeRun = true;
    this.#keys.addMetadata(key, value);
    if (key === 'mode') {
      const mode = MODES.find((known) => known === value);
      this.#hasMode = mode !== undefined;
      this.#expected = mode === undefined ? 0 : METRICS_OF_MODE[mode];
    }
    if (!this.#noteHolding(key, value)) this.#sink.addMetadata(key, value);
  }

  /** Whether it said of a thread that it holds the interpreter lock, or does no more: that becomes a flag of samples. */
  #noteHolding(key: string, value: string): boolean {
    const thread = parseThreadKey(key, HOLDS_GIL_KEY);
    if (!thread) return false;
    const id = this.#tables.internThread(thread.pid, thread.iid, thread.tid);
    this.#holding[id] = value === 'on' ? SampleFlag.HoldsGil : 0;
    return true;
  }

  stack(pid: MojoInt, iid: MojoInt | null, bytes: Uint8Array, start: number, end: number): void {
    if (this.#state !== State.None) this.#close();
    const thread = this.#threads.find(pid, iid, bytes, start, end);
    this.#keys.select(thread.keys);
    this.#thread = thread;
    this.#forgetRedefined();
    this.#state = State.Open;
    this.#sampleOffset = this.#offset();
    this.#stack = EMPTY_STACK;
    this.#depth = 0;
    this.#isOnPath = true;
    this.#hasPath = true;
    this.#isRepeat = false;
    this.#metrics = 0;
    this.#timeUs = 0;
    this.#memoryBytes = 0;
    this.#flags = 0;
    this.#isInTask = false;
    this.#hasTask = false;
  }

  string(key: MojoInt, bytes: Uint8Array, start: number, end: number): void {
    this.#keys.defineString(key, decodeText(bytes, start, end));
  }

  stringRef(key: MojoInt): void {
    this.#keys.findString(key, this.#offset());
  }

  frame(
    key: MojoInt,
    file: MojoInt,
    scope: MojoInt,
    line: MojoInt,
    lineEnd: MojoInt,
    column: MojoInt,
    columnEnd: MojoInt,
  ): void {
    this.#keys.defineFrame(key, file, scope, line, lineEnd, column, columnEnd, this.#offset());
    if (this.#keys.hasNativeFiles) this.#isNativeRun = true;
    if (this.#state !== State.None) this.#forgetRedefined();
  }

  knownFrameRefs(bytes: Uint8Array, start: number): number {
    if (!this.#isOnPath || this.#isInTask || this.#state !== State.Open) return -1;
    const { refs, stacks } = this.#thread;
    const from = this.#depth;
    if (from >= refs.depth) return -1;
    const depth = refs.match(from, bytes, start);
    if (depth === from) return -1;
    this.#depth = depth;
    this.#stack = stacks[depth - 1]!;
    return start + refs.offset(depth - 1, from);
  }

  frameRef(key: MojoInt, bytes: Uint8Array, start: number, end: number): void {
    if (this.#isInTask || !this.#accepts()) return;
    const { keys, refs } = this.#thread;
    const depth = this.#depth;
    const frame = keys.frames.get(key);
    if (frame === NO_VALUE) {
      this.#append(this.#keys.foreignFrame(key, this.#offset()));
      return;
    }
    this.#append(frame as FrameId);
    if (this.#hasPath) refs.set(depth, bytes, start, end);
  }

  frameKernel(bytes: Uint8Array, start: number, end: number): void {
    if (this.#isInTask || !this.#accepts()) return;
    this.#isNativeRun = true;
    let frame = this.#kernelFrames.get(bytes, start, end);
    if (frame === undefined) {
      const name = this.#tables.internString(decodeText(bytes, start, end));
      const file = this.#tables.internString(KERNEL_FILE);
      frame = this.#tables.internFrame(this.#tables.internFunction(name, file, 0, FrameKind.Kernel));
      this.#kernelFrames.add(bytes, start, end, frame);
    }
    this.#append(frame);
  }

  frameInvalid(): void {
    if (!this.#isInTask && this.#accepts()) this.#flags |= SampleFlag.Invalid;
  }

  gc(): void {
    if (this.#accepts()) this.#flags |= SampleFlag.Gc;
  }

  idle(): void {
    if (this.#accepts()) this.#flags |= SampleFlag.Idle;
  }

  metricTime(value: MojoInt): void {
    if (this.#isInTask) {
      this.#isInTask = false;
      return;
    }
    if (!this.#accepts()) return;
    this.#metrics |= Metric.Time;
    this.#timeUs = Number(value);
  }

  metricMemory(value: MojoInt): void {
    if (!this.#accepts()) return;
    this.#metrics |= Metric.Memory;
    this.#memoryBytes = Number(value);
  }

  /**
   * The stack becomes that of the thread's previous sample, less its innermost native frames, plus the frames
   * of this sample wherever they stand. The native ones go because a recorder of native stacks writes their successors.
   */
  stackRepeat(): void {
    if (!this.#accepts() || this.#isRepeat) return;
    this.#isRepeat = true;
    const thread = this.#thread;
    const tables = this.#tables;
    if (this.#depth > 0) {
      // The path holds frames of this sample; the stack before it is still known.
      const own = thread.frames.slice(0, this.#depth);
      this.#leavePath();
      this.#stack = this.#base(thread.stack);
      for (const frame of own) this.#stack = tables.internStack(this.#stack, frame);
      return;
    }
    this.#stack = this.#base(thread.stack);
    if (thread.depth === 0 && this.#stack !== EMPTY_STACK) {
      this.#leavePath();
      return;
    }
    let depth = thread.depth;
    while (depth > 0 && thread.stacks[depth - 1] !== this.#stack) depth--;
    this.#depth = depth;
  }

  /** The stack without the native frames at its inner end. */
  #base(stack: StackId): StackId {
    let base = stack;
    while (base !== EMPTY_STACK && this.#isDropped(this.#tables.stackFrame(base))) {
      base = this.#tables.stackParent(base);
    }
    return base;
  }

  /** Goes on without the thread's path: what is appended is only interned. */
  #leavePath(): void {
    this.#isOnPath = false;
    this.#hasPath = false;
  }

  taskStack(): void {
    if (this.#state === State.None) this.#refuseFirst();
    this.#isInTask = true;
    this.#noteTask();
  }

  taskWaiter(): void {
    if (this.#state === State.None) this.#refuseFirst();
    this.#noteTask();
  }

  /** Keys remembered with the thread's path hold only while no key gets another meaning. */
  #forgetRedefined(): void {
    const thread = this.#thread;
    if (thread.redefinitions === thread.keys.redefinitions) return;
    thread.redefinitions = thread.keys.redefinitions;
    thread.refs.cut(0);
  }

  #append(frame: FrameId): void {
    const thread = this.#thread;
    const depth = this.#depth++;
    if (this.#isOnPath && depth < thread.depth && thread.frames[depth] === frame) {
      this.#stack = thread.stacks[depth]!;
    } else {
      this.#isOnPath = false;
      this.#stack = this.#tables.internStack(this.#stack, frame);
      if (!this.#hasPath) return;
      thread.frames[depth] = frame;
      thread.stacks[depth] = this.#stack;
      thread.refs.cut(depth);
    }
  }

  #isDropped(frame: FrameId): boolean {
    return this.#isNativeRun && isNativeLooking(this.#tables, frame);
  }

  #isComplete(): boolean {
    return this.#metrics !== 0 && (this.#metrics & this.#expected) === this.#expected;
  }

  /** Ends the sample that a STACK closes. One without any metric stands for nothing and is dropped. */
  #close(): void {
    if (this.#state !== State.Open) return;
    if (this.#metrics !== 0) {
      this.#deliver();
      return;
    }
    this.#keepStack();
    this.#reportIncomplete();
  }

  #deliver(): void {
    this.#keepStack();
    if (!this.#hasMode) this.#expected |= this.#metrics;
    this.#state = State.Delivered;
    const { id } = this.#thread;
    const flags = this.#flags | (this.#holding[id] ?? 0);
    this.#sink.addSample(this.#stack, id, this.#timeUs, this.#memoryBytes, flags);
  }

  /** A STACK may also only name the thread that owns the tasks behind it. */
  #isOnlyTasks(): boolean {
    return this.#hasTask && this.#stack === EMPTY_STACK && this.#metrics === 0;
  }

  /** The stack is what the next repeat of the thread begins with. */
  #keepStack(): void {
    const thread = this.#thread;
    thread.stack = this.#stack;
    thread.depth = this.#hasPath ? this.#depth : 0;
  }

  #reportIncomplete(): void {
    if (this.#isOnlyTasks()) return;
    const message = `The sample at byte ${this.#sampleOffset} has no metric and was left out.`;
    this.#diagnostics.report('ERR_MOJO_INCOMPLETE_SAMPLE', message, this.#sampleOffset);
  }

  #noteTask(): void {
    this.#hasTask = true;
    const message = 'The recording holds asyncio tasks, which are not samples and were left out.';
    this.#diagnostics.note('ERR_MOJO_TASKS_IGNORED', message, this.#offset());
  }

  /** Whether there is a sample to add to. */
  #accepts(): boolean {
    if (this.#state === State.Open) return true;
    if (this.#state === State.None) this.#refuseFirst();
    const offset = this.#offset();
    const message = `The event at byte ${offset} adds to a sample that is already complete; it was ignored.`;
    this.#diagnostics.report('ERR_MOJO_LATE_EVENT', message, offset);
    return false;
  }

  #refuseFirst(): never {
    const offset = this.#offset();
    throw new AustinError(
      'ERR_MOJO_NO_STACK',
      `The event at byte ${offset} belongs to a sample, but no STACK came before it.`,
      { kind: 'data', offset },
    );
  }
}
