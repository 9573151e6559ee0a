import {
  AustinError,
  EMPTY_STACK,
  FrameKind,
  MODES,
  type Mode,
  type ProfileSink,
  SampleFlag,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import { ForeignThreads, threadOrProcess } from '../../foreign-stacks.js';
import type { ReadOptions } from '../../format.js';
import { forEachLine } from '../../lines.js';
import { WholeSeries } from '../../quantities.js';
import { decimalOfHex, mapThreadKey, THREAD_IDS_KEY } from '../../thread-ids.js';
import { WEIGHT_UNIT_KEY } from '../../weights.js';
import {
  type FrameText,
  GC_MARK,
  isInvalidMark,
  parseFoldedFrame,
  parseFrame,
  splitStack,
} from './frames.js';

/** Parsed stacks are remembered by their text, and forgotten all at once when there are this many. */
const MAX_KNOWN_STACKS = 1 << 16;

const AUSTIN_SAMPLE = /^P(\d{1,15});T/;
const IID_AND_TID = /^(-?\d{1,15}):(.*)$/s;
const INTEGER = /^-?\d+$/;
const FULL_METRICS = /^(-?\d+),([01]),(-?\d+)$/;
const FOLDED_COUNT = /^\d+(\.\d*)?$/;

/** Where folded stacks, which know no threads, put their samples. */
export const FOLDED_THREAD = { pid: 0, iid: null, tid: '0' } as const;

interface Stack {
  readonly id: StackId;
  readonly flags: number;
  readonly owner: Owner;
}

/** What the outermost frames of a folded stack say of its process and thread. */
interface Owner {
  readonly pid?: number;
  readonly thread?: { readonly tid: string; readonly name: string };
}

const NO_OWNER: Owner = {};

/** Returned instead of thrown: a bad line is counted, not fatal. */
type Problem = string;

/**
 * Reads collapsed text: Austin's, or folded stacks of other programs (`a;b;c 12`), whose numbers have no unit.
 * A line that only Austin writes (metadata, or `P…;T…`) settles it: folded lines after one count as bad.
 *
 * @throws AustinError ERR_COLLAPSED_LINE with the line, in strict mode; else bad lines become one diagnostic
 */
export async function readCollapsed(
  chunks: AsyncIterable<Uint8Array>,
  sink: ProfileSink,
  options: ReadOptions,
): Promise<void> {
  const reader = new LineReader(sink);
  const bad = { count: 0, line: 0, message: '' };
  await forEachLine(chunks, (line, number) => {
    const problem = reader.read(line);
    if (problem === undefined) return;
    if (options.strict) throw badLine(problem, number);
    if (bad.count++ === 0) Object.assign(bad, { line: number, message: problem });
  });
  if (bad.count === 0) return;
  const lines = bad.count === 1 ? '1 line was' : `${bad.count} lines were`;
  const message = `${lines} skipped; the first is line ${bad.line}: ${bad.message}.`;
  sink.addDiagnostic({ code: 'ERR_COLLAPSED_LINE', message, line: bad.line, count: bad.count });
}

function badLine(problem: Problem, line: number): AustinError {
  return new AustinError('ERR_COLLAPSED_LINE', `Line ${line} is not collapsed text: ${problem}.`, {
    kind: 'data',
    line,
    hint: 'Read without `strict` to skip such lines and have them counted.',
  });
}

/** What the lines so far say about those to come. */
class LineReader {
  readonly #sink: ProfileSink;
  readonly #threads = new Map<string, ThreadId>();
  readonly #stacks = new Map<string, Stack>();
  /** Of folded stacks that name theirs. */
  readonly #foldedThreads: ForeignThreads;
  /** Scripts that scale stacks leave fractions, which a profile does not have. */
  readonly #counts = new WholeSeries();
  #mode: Mode | undefined;
  /** Something that only Austin writes was seen. */
  #isAustin = false;
  /** The numbers have no unit. */
  #isCount = false;
  /** The file itself says so, or not: no guess. */
  #saidUnit = false;
  #saidThreadIds = false;
  /**
   * mojo2austin of austin-python copies the metadata of a MOJO file, whose ids are hex, and prints the ids of samples
   * in decimal: only the keys about threads are in hex then.
   */
  #hasHexKeys = false;

  constructor(sink: ProfileSink) {
    this.#sink = sink;
    this.#foldedThreads = new ForeignThreads(sink);
  }

  read(line: string): Problem | undefined {
    if (line === '') return undefined;
    if (line.startsWith('#')) return this.#readMetadata(line);
    const austin = AUSTIN_SAMPLE.exec(line);
    if (!austin && this.#isAustin && !this.#isCount) return 'it has no process and thread';
    const space = line.lastIndexOf(' ');
    if (space < 1) return 'it has no metric at its end';
    const metrics = line.slice(space + 1);
    if (!austin) return this.#readFolded(line.slice(0, space), metrics);
    return this.#readSample(Number(austin[1]), line.slice(austin[0].length, space), metrics);
  }

  #readMetadata(line: string): Problem | undefined {
    const match = /^# (.+?):(?: (.*)|)$/s.exec(line);
    if (!match) return 'it is neither metadata nor a sample';
    const key = match[1]!;
    const value = match[2] ?? '';
    if (key === 'mode') this.#mode = MODES.find((mode) => mode === value);
    if (key === WEIGHT_UNIT_KEY) {
      this.#saidUnit = true;
      this.#isCount = value === 'count';
    }
    this.#isAustin = true;
    if (key === THREAD_IDS_KEY && value === 'hex') {
      this.#hasHexKeys = true;
      return undefined;
    }
    if (key === THREAD_IDS_KEY) this.#saidThreadIds = true;
    this.#sink.addMetadata(this.#hasHexKeys ? mapThreadKey(key, decimalOfHex) : key, value);
    return undefined;
  }

  #readSample(pid: number, text: string, metrics: string): Problem | undefined {
    const end = text.indexOf(';');
    const stack =
      end < 0
        ? { id: EMPTY_STACK, flags: 0, owner: NO_OWNER }
        : this.#stack(text.slice(end + 1), austinFrames);
    if (!stack) return 'its last frame has no line number';

    const full = FULL_METRICS.exec(metrics);
    if (!full && !INTEGER.test(metrics)) return `"${metrics}" is not a metric`;
    const isMemory = !full && this.#mode === 'memory';
    const timeUs = isMemory ? 0 : Number(full ? full[1] : metrics);
    const memoryBytes = isMemory ? Number(metrics) : Number(full?.[3] ?? 0);
    if (timeUs < 0) return `time cannot be negative, and this is ${timeUs}`;
    if (!Number.isSafeInteger(timeUs) || !Number.isSafeInteger(memoryBytes)) {
      return `"${metrics}" is more than a profile can hold`;
    }

    this.#isAustin = true;
    if (full && this.#mode === undefined) {
      this.#mode = 'full';
      this.#sink.addMetadata('mode', this.#mode);
    }
    if (!this.#saidThreadIds) {
      this.#saidThreadIds = true;
      this.#sink.addMetadata(THREAD_IDS_KEY, 'decimal');
    }
    if (this.#isCount && !this.#saidUnit) {
      this.#isCount = false;
      this.#sink.addMetadata(WEIGHT_UNIT_KEY, 'microseconds');
    }
    const flags = stack.flags | (full?.[2] === '1' ? SampleFlag.Idle : 0);
    const thread = this.#thread(pid, end < 0 ? text : text.slice(0, end));
    this.#sink.addSample(stack.id, thread, timeUs, memoryBytes, flags);
    return undefined;
  }

  #readFolded(text: string, count: string): Problem | undefined {
    if (!FOLDED_COUNT.test(count)) return `"${count}" is not a number of samples`;
    if (Number(count) >= Number.MAX_SAFE_INTEGER) return `"${count}" is more than a profile can hold`;
    const stack = this.#stack(text, foldedFrames)!;
    if (!this.#isCount) {
      this.#isCount = true;
      this.#sink.addMetadata(WEIGHT_UNIT_KEY, 'count');
    }
    this.#sink.addSample(
      stack.id,
      this.#ownerThread(stack.owner),
      this.#counts.next(Number(count)),
      0,
      stack.flags,
    );
    return undefined;
  }

  #ownerThread({ pid, thread }: Owner): ThreadId {
    const { pid: foldedPid, iid, tid } = FOLDED_THREAD;
    if (pid === undefined && !thread) return this.#sink.tables.internThread(foldedPid, iid, tid);
    this.#saidThreadIds = true;
    return this.#foldedThreads.thread(pid ?? foldedPid, iid, thread?.tid ?? tid, thread?.name);
  }

  #thread(pid: number, text: string): ThreadId {
    const key = `${pid};${text}`;
    let id = this.#threads.get(key);
    if (id === undefined) {
      const match = IID_AND_TID.exec(text);
      id = this.#sink.tables.internThread(pid, match ? Number(match[1]) : null, match ? match[2]! : text);
      this.#threads.set(key, id);
    }
    return id;
  }

  #stack(text: string, parse: (text: string) => ParsedStack | undefined): Stack | undefined {
    const known = this.#stacks.get(text);
    if (known) return known;
    const parsed = parse(text);
    if (!parsed) return undefined;
    const { tables } = this.#sink;
    let id = EMPTY_STACK;
    for (const { kind, name, file, line } of parsed.frames) {
      const fn = tables.internFunction(tables.internString(name), tables.internString(file), 0, kind);
      id = tables.internStack(id, tables.internFrame(fn, line));
    }
    const stack = { id, flags: parsed.flags, owner: parsed.owner };
    if (this.#stacks.size >= MAX_KNOWN_STACKS) this.#stacks.clear();
    this.#stacks.set(text, stack);
    return stack;
  }
}

interface ParsedStack {
  readonly frames: readonly FrameText[];
  readonly flags: number;
  readonly owner: Owner;
}

function austinFrames(text: string): ParsedStack | undefined {
  const texts = splitStack(text);
  if (!texts) return undefined;
  let flags = 0;
  if (texts.at(-1) === GC_MARK) {
    flags |= SampleFlag.Gc;
    texts.pop();
  }
  const frames: FrameText[] = [];
  for (const text of texts) {
    if (isInvalidMark(text)) flags |= SampleFlag.Invalid;
    else frames.push(text === GC_MARK ? GC_IN_THE_MIDDLE : parseFrame(text)!);
  }
  return { frames, flags, owner: NO_OWNER };
}

/** Only the last frame is a mark; before it, this is how a function of that name and no file looks. */
const GC_IN_THE_MIDDLE: FrameText = { kind: FrameKind.Python, file: '', name: 'GC', line: 0 };

/** py-spy and CPython's `profiling.sampling` have processes and threads as the outermost frames. */
function foldedFrames(text: string): ParsedStack {
  const frames = text.split(';');
  let owner = NO_OWNER;
  let first = 0;
  for (; first < frames.length; first++) {
    const { pid, thread } = threadOrProcess(frames[first]!) ?? {};
    if (pid === undefined && !thread) break;
    owner = { ...owner, ...(pid !== undefined && { pid }), ...(thread && { thread }) };
  }
  return { frames: frames.slice(first).map(parseFoldedFrame), flags: 0, owner };
}
