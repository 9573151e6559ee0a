import {
  ByteMap,
  EMPTY_STACK,
  type Mappings,
  type ProfileTables,
  SampleFlag,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import { textOf } from '../../byte-text.js';
import { commonBytes, viewOf } from '../../common-bytes.js';
import { FrameTexts, type StackPiece } from './frame-texts.js';

const LINE_END = 0x0a;
const RETURN = 0x0d;
const BLANK = 0x20;
const ZERO = 0x30;
const NINE = 0x39;
const SEPARATOR = 0x3b;
const P = 0x50;
const T = 0x54;

const MAX_PID_DIGITS = 15;
const IID_AND_TID = /^(-?\d{1,15}):(.*)$/s;

/** Threads are remembered with their latest lines, and forgotten all at once when there are this many. */
const MAX_KNOWN_THREADS = 1 << 10;

/** One thread, and what its latest line was. The next one mostly begins as that did, and so with the same frames. */
class LineThread {
  readonly pid: number;
  readonly #text: string;
  #id: ThreadId | undefined;
  /** Length of what names process and thread at the start of its lines. */
  readonly headLength: number;
  /** The mappings have been told that there are samples of its process. */
  isNoted = false;
  /** The latest line, the blank before its metrics included. Empty if it had no frames. */
  line = new Uint8Array(0);
  view = viewOf(this.line);
  length = 0;
  stack: StackId = EMPTY_STACK;
  flags = 0;
  /** By frame or mark that others follow: where in the line it ends, and the stack and the flags up to there. */
  readonly ends: number[] = [];
  readonly stacks: StackId[] = [];
  readonly flagsSoFar: number[] = [];
  depth = 0;
  /** The thread whose line came behind the latest of this one: mostly, it is so again. */
  next: LineThread | undefined;

  constructor(pid: number, text: string, headLength: number) {
    this.pid = pid;
    this.#text = text;
    this.headLength = headLength;
  }

  /** The thread in the tables: it is there once it has a sample. */
  idIn(tables: ProfileTables): ThreadId {
    if (this.#id === undefined) {
      const match = IID_AND_TID.exec(this.#text);
      const iid = match ? Number(match[1]) : null;
      this.#id = tables.internThread(this.pid, iid, match ? match[2]! : this.#text);
    }
    return this.#id;
  }

  /** Remembers the line that is in `bytes` from `start` to `end`, and begins with `common` bytes of the one before it. */
  keep(bytes: Uint8Array, start: number, end: number, common: number): void {
    if (end - start > this.line.length) {
      const longer = new Uint8Array((end - start) * 2);
      longer.set(this.line.subarray(0, common));
      this.line = longer;
      this.view = viewOf(longer);
    }
    const line = this.line;
    for (let at = common; at < end - start; at++) line[at] = bytes[start + at]!;
    this.length = end - start;
  }

  /** How many of its frames and marks a line has that begins with `common` bytes of it. */
  depthOf(common: number): number {
    let depth = this.depth;
    while (depth > 0 && this.ends[depth - 1]! >= common) depth--;
    return depth;
  }
}

/**
 * Reads what comes before the metrics in Austin's lines:
 *
 * ```
 * "P" pid ";T" [iid ":"] tid {";" frame} " " metrics
 * ```
 *
 * Nothing is escaped: a text between two `;` that is neither a frame nor a mark belongs to a name with a `;`, and is joined to what
 * follows.
 */
export class SampleLines {
  /** What is wrong with the line, if anything. */
  problem: string | undefined;
  /** Where its metrics begin, where it ends, without its end of line, and where the next one begins. */
  metrics = 0;
  end = 0;
  next = 0;
  /** What it says, once it is accepted. */
  thread = 0 as ThreadId;
  stack: StackId = EMPTY_STACK;
  flags = 0;

  readonly #tables: ProfileTables;
  readonly #mappings: Mappings;
  readonly #frames: FrameTexts;
  #threads = new ByteMap<LineThread>();
  #threadCount = 0;
  #latest: LineThread | undefined;
  #bytes: Uint8Array = new Uint8Array(0);
  #view = viewOf(this.#bytes);

  #start = 0;
  #owner!: LineThread;
  /** How many bytes the line has from the one before it, and how many frames and marks. */
  #common = 0;
  #depth = 0;
  /** Its other frames and marks, outermost first, and where each ends: so many of them, the rest is of other lines. */
  readonly #pieces: StackPiece[] = [];
  readonly #pieceEnds: number[] = [];
  #pieceCount = 0;
  /** It has no frames and no marks. */
  #isBare = false;

  /** @param mappings what metadata has said by then of what was mapped where */
  constructor(tables: ProfileTables, mappings: Mappings) {
    this.#tables = tables;
    this.#mappings = mappings;
    this.#frames = new FrameTexts(tables, mappings);
  }

  /** To be called when there is more in the mappings. */
  forgetMappings(): void {
    this.#frames.forget();
    this.#forgetThreads();
  }

  /** Says where the lines are that come next. */
  open(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }

  /**
   * Reads the line that starts at `start`, in text that ends at `textEnd`.
   *
   * @returns whether it is a line of a sample as Austin writes it
   */
  read(start: number, textEnd: number): boolean {
    this.problem = undefined;
    this.#start = start;
    this.#isBare = false;
    this.#pieceCount = 0;
    return this.#readNext(textEnd) || this.#readAny(textEnd);
  }

  /** Takes the line that was read last: its frames are in the tables then. */
  accept(): void {
    const owner = this.#owner;
    if (!owner.isNoted) this.#mappings.noteSample(owner.pid);
    owner.isNoted = true;
    if (this.#pieceCount > 0) this.#addPieces(owner);
    this.thread = owner.idIn(this.#tables);
    this.stack = this.#isBare ? EMPTY_STACK : owner.stack;
    this.flags = this.#isBare ? 0 : owner.flags;
    if (this.#latest) this.#latest.next = owner;
    this.#latest = owner;
  }

  #addPieces(owner: LineThread): void {
    let depth = this.#depth;
    let stack = depth === 0 ? EMPTY_STACK : owner.stacks[depth - 1]!;
    let flags = depth === 0 ? 0 : owner.flagsSoFar[depth - 1]!;
    const last = this.#pieceCount - 1;
    for (let at = 0; at <= last; at++) {
      const piece = this.#pieces[at]!;
      if (piece.mark === 'invalid') flags |= SampleFlag.Invalid;
      else if (piece.mark === 'gc' && at === last) flags |= SampleFlag.Gc;
      else stack = this.#tables.internStack(stack, this.#frames.frame(piece, owner.pid));
      if (at === last) break;
      owner.ends[depth] = this.#pieceEnds[at]! - this.#start;
      owner.stacks[depth] = stack;
      owner.flagsSoFar[depth] = flags;
      depth++;
    }
    owner.depth = depth;
    owner.stack = stack;
    owner.flags = flags;
    owner.keep(this.#bytes, this.#start, this.metrics, this.#common);
  }

  /** Reads the line if it is of the thread that is next by turns, and begins as its latest one did. */
  #readNext(textEnd: number): boolean {
    const owner = this.#latest?.next;
    if (owner === undefined) return false;
    const common = this.#commonWith(owner, textEnd);
    if (common <= owner.headLength) return false;
    const least = this.#start + common - 1;
    this.#findEnd(least + 1, textEnd);
    const blank = this.#lastBlank(least);
    if (blank < least) return false;
    this.#owner = owner;
    this.#readPieces(common, blank);
    return true;
  }

  /** Reads any line of a sample. */
  #readAny(textEnd: number): boolean {
    const bytes = this.#bytes;
    const start = this.#start;
    if (bytes[start] !== P) return false;
    let at = start + 1;
    while (at < textEnd && isDigit(bytes[at]!)) at++;
    const digits = at - start - 1;
    if (digits === 0 || digits > MAX_PID_DIGITS || bytes[at] !== SEPARATOR || bytes[at + 1] !== T)
      return false;
    const threadStart = at + 2;
    this.#findEnd(threadStart, textEnd);
    const blank = this.#lastBlank(threadStart);
    this.metrics = blank + 1;
    if (blank < threadStart) {
      this.problem = 'it has no metric at its end';
      return true;
    }
    let headEnd = threadStart;
    while (headEnd < blank && bytes[headEnd] !== SEPARATOR) headEnd++;
    this.#owner = this.#threadOf(headEnd, threadStart);
    this.#isBare = headEnd === blank;
    if (!this.#isBare) this.#readPieces(this.#commonWith(this.#owner, this.metrics), blank);
    return true;
  }

  #commonWith({ view, length }: LineThread, textEnd: number): number {
    return commonBytes(view, 0, this.#view, this.#start, Math.min(length, textEnd - this.#start));
  }

  /**
   * Reads the frames and marks that the line does not have from the one before it of its thread.
   *
   * @param common how many bytes it has from that one
   * @param blank where they end
   */
  #readPieces(common: number, blank: number): void {
    const owner = this.#owner;
    const start = this.#start;
    this.metrics = blank + 1;
    if (common === owner.length && common === blank + 1 - start) return;
    this.#common = common;
    this.#depth = owner.depthOf(common);
    const bytes = this.#bytes;
    let pieceStart = start + (this.#depth === 0 ? owner.headLength : owner.ends[this.#depth - 1]!) + 1;
    let at = pieceStart;
    for (;;) {
      while (at < blank && bytes[at] !== SEPARATOR) at++;
      const piece = this.#frames.find(bytes, pieceStart, at);
      if (piece) {
        this.#pieces[this.#pieceCount] = piece;
        this.#pieceEnds[this.#pieceCount++] = at;
        pieceStart = at + 1;
      }
      if (at >= blank) {
        if (!piece) this.problem = 'its last frame has no line number';
        return;
      }
      at++;
    }
  }

  #threadOf(headEnd: number, threadStart: number): LineThread {
    const bytes = this.#bytes;
    const start = this.#start;
    let thread = this.#threads.get(bytes, start, headEnd);
    if (thread === undefined) {
      if (this.#threadCount === MAX_KNOWN_THREADS) this.#forgetThreads();
      this.#threadCount++;
      const pid = Number(textOf(bytes, start + 1, threadStart - 2));
      thread = new LineThread(pid, textOf(bytes, threadStart, headEnd), headEnd - start);
      this.#threads.add(bytes, start, headEnd, thread);
    }
    return thread;
  }

  #forgetThreads(): void {
    this.#threads = new ByteMap();
    this.#threadCount = 0;
    this.#latest = undefined;
  }

  /** Finds the end of any line: answers with {@link end} for one that starts at `start`. */
  endOfLine(start: number, textEnd: number): number {
    this.#findEnd(start, textEnd);
    return Math.max(start, this.end);
  }

  #findEnd(from: number, textEnd: number): void {
    const bytes = this.#bytes;
    let at = from;
    while (at < textEnd && bytes[at] !== LINE_END) at++;
    this.next = Math.min(at + 1, textEnd);
    this.end = bytes[at - 1] === RETURN ? at - 1 : at;
  }

  /** Where the last blank of the line is, at `least` or behind it; a place before it if there is none. */
  #lastBlank(least: number): number {
    const bytes = this.#bytes;
    let at = this.end - 1;
    while (at >= least && bytes[at] !== BLANK) at--;
    return at;
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
