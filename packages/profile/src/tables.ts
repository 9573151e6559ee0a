import { InternTable } from './intern-table.js';
import { PrefixTree, ROOT } from './prefix-tree.js';
import type { CodeId, FrameId, FunctionId, StackId, StringId, ThreadId } from './units.js';

/** Where the code of a frame comes from. */
export const FrameKind = { Python: 0, Native: 1, Kernel: 2 } as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/**
 * A position in a source file. Lines count from 1; columns count from 1 in UTF-8 bytes of the line, and
 * `columnEnd` is one past the last byte. 0 means unknown, for each field by itself.
 */
export interface Position {
  readonly line: number;
  readonly lineEnd: number;
  readonly column: number;
  readonly columnEnd: number;
}

/** A thread is known by all three: ids are unique only within a process, and one OS thread can run several interpreters. */
export interface Thread {
  readonly pid: number;
  /** Interpreter id, or null when the source does not know of interpreters (MOJO 1 and 2). */
  readonly iid: number | null;
  /** The thread as the source names it: MOJO and collapsed text carry a hex id, a decimal id, or a name. */
  readonly tid: string;
}

/** A text that two threads share only if they are the same. */
export function threadIdentity({ pid, iid, tid }: Thread): string {
  return `${pid}:${iid ?? ''}:${tid}`;
}

/** A file of machine code as it was mapped into the memory of a process. Numbers are in lower-case hex, without `0x`. */
export interface Mapping {
  readonly path: string;
  /** The first address. */
  readonly start: string;
  /** One past the last address. */
  readonly end: string;
  /** The address at which the first byte of the file is, or would be: an address minus it is an offset in the file. */
  readonly base: string;
  /** What an address is above the one that the file itself gives its code; absent if unknown. */
  readonly bias?: string;
  /** Absent if unknown, or if the file has none. */
  readonly buildId?: string;
}

/** Where machine code was when it was seen. */
export interface Code {
  /**
   * The program counter, in lower-case hex without `0x`. Of a frame that called another one it is where the call returns
   * to, which may belong to the next line.
   */
  readonly address: string;
  /** How far that is behind the start of the function's symbol, bytes; 0 also if unknown. */
  readonly offset: number;
  readonly mapping: Mapping;
}

/** A frame with its texts resolved: for writers and tests; bulk code uses ids. */
export interface FrameInfo extends Position {
  readonly kind: FrameKind;
  readonly name: string;
  /** Of machine code: its source file once that is known, until then the path of its {@link Mapping}. */
  readonly file: string;
  readonly firstLine: number;
  /** Of machine code that is known to come from a mapped file. */
  readonly code?: Code;
}

/** What frames have that are not known to be machine code of a mapped file. */
export const NO_CODE = 0 as CodeId;

/** The empty stack: the parent of every outermost frame. */
export const EMPTY_STACK = ROOT as StackId;

/**
 * The interned half of a profile: what samples refer to. Every table hands out ids in order of first
 * appearance and never forgets one, so ids stay valid while the tables grow.
 */
export class ProfileTables {
  readonly #strings: string[] = [''];
  readonly #stringIds = new Map<string, StringId>([['', 0 as StringId]]);
  readonly #functions = new InternTable(4);
  readonly #frames = new InternTable(6);
  readonly #mappings: Mapping[] = [];
  readonly #mappingIds = new Map<string, number>();
  /** (1 + mapping, upper and lower half of the address, offset in the function) */
  readonly #codes = new InternTable(4);
  /** Labelled with frames. */
  readonly #stacks = new PrefixTree();
  readonly #threads: Thread[] = [];
  readonly #threadIds = new Map<string, ThreadId>();
  readonly #threadNames = new Map<ThreadId, string>();
  #hasNative = false;

  constructor() {
    this.#codes.intern(0);
  }

  get stringCount(): number {
    return this.#strings.length;
  }
  get functionCount(): number {
    return this.#functions.size;
  }
  get frameCount(): number {
    return this.#frames.size;
  }
  /** Number of places of machine code, {@link NO_CODE} included. */
  get codeCount(): number {
    return this.#codes.size;
  }
  /** Number of stacks, the empty one included. */
  get stackCount(): number {
    return this.#stacks.size;
  }
  get threadCount(): number {
    return this.#threads.length;
  }

  internString(text: string): StringId {
    let id = this.#stringIds.get(text);
    if (id === undefined) {
      id = this.#strings.length as StringId;
      this.#strings.push(text);
      this.#stringIds.set(text, id);
    }
    return id;
  }

  string(id: StringId): string {
    return this.#strings[id]!;
  }

  /** A function is its qualified name, its file and its first line (0 = unknown). */
  internFunction(
    name: StringId,
    file: StringId,
    firstLine = 0,
    kind: FrameKind = FrameKind.Python,
  ): FunctionId {
    if (kind === FrameKind.Native) this.#hasNative = true;
    return this.#functions.intern(name, file, firstLine, kind) as FunctionId;
  }

  /** Whether any function is machine code. */
  get hasNative(): boolean {
    return this.#hasNative;
  }

  functionName(id: FunctionId): StringId {
    return this.#functions.get(id, 0) as StringId;
  }
  functionFile(id: FunctionId): StringId {
    return this.#functions.get(id, 1) as StringId;
  }
  functionFirstLine(id: FunctionId): number {
    return this.#functions.get(id, 2);
  }
  functionKind(id: FunctionId): FrameKind {
    return this.#functions.get(id, 3) as FrameKind;
  }

  /** A frame is a function at a position; see {@link Position} for the units. */
  internFrame(
    fn: FunctionId,
    line = 0,
    lineEnd = 0,
    column = 0,
    columnEnd = 0,
    code: CodeId = NO_CODE,
  ): FrameId {
    return this.#frames.intern(fn, line, lineEnd, column, columnEnd, code) as FrameId;
  }

  /** Interns a frame of other tables, as one of a function of these. */
  internFrameFrom(from: ProfileTables, id: FrameId, fn: FunctionId): FrameId {
    const code = from.code(from.frameCode(id));
    return this.internFrame(
      fn,
      from.frameLine(id),
      from.frameLineEnd(id),
      from.frameColumn(id),
      from.frameColumnEnd(id),
      code === undefined ? NO_CODE : this.internCode(code),
    );
  }

  frameFunction(id: FrameId): FunctionId {
    return this.#frames.get(id, 0) as FunctionId;
  }
  frameLine(id: FrameId): number {
    return this.#frames.get(id, 1);
  }
  frameLineEnd(id: FrameId): number {
    return this.#frames.get(id, 2);
  }
  frameColumn(id: FrameId): number {
    return this.#frames.get(id, 3);
  }
  frameColumnEnd(id: FrameId): number {
    return this.#frames.get(id, 4);
  }

  frameCode(id: FrameId): CodeId {
    return this.#frames.get(id, 5) as CodeId;
  }

  /** @param code its address has at most 16 digits, its offset 32 bits */
  internCode({ address, offset, mapping }: Code): CodeId {
    const digits = address.padStart(16, '0');
    return this.#codes.intern(
      1 + this.#internMapping(mapping),
      Number.parseInt(digits.slice(0, 8), 16),
      Number.parseInt(digits.slice(8), 16),
      offset,
    ) as CodeId;
  }

  /** Undefined for {@link NO_CODE}. */
  code(id: CodeId): Code | undefined {
    if (id === NO_CODE) return undefined;
    const high = this.#codes.get(id, 1);
    const low = this.#codes.get(id, 2).toString(16);
    return {
      address: high === 0 ? low : high.toString(16) + low.padStart(8, '0'),
      offset: this.#codes.get(id, 3),
      mapping: this.#mappings[this.#codes.get(id, 0) - 1]!,
    };
  }

  /** Equal mappings are one object from here on. */
  #internMapping(mapping: Mapping): number {
    const { path, start, end, base, bias, buildId } = mapping;
    const key = [start, end, base, bias, buildId, path].join(' ');
    let id = this.#mappingIds.get(key);
    if (id === undefined) {
      id = this.#mappings.push(mapping) - 1;
      this.#mappingIds.set(key, id);
    }
    return id;
  }

  frameInfo(id: FrameId): FrameInfo {
    const fn = this.frameFunction(id);
    const code = this.code(this.frameCode(id));
    return {
      kind: this.functionKind(fn),
      name: this.string(this.functionName(fn)),
      file: this.string(this.functionFile(fn)),
      firstLine: this.functionFirstLine(fn),
      line: this.frameLine(id),
      lineEnd: this.frameLineEnd(id),
      column: this.frameColumn(id),
      columnEnd: this.frameColumnEnd(id),
      ...(code && { code }),
    };
  }

  /** The stack that `frame`, called from the innermost frame of `parent`, ends. */
  internStack(parent: StackId, frame: FrameId): StackId {
    return this.#stacks.child(parent, frame) as StackId;
  }

  /** The stack without its innermost frame. The empty stack has no parent: do not ask. */
  stackParent(id: StackId): StackId {
    return this.#stacks.parent(id) as StackId;
  }
  /** The innermost frame of a stack. The empty stack has none: do not ask. */
  stackFrame(id: StackId): FrameId {
    return this.#stacks.label(id) as FrameId;
  }

  /** The frames of a stack, outermost first. */
  stackFrames(id: StackId): FrameId[] {
    const frames: FrameId[] = [];
    for (let at = id; at !== EMPTY_STACK; at = this.stackParent(at)) frames.push(this.stackFrame(at));
    return frames.reverse();
  }

  internThread(pid: number, iid: number | null, tid: string): ThreadId {
    const key = threadIdentity({ pid, iid, tid });
    let id = this.#threadIds.get(key);
    if (id === undefined) {
      id = this.#threads.length as ThreadId;
      this.#threads.push({ pid, iid, tid });
      this.#threadIds.set(key, id);
    }
    return id;
  }

  thread(id: ThreadId): Thread {
    return this.#threads[id]!;
  }

  /** Names are not part of a thread's identity: they become known late and may change. */
  setThreadName(id: ThreadId, name: string): void {
    this.#threadNames.set(id, name);
  }
  threadName(id: ThreadId): string | undefined {
    return this.#threadNames.get(id);
  }
}
