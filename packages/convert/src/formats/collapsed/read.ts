import {
  AustinError,
  EMPTY_STACK,
  isFactOfMapping,
  Mappings,
  MODES,
  type Mode,
  type ProfileSink,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import { textOf } from '../../byte-text.js';
import { ForeignThreads, threadOrProcess } from '../../foreign-stacks.js';
import type { ReadOptions } from '../../format.js';
import { forEachLineRun } from '../../line-runs.js';
import { WholeSeries } from '../../quantities.js';
import { decimalOfHex, mapThreadKey, THREAD_IDS_KEY } from '../../thread-ids.js';
import { WEIGHT_UNIT_KEY } from '../../weights.js';
import { type FrameText, parseFoldedFrame } from './frames.js';
import { Metrics } from './metrics.js';
import { SampleLines } from './sample-lines.js';

/** Folded stacks are remembered by their text, and forgotten all at once when there are this many. */
const MAX_KNOWN_STACKS = 1 << 16;

const FOLDED_COUNT = /^\d+(\.\d*)?$/;

/** Where folded stacks, which know no threads, put their samples. */
export const FOLDED_THREAD = { pid: 0, iid: null, tid: '0' } as const;

interface Stack {
  readonly id: StackId;
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
  const bad = { count: 0, line: 0, message: '' };
  const reader = new LineReader(sink, (problem, number) => {
    if (options.strict) throw badLine(problem, number);
    if (bad.count++ === 0) Object.assign(bad, { line: number, message: problem });
  });
  await forEachLineRun(chunks, (bytes, start, end) => reader.read(bytes, start, end));
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
  readonly #onProblem: (problem: Problem, line: number) => void;
  readonly #mappings = new Mappings();
  readonly #samples: SampleLines;
  readonly #metrics = new Metrics();
  #lineNumber = 0;
  /** Folded stacks by their text. */
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

  constructor(sink: ProfileSink, onProblem: (problem: Problem, line: number) => void) {
    this.#sink = sink;
    this.#onProblem = onProblem;
    this.#samples = new SampleLines(sink.tables, this.#mappings);
    this.#foldedThreads = new ForeignThreads(sink);
  }

  /** Reads the whole lines that are in `bytes` from `start` to `end`. */
  read(bytes: Uint8Array, start: number, end: number): void {
    const samples = this.#samples;
    samples.open(bytes);
    for (let at = start; at < end; at = samples.next) {
      this.#lineNumber++;
      const isSample = samples.read(at, end);
      const problem = isSample ? this.#readSample(bytes) : this.#readOther(bytes, at, end);
      if (problem !== undefined) this.#onProblem(problem, this.#lineNumber);
    }
  }

  #readMetadata(line: string): Problem | undefined {
    const match = /^# (.+?):(?: (.*)|)$/s.exec(line);
    if (!match) return 'it is neither metadata nor a sample';
    const key = match[1]!;
    const value = match[2] ?? '';
    if (key === 'mode') this.#mode = MODES.find((mode) => mode === value);
    if (isFactOfMapping(key)) {
      this.#mappings.addMetadata(key, value);
      this.#samples.forgetMappings();
    }
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

  #readSample(bytes: Uint8Array): Problem | undefined {
    const samples = this.#samples;
    if (samples.problem !== undefined) return samples.problem;
    const metrics = this.#metrics;
    const problem = metrics.read(bytes, samples.metrics, samples.end, this.#mode === 'memory');
    if (problem !== undefined) return problem;
    samples.accept();

    this.#isAustin = true;
    if (metrics.isFull && this.#mode === undefined) {
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
    const { stack, thread, flags } = samples;
    this.#sink.addSample(stack, thread, metrics.timeUs, metrics.memoryBytes, flags | metrics.flags);
    return undefined;
  }

  /** Reads a line that is no sample of Austin's. */
  #readOther(bytes: Uint8Array, start: number, end: number): Problem | undefined {
    const samples = this.#samples;
    const line = textOf(bytes, start, samples.endOfLine(start, end));
    if (line === '') return undefined;
    if (line.startsWith('#')) return this.#readMetadata(line);
    if (this.#isAustin && !this.#isCount) return 'it has no process and thread';
    const space = line.lastIndexOf(' ');
    if (space < 1) return 'it has no metric at its end';
    return this.#readFolded(line.slice(0, space), line.slice(space + 1));
  }

  #readFolded(text: string, count: string): Problem | undefined {
    if (!FOLDED_COUNT.test(count)) return `"${count}" is not a number of samples`;
    if (Number(count) >= Number.MAX_SAFE_INTEGER) return `"${count}" is more than a profile can hold`;
    const stack = this.#stack(text);
    if (!this.#isCount) {
      this.#isCount = true;
      this.#sink.addMetadata(WEIGHT_UNIT_KEY, 'count');
    }
    this.#sink.addSample(stack.id, this.#ownerThread(stack.owner), this.#counts.next(Number(count)), 0, 0);
    return undefined;
  }

  #ownerThread({ pid, thread }: Owner): ThreadId {
    const { pid: foldedPid, iid, tid } = FOLDED_THREAD;
    if (pid === undefined && !thread) return this.#sink.tables.internThread(foldedPid, iid, tid);
    this.#saidThreadIds = true;
    return this.#foldedThreads.thread(pid ?? foldedPid, iid, thread?.tid ?? tid, thread?.name);
  }

  #stack(text: string): Stack {
    const known = this.#stacks.get(text);
    if (known) return known;
    const { frames, owner } = foldedFrames(text);
    const { tables } = this.#sink;
    let id = EMPTY_STACK;
    for (const { kind, name, file, line } of frames) {
      const fn = tables.internFunction(tables.internString(name), tables.internString(file), 0, kind);
      id = tables.internStack(id, tables.internFrame(fn, line));
    }
    const stack = { id, owner };
    if (this.#stacks.size >= MAX_KNOWN_STACKS) this.#stacks.clear();
    this.#stacks.set(text, stack);
    return stack;
  }
}

interface ParsedStack {
  readonly frames: readonly FrameText[];
  readonly owner: Owner;
}

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
  return { frames: frames.slice(first).map(parseFoldedFrame), owner };
}
