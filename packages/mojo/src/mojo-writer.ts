import {
  EMPTY_STACK,
  type FrameId,
  FrameKind,
  MappingNotes,
  MODES,
  type Mode,
  type ProfileSink,
  type ProfileTables,
  recordedPlace,
  SampleFlag,
  type StackId,
  type Thread,
  type ThreadId,
  threadKey,
} from '@austin-profiler/profile';
import { writeHeader } from './encode.js';
import { EventId } from './events.js';
import { isPythonFileName } from './native-looking.js';
import {
  DEFAULT_MOJO_VERSION,
  hasInterpreterId,
  hasPositions,
  hasRepeats,
  type MojoVersion,
} from './version.js';
import { ByteWriter } from './wire/byte-writer.js';
import { encodeText, writeText } from './wire/text.js';
import { writeVarint } from './wire/varint.js';

export interface MojoWriterOptions {
  /** 3 if left out. */
  readonly version?: MojoVersion;
  /** What the samples measure, written as metadata before the first sample unless metadata has said it by then. */
  readonly mode?: Mode;
  /** How the id of a thread is written. Default: as the profile has it. */
  readonly threadId?: (tid: string) => string;
}

/** Prefix of the metadata key that names a thread: `x-thread-name:<pid>:<iid>:<tid>`. */
export const THREAD_NAME_KEY = 'x-thread-name';

/** Prefix of the metadata key that says `on` of a thread that holds the interpreter lock from here on, or else `off`. */
export const HOLDS_GIL_KEY = 'x-holds-gil';

/** 0 and 1 have meanings of their own. */
const FIRST_KEY = 2;

interface WrittenKeys {
  readonly pid: number;
  readonly strings: Map<string, number>;
  readonly frames: Map<FrameId, number>;
}

/** The last sample written under a thread's name, whichever interpreter it was of: some readers repeat that one. */
interface LastSample {
  thread: ThreadId;
  stack: StackId;
  isWhole: boolean;
}

interface WrittenThread {
  /** Its STACK event. */
  readonly event: Uint8Array;
  /** As a reader will name it. */
  readonly named: Thread;
  /** What was written last of whether it holds the interpreter lock. */
  holdsGil: boolean;
  readonly keys: WrittenKeys;
  readonly last: LastSample;
  /** What rounding has cost so far, in µs and bytes; each less than 1. */
  timeDebt: number;
  memoryDebt: number;
}

/**
 * Writes samples as MOJO while they come; take the bytes whenever it suits. Keys are per process and defined
 * before use, inside the sample that first needs them. See `writeMojo` for what the format cannot hold.
 */
export class MojoWriter implements ProfileSink {
  readonly tables: ProfileTables;
  readonly version: MojoVersion;
  readonly #writer = new ByteWriter(64 * 1024);
  readonly #processes = new Map<number, WrittenKeys>();
  readonly #threads: WrittenThread[] = [];
  readonly #lastSamples = new Map<string, LastSample>();
  readonly #repeatable = new Map<StackId, boolean>([[EMPTY_STACK, false]]);
  readonly #path: FrameId[] = [];
  readonly #threadId: (tid: string) => string;
  readonly #mappingNotes: MappingNotes;
  #mode: Mode | undefined;
  #isModeWritten = false;

  /** @param tables what the samples refer to; it may grow while samples are added */
  constructor(tables: ProfileTables, options: MojoWriterOptions = {}) {
    this.tables = tables;
    this.#mappingNotes = new MappingNotes(tables);
    this.version = options.version ?? DEFAULT_MOJO_VERSION;
    this.#mode = options.mode;
    this.#threadId = options.threadId ?? ((tid) => tid);
    writeHeader(this.#writer, this.version);
  }

  /** Number of bytes since the last {@link MojoWriter.take}. */
  get length(): number {
    return this.#writer.length;
  }

  /** The bytes since the last call: whole samples and metadata. */
  take(): Uint8Array {
    return this.#writer.take();
  }

  addMetadata(key: string, value: string): void {
    const writer = this.#writer;
    writer.byte(EventId.Metadata);
    writeName(writer, key);
    writeName(writer, value);
    this.#mappingNotes.addMetadata(key, value);
    if (key !== 'mode') return;
    const mode = MODES.find((known) => known === value);
    if (mode === undefined) return;
    this.#mode = mode;
    this.#isModeWritten = true;
  }

  /** MOJO has no place for diagnostics. */
  addDiagnostic(): void {}

  /** @throws AustinError `ERR_MOJO_UNENCODABLE` for a weight or process id that is not a finite number */
  addSample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    if (!this.#isModeWritten && this.#mode !== undefined) this.addMetadata('mode', this.#mode);
    const writer = this.#writer;
    const to = this.#threads[thread] ?? this.#addThread(thread);
    const isWhole = (flags & SampleFlag.Invalid) === 0;
    const holdsGil = (flags & SampleFlag.HoldsGil) !== 0;
    if (holdsGil !== to.holdsGil) {
      to.holdsGil = holdsGil;
      this.addMetadata(threadKey(HOLDS_GIL_KEY, to.named), holdsGil ? 'on' : 'off');
    }
    for (const [key, value] of this.#mappingNotes.before(to.keys.pid, stack)) this.addMetadata(key, value);
    writer.bytes(to.event);
    if (!isWhole) writer.byte(EventId.FrameInvalid);
    if (isWhole && this.#canRepeat(to.last, stack, thread)) writer.byte(EventId.StackRepeat);
    else this.#writeStack(stack, to.keys);
    to.last.thread = thread;
    to.last.stack = stack;
    to.last.isWhole = isWhole;

    const time = Math.round(timeUs + to.timeDebt);
    const memory = Math.round(memoryBytes + to.memoryDebt);
    if (time !== timeUs) to.timeDebt += timeUs - time;
    if (memory !== memoryBytes) to.memoryDebt += memoryBytes - memory;
    if (flags & SampleFlag.Gc) writer.byte(EventId.Gc);
    this.#writeMetrics(time, memory, (flags & SampleFlag.Idle) !== 0);
  }

  /** A metric that the mode does not call for comes first: with the last one of the mode the sample is complete. */
  #writeMetrics(time: number, memory: number, isIdle: boolean): void {
    const mode = this.#mode ?? (memory === 0 ? 'wall' : time === 0 ? 'memory' : 'full');
    const isTimed = mode === 'wall' || mode === 'cpu';
    if (isTimed && memory !== 0) this.#writeMetric(EventId.MetricMemory, memory);
    if (mode === 'full' || (mode === 'memory' && time !== 0)) this.#writeMetric(EventId.MetricTime, time);
    if (isIdle) this.#writer.byte(EventId.Idle);
    if (isTimed) this.#writeMetric(EventId.MetricTime, time);
    else this.#writeMetric(EventId.MetricMemory, memory);
  }

  #writeMetric(id: number, value: number): void {
    this.#writer.byte(id);
    writeVarint(this.#writer, value);
  }

  /** Definitions first, then references, outermost frame first. */
  #writeStack(stack: StackId, keys: WrittenKeys): void {
    const tables = this.tables;
    const path = this.#path;
    let depth = 0;
    for (let at = stack; at !== EMPTY_STACK; at = tables.stackParent(at))
      path[depth++] = tables.stackFrame(at);
    for (let i = depth - 1; i >= 0; i--) {
      if (!keys.frames.has(path[i]!) && !this.#isKernel(path[i]!)) this.#defineFrame(path[i]!, keys);
    }
    const writer = this.#writer;
    for (let i = depth - 1; i >= 0; i--) {
      const key = keys.frames.get(path[i]!);
      if (key === undefined) {
        writer.byte(EventId.FrameKernel);
        writeName(writer, tables.string(tables.functionName(tables.frameFunction(path[i]!))));
      } else {
        writer.byte(EventId.FrameRef);
        writeVarint(writer, key);
      }
    }
  }

  #isKernel(frame: FrameId): boolean {
    return this.tables.functionKind(this.tables.frameFunction(frame)) === FrameKind.Kernel;
  }

  #defineFrame(frame: FrameId, keys: WrittenKeys): void {
    const tables = this.tables;
    const info = tables.frameInfo(frame);
    const { file: fileName, line } = recordedPlace(info);
    const file = this.#stringKey(fileName, keys);
    const scope = this.#stringKey(info.name, keys);
    const key = FIRST_KEY + keys.frames.size;
    keys.frames.set(frame, key);
    const writer = this.#writer;
    writer.byte(EventId.Frame);
    writeVarint(writer, key);
    writeVarint(writer, file);
    writeVarint(writer, scope);
    writeVarint(writer, line);
    if (!hasPositions(this.version)) return;
    writeVarint(writer, info.lineEnd);
    writeVarint(writer, info.column);
    writeVarint(writer, info.columnEnd);
  }

  #stringKey(text: string, keys: WrittenKeys): number {
    const known = keys.strings.get(text);
    if (known !== undefined) return known;
    const key = FIRST_KEY + keys.strings.size;
    keys.strings.set(text, key);
    this.#writer.byte(EventId.String);
    writeVarint(this.#writer, key);
    writeName(this.#writer, text);
    return key;
  }

  #addThread(id: ThreadId): WrittenThread {
    const { pid, iid, tid: ownTid } = this.tables.thread(id);
    const tid = this.#threadId(ownTid);
    const event = new ByteWriter(32);
    event.byte(EventId.Stack);
    writeVarint(event, pid);
    if (hasInterpreterId(this.version)) writeVarint(event, iid ?? 0);
    writeName(event, tid);

    let keys = this.#processes.get(pid);
    if (keys === undefined) {
      keys = { pid, strings: new Map(), frames: new Map() };
      this.#processes.set(pid, keys);
    }
    const name = `${pid}:${tid}`;
    let last = this.#lastSamples.get(name);
    if (last === undefined) {
      last = { thread: id, stack: EMPTY_STACK, isWhole: true };
      this.#lastSamples.set(name, last);
    }
    const named = { pid, iid: hasInterpreterId(this.version) ? (iid ?? 0) : null, tid };
    const thread = { event: event.take(), named, holdsGil: false, keys, last, timeDebt: 0, memoryDebt: 0 };
    this.#threads[id] = thread;
    return thread;
  }

  /**
   * Whether STACK_REPEAT says the same to every reader. They differ in what they drop as native, in whether the
   * interpreter is part of a thread, and in what an invalid sample leaves behind; none of it may matter.
   */
  #canRepeat(last: LastSample, stack: StackId, thread: ThreadId): boolean {
    if (!hasRepeats(this.version)) return false;
    return last.isWhole && last.stack === stack && last.thread === thread && this.#isRepeatable(stack);
  }

  #isRepeatable(stack: StackId): boolean {
    let isRepeatable = this.#repeatable.get(stack);
    if (isRepeatable === undefined) {
      const tables = this.tables;
      isRepeatable = true;
      for (let at = stack; isRepeatable && at !== EMPTY_STACK; at = tables.stackParent(at)) {
        const fn = tables.frameFunction(tables.stackFrame(at));
        isRepeatable =
          tables.functionKind(fn) === FrameKind.Python &&
          isPythonFileName(tables.string(tables.functionFile(fn)));
      }
      this.#repeatable.set(stack, isRepeatable);
    }
    return isRepeatable;
  }
}

/** A name as MOJO can hold it: NUL would end it early. */
function writeName(writer: ByteWriter, name: string): void {
  writeText(writer, encodeText(name.includes('\0') ? name.replaceAll('\0', '\ufffd') : name));
}
