import {
  type Code,
  EMPTY_STACK,
  type FrameId,
  FrameKind,
  NO_CODE,
  type ProfileSink,
  SampleFlag,
  type StackId,
  THREAD_START_KEY,
  type ThreadId,
  threadKey,
} from '@austin-profiler/profile';
import { GARBAGE_COLLECTION, INVALID_STACK, NO_FRAMES, UNNAMED } from './synthetic-names.js';
import { THREAD_IDS_KEY } from './thread-ids.js';

/** A frame as a file describes it; 0 and the empty string are unknown. */
export interface ForeignFrame {
  readonly name: string;
  readonly file: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  readonly firstLine?: number;
  readonly kind?: FrameKind;
  readonly code?: Code;
  /** A bit of {@link SampleFlag} that samples with this frame get. */
  readonly flag?: number;
}

/** What an entry of a file's frame list stands for: a frame, or what other programs say in the place of one. */
export interface Entry {
  readonly frame?: FrameId;
  /** A bit of {@link SampleFlag}, or 0 for a name that stands for no frame at all. */
  readonly flag?: number;
  readonly pid?: number;
  readonly thread?: { readonly tid: string; readonly name: string };
}

/** A stack, and what its entries said besides. */
export interface ForeignStack {
  readonly id: StackId;
  readonly flags: number;
  readonly pid: number | undefined;
  readonly thread: { readonly tid: string; readonly name: string } | undefined;
  readonly children: Map<Entry, ForeignStack>;
}

const FLAG_OF_NAME: ReadonlyMap<string, number> = new Map([
  [NO_FRAMES, 0],
  [INVALID_STACK, SampleFlag.Invalid],
  [GARBAGE_COLLECTION, SampleFlag.Gc],
  // As CPython's own profiler names it, and V8.
  ['<GC>', SampleFlag.Gc],
  ['(garbage collector)', SampleFlag.Gc],
]);

/** Outermost frames with which py-spy groups stacks: `process 12:"cmd"`, `thread (0x7f11): name`. */
const PROCESS = /^process (\d{1,15}):".*"$/s;
const THREAD = /^thread \((0x[0-9A-Fa-f]+|\d+)\)(?:: (.*))?$/s;
/** As CPython's `profiling.sampling` does. */
const THREAD_ID = /^tid:(\d+)$/;

/** Addresses without a symbol, and the names of shared libraries. */
const ADDRESS = /^0x[0-9a-f]+$/i;
const LIBRARY = /\.(so|dylib|dll|pyd|exe)(\.[\d.]+)?$/i;

/** Tells machine code from Python, where a format does not say. */
export function kindByName(name: string, file: string): FrameKind {
  return ADDRESS.test(name) || LIBRARY.test(file) ? FrameKind.Native : FrameKind.Python;
}

/**
 * Puts the stacks of other programs' files into a profile. Names that our writers use for what is no function turn
 * back into flags, and frames that name a process or a thread into that.
 */
export class ForeignStacks {
  readonly root: ForeignStack = emptyStack(0);
  /** The stack of samples whose own is not in the file, for example because it was cut: their weight is kept. */
  readonly lost: ForeignStack = emptyStack(SampleFlag.Invalid);
  readonly #sink: ProfileSink;
  readonly #entries = new Map<FrameId, Entry>();

  constructor(sink: ProfileSink) {
    this.#sink = sink;
  }

  /** An entry of a frame list: the same one for the same frame. */
  entry(frame: ForeignFrame): Entry {
    const mark = markOf(frame);
    if (mark) return mark;
    const { tables } = this.#sink;
    const name = frame.name === UNNAMED ? '' : frame.name;
    const kind = frame.kind ?? kindByName(name, frame.file);
    const names = [tables.internString(name), tables.internString(frame.file)] as const;
    const fn = tables.internFunction(...names, frame.firstLine ?? 0, kind);
    const code = frame.code ? tables.internCode(frame.code) : NO_CODE;
    const id = tables.internFrame(fn, frame.line ?? 0, 0, frame.column ?? 0, 0, code);
    let entry = this.#entries.get(id);
    if (!entry) {
      entry = { frame: id, ...(frame.flag !== undefined && { flag: frame.flag }) };
      this.#entries.set(id, entry);
    }
    return entry;
  }

  /** The stack that `entry`, called from the innermost frame of `parent`, makes. */
  child(parent: ForeignStack, entry: Entry): ForeignStack {
    let child = parent.children.get(entry);
    if (!child) {
      child = {
        id: entry.frame === undefined ? parent.id : this.#sink.tables.internStack(parent.id, entry.frame),
        flags: parent.flags | (entry.flag ?? 0),
        pid: entry.pid ?? parent.pid,
        thread: entry.thread ?? parent.thread,
        children: new Map(),
      };
      parent.children.set(entry, child);
    }
    return child;
  }

  /** The stack of these entries, outermost first. */
  stack(entries: Iterable<Entry>): ForeignStack {
    let stack = this.root;
    for (const entry of entries) stack = this.child(stack, entry);
    return stack;
  }
}

function emptyStack(flags: number): ForeignStack {
  return { id: EMPTY_STACK, flags, pid: undefined, thread: undefined, children: new Map() };
}

function markOf({ name, file, line = 0 }: ForeignFrame): Entry | undefined {
  // CPython's profiler puts "~" where the others leave the file empty.
  if ((file !== '' && file !== '~') || line !== 0) return undefined;
  const flag = FLAG_OF_NAME.get(name);
  return flag === undefined ? threadOrProcess(name) : { flag };
}

/** Reads the frames with which py-spy and CPython's profiler name processes and threads; undefined for others. */
export function threadOrProcess(name: string): Entry | undefined {
  const process = PROCESS.exec(name);
  if (process) return { pid: Number(process[1]) };
  const thread = THREAD.exec(name) ?? THREAD_ID.exec(name);
  return thread ? { thread: { tid: thread[1]!, name: thread[2] ?? '' } } : undefined;
}

/** Gives threads with ids as other programs print them, and says once that they are not hex. */
export class ForeignThreads {
  readonly #sink: ProfileSink;
  readonly #names = new Map<ThreadId, string>();
  /** By thread: when its last sample was taken, as the profile will have it. */
  readonly #clocks: number[] = [];
  #saidIds = false;

  constructor(sink: ProfileSink) {
    this.#sink = sink;
  }

  /** @param name of the thread; empty if unknown */
  thread(pid: number, iid: number | null, tid: string, name = ''): ThreadId {
    if (!this.#saidIds) {
      this.#saidIds = true;
      this.#sink.addMetadata(THREAD_IDS_KEY, 'decimal');
    }
    const id = this.#sink.tables.internThread(pid, iid, tid);
    if (name !== '' && this.#names.get(id) !== name) {
      this.#names.set(id, name);
      this.#sink.tables.setThreadName(id, name);
      this.#sink.addMetadata(threadKey('x-thread-name', { pid, iid, tid }), name);
    }
    return id;
  }

  /**
   * Says, before a sample, when it was taken, where that does not follow from the samples of the thread before it: for its
   * first, since in files that have one thread after the other nothing else tells which samples are of the same time, and
   * for what comes after a gap. Times that go back are left to the weights.
   *
   * @param timeUs when the time ends that the sample stands for, µs since the start of the recording
   * @param weightUs how long that is
   * @param toleranceUs how far the weights of samples may lead away from the times of the file
   */
  takenAt(id: ThreadId, timeUs: number, weightUs: number, toleranceUs = 1): void {
    const clock = this.#clocks[id];
    const time = Math.round(timeUs);
    const isTime = time >= (clock ?? 0) && Number.isSafeInteger(time);
    if (isTime && (clock === undefined || Math.abs(timeUs - clock - weightUs) >= toleranceUs)) {
      this.#sink.addMetadata(threadKey(THREAD_START_KEY, this.#sink.tables.thread(id)), String(time));
      this.#clocks[id] = time;
    } else {
      this.#clocks[id] = (clock ?? 0) + weightUs;
    }
  }
}
