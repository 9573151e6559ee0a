import { type Profile, ProfileBuilder, parseThreadKey, type SampleColumns, threadKey } from './profile.js';
import { hasTimeLine, sampleTimes } from './sample-times.js';
import { EMPTY_STACK, type ProfileTables, threadIdentity } from './tables.js';
import { THREAD_START_KEY, ThreadClocks } from './thread-clocks.js';
import type { FrameId, FunctionId, StackId, ThreadId } from './units.js';

/** Tells whether a function is meant. Asked once for each function. */
export type FunctionTest = (fn: FunctionId) => boolean;

/** What of a profile to keep. What is not given keeps everything. */
export interface ProfileFilter {
  /** Leaves out the samples of threads for which it is false. */
  readonly thread?: (thread: ThreadId) => boolean;
  /** Leaves out samples taken earlier than this, µs since the start of the recording: see {@link sampleTimes}. */
  readonly fromUs?: number;
  /** Leaves out samples taken at this moment or later. */
  readonly untilUs?: number;
  /** Leaves out samples without any such function in their stack. */
  readonly focus?: FunctionTest;
  /** Leaves out samples with any such function in their stack. */
  readonly ignore?: FunctionTest;
  /** Leaves out samples without such a function; of the others, the frames outside of the outermost one. */
  readonly rootAt?: FunctionTest;
  /** Takes such functions out of every stack. What was spent in them counts for their caller; no weight is lost. */
  readonly hide?: FunctionTest;
  /** Is written into the metadata as `x-filter`: what was asked for, for people. */
  readonly description?: string;
}

/** Keys that count the samples of the recording, of which some may be gone now. */
const SAMPLE_COUNTS = new Set([
  'count',
  'errors',
  'x-exact',
  'x-retried',
  'x-between',
  'x-cut',
  'x-invalid',
  'x-native-disagreed',
  'x-native-incomplete',
  'x-native-missed',
]);

function isSampleCount(key: string): boolean {
  return SAMPLE_COUNTS.has(key) || key.startsWith('x-native-missed:');
}

const PROCESS_KEY = /^(?:x-process|x-module):(\d+)$/;
const THREAD_KEYS = ['x-thread-name', THREAD_START_KEY] as const;

/**
 * A profile of a part of the samples, or of a part of their stacks. Whether a sample stays is decided by its stack as it
 * was recorded: what `hide` takes away can still be in focus.
 *
 * Metadata stays, but for what is said of threads and processes without samples, and for counts of samples. Samples keep
 * their times where the profile has a time line: `x-thread-start` says when a sample was taken behind one that is gone.
 *
 * @throws AustinError `ERR_NO_TIME_LINE` if a time is given for a profile without one
 */
export function filterProfile(profile: Profile, filter: ProfileFilter): Profile {
  const { samples, tables, metadata } = profile;
  const builder = new ProfileBuilder();
  const stacks = new StackFilter(tables, builder.tables, filter);
  const isTimed = filter.fromUs !== undefined || filter.untilUs !== undefined;
  const times = isTimed || hasTimeLine(profile) ? sampleTimes(profile) : undefined;
  const kept = keptRows(profile, filter, stacks, times);
  const threads = new ThreadCopier(tables, builder.tables);
  const clocks = new ThreadClocks(builder.tables);
  for (const row of kept) threads.copy(samples.thread[row]! as ThreadId);
  let nextEntry = 0;
  const copyMetadata = (upTo: number): void => {
    for (let entry = metadata[nextEntry]; entry && entry.sampleIndex <= upTo; entry = metadata[++nextEntry]) {
      const { key, value } = entry;
      if (times && parseThreadKey(key, THREAD_START_KEY)) continue;
      if (!isSampleCount(key) && threads.isAboutCopied(key)) builder.addMetadata(key, value);
    }
  };
  const setClock = (thread: ThreadId, timeUs: number, taken: number): void => {
    // Fractions of a microsecond, which metadata does not have, are not worth an entry.
    if (Math.abs(clocks.expected(thread, timeUs) - taken) >= 1) {
      const entry = [
        threadKey(THREAD_START_KEY, builder.tables.thread(thread)),
        String(Math.round(taken)),
      ] as const;
      builder.addMetadata(...entry);
      clocks.noteMetadata(...entry);
    }
    clocks.next(thread, timeUs);
  };

  for (const row of kept) {
    copyMetadata(row);
    const thread = threads.copy(samples.thread[row]! as ThreadId);
    if (times) setClock(thread, samples.timeUs[row]!, times[row]!);
    builder.addSample(
      stacks.copy(samples.stack[row]! as StackId),
      thread,
      samples.timeUs[row]!,
      samples.memoryBytes[row]!,
      samples.flags[row]!,
    );
  }
  copyMetadata(Number.POSITIVE_INFINITY);
  if (filter.description !== undefined) builder.addMetadata('x-filter', filter.description);
  for (const diagnostic of profile.diagnostics) builder.addDiagnostic(diagnostic);
  const part = builder.build();
  return { ...part, samples: { ...part.samples, ...sumsOf(samples, kept) }, mode: profile.mode };
}

/** What rows say that stand for several samples. */
function sumsOf({ count, squares }: SampleColumns, rows: Uint32Array): Partial<SampleColumns> {
  const pick = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row]!);
  return {
    ...(count && { count: pick(count) }),
    ...(squares && { squares: { timeUs: pick(squares.timeUs), memoryBytes: pick(squares.memoryBytes) } }),
  };
}

function keptRows(
  profile: Profile,
  { thread, fromUs, untilUs }: ProfileFilter,
  stacks: StackFilter,
  times: Float64Array | undefined,
): Uint32Array {
  const { samples } = profile;
  const from = fromUs ?? Number.NEGATIVE_INFINITY;
  const until = untilUs ?? Number.POSITIVE_INFINITY;
  const rows = new Uint32Array(samples.length);
  let count = 0;
  for (let i = 0; i < samples.length; i++) {
    if (thread?.(samples.thread[i]! as ThreadId) === false) continue;
    if (times && (times[i]! < from || times[i]! >= until)) continue;
    if (stacks.keeps(samples.stack[i]! as StackId)) rows[count++] = i;
  }
  return rows.subarray(0, count);
}

/** Decides for whole stacks, and makes those of the new profile. */
class StackFilter {
  readonly #from: ProfileTables;
  readonly #copier: FrameCopier;
  readonly #to: ProfileTables;
  readonly #isHidden: Uint8Array | undefined;
  /** By stack. */
  readonly #isKept: Uint8Array | undefined;
  /** By stack: inside of the new root. */
  readonly #isRooted: Uint8Array | undefined;
  readonly #copies = new Map<StackId, StackId>([[EMPTY_STACK, EMPTY_STACK]]);

  constructor(from: ProfileTables, to: ProfileTables, filter: ProfileFilter) {
    this.#from = from;
    this.#to = to;
    this.#copier = new FrameCopier(from, to);
    this.#isHidden = filter.hide && functionSet(from, filter.hide);
    this.#isRooted = filter.rootAt && withAny(from, functionSet(from, filter.rootAt));
    const inFocus = filter.focus && withAny(from, functionSet(from, filter.focus));
    const ignored = filter.ignore && withAny(from, functionSet(from, filter.ignore));
    if (!inFocus && !ignored && !this.#isRooted) return;
    this.#isKept = new Uint8Array(from.stackCount);
    for (let stack = 0; stack < from.stackCount; stack++) {
      const isKept = (inFocus?.[stack] ?? 1) && !ignored?.[stack] && (this.#isRooted?.[stack] ?? 1);
      this.#isKept[stack] = isKept ? 1 : 0;
    }
  }

  keeps(stack: StackId): boolean {
    return this.#isKept?.[stack] !== 0;
  }

  copy(stack: StackId): StackId {
    // Bottom-up without recursion: stacks may be ten thousand frames deep.
    const missing: StackId[] = [];
    let at = stack;
    let copy = this.#copies.get(at);
    while (copy === undefined) {
      missing.push(at);
      at = this.#from.stackParent(at);
      copy = this.#copies.get(at);
    }
    for (const id of missing.reverse()) {
      if (this.#isShown(id)) copy = this.#to.internStack(copy, this.#copier.frame(this.#from.stackFrame(id)));
      this.#copies.set(id, copy);
    }
    return copy;
  }

  /** Whether the innermost frame of a stack is to be seen. */
  #isShown(stack: StackId): boolean {
    if (this.#isRooted?.[stack] === 0) return false;
    return this.#isHidden?.[this.#from.frameFunction(this.#from.stackFrame(stack))] !== 1;
  }
}

function functionSet(tables: ProfileTables, test: FunctionTest): Uint8Array {
  return Uint8Array.from({ length: tables.functionCount }, (_, fn) => (test(fn as FunctionId) ? 1 : 0));
}

/** By stack: whether a function of the set is in it. A stack always has a higher id than what it continues. */
function withAny(tables: ProfileTables, functions: Uint8Array): Uint8Array {
  const found = new Uint8Array(tables.stackCount);
  for (let id = EMPTY_STACK + 1; id < tables.stackCount; id++) {
    const stack = id as StackId;
    const fn = tables.frameFunction(tables.stackFrame(stack));
    found[id] = functions[fn]! | found[tables.stackParent(stack)]!;
  }
  return found;
}

/** Interns frames of one profile in the tables of another. */
class FrameCopier {
  readonly #from: ProfileTables;
  readonly #to: ProfileTables;
  readonly #functions: FunctionId[] = [];
  readonly #frames: FrameId[] = [];

  constructor(from: ProfileTables, to: ProfileTables) {
    this.#from = from;
    this.#to = to;
  }

  frame(id: FrameId): FrameId {
    const from = this.#from;
    this.#frames[id] ??= this.#to.internFrameFrom(from, id, this.#function(from.frameFunction(id)));
    return this.#frames[id];
  }

  #function(id: FunctionId): FunctionId {
    const from = this.#from;
    this.#functions[id] ??= this.#to.internFunction(
      this.#to.internString(from.string(from.functionName(id))),
      this.#to.internString(from.string(from.functionFile(id))),
      from.functionFirstLine(id),
      from.functionKind(id),
    );
    return this.#functions[id];
  }
}

/** Interns threads of one profile in the tables of another, and remembers which. */
class ThreadCopier {
  readonly #from: ProfileTables;
  readonly #to: ProfileTables;
  readonly #copies: ThreadId[] = [];
  readonly #keys = new Set<string>();
  readonly #pids = new Set<number>();

  constructor(from: ProfileTables, to: ProfileTables) {
    this.#from = from;
    this.#to = to;
  }

  copy(id: ThreadId): ThreadId {
    return this.#copies[id] ?? this.#add(id);
  }

  /** False for metadata about a thread or a process of which nothing was copied. */
  isAboutCopied(key: string): boolean {
    const pid = PROCESS_KEY.exec(key)?.[1];
    if (pid !== undefined) return this.#pids.has(Number(pid));
    for (const prefix of THREAD_KEYS) {
      const thread = parseThreadKey(key, prefix);
      if (thread) return this.#keys.has(threadIdentity(thread));
    }
    return true;
  }

  #add(id: ThreadId): ThreadId {
    const thread = this.#from.thread(id);
    const copy = this.#to.internThread(thread.pid, thread.iid, thread.tid);
    const name = this.#from.threadName(id);
    if (name !== undefined) this.#to.setThreadName(copy, name);
    this.#copies[id] = copy;
    this.#keys.add(threadIdentity(thread));
    this.#pids.add(thread.pid);
    return copy;
  }
}
