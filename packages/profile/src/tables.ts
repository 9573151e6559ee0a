import { InternTable } from './intern-table.js';
import { PrefixTree, ROOT } from './prefix-tree.js';
import type { FrameId, FunctionId, StackId, StringId, ThreadId } from './units.js';

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

/** A frame with its texts resolved: for writers and tests; bulk code uses ids. */
export interface FrameInfo extends Position {
  readonly kind: FrameKind;
  readonly name: string;
  readonly file: string;
  readonly firstLine: number;
}

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
  readonly #frames = new InternTable(5);
  /** Labelled with frames. */
  readonly #stacks = new PrefixTree();
  readonly #threads: Thread[] = [];
  readonly #threadIds = new Map<string, ThreadId>();
  readonly #threadNames = new Map<ThreadId, string>();

  get stringCount(): number {
    return this.#strings.length;
  }
  get functionCount(): number {
    return this.#functions.size;
  }
  get frameCount(): number {
    return this.#frames.size;
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
    return this.#functions.intern(name, file, firstLine, kind) as FunctionId;
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
  internFrame(fn: FunctionId, line = 0, lineEnd = 0, column = 0, columnEnd = 0): FrameId {
    return this.#frames.intern(fn, line, lineEnd, column, columnEnd) as FrameId;
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

  frameInfo(id: FrameId): FrameInfo {
    const fn = this.frameFunction(id);
    return {
      kind: this.functionKind(fn),
      name: this.string(this.functionName(fn)),
      file: this.string(this.functionFile(fn)),
      firstLine: this.functionFirstLine(fn),
      line: this.frameLine(id),
      lineEnd: this.frameLineEnd(id),
      column: this.frameColumn(id),
      columnEnd: this.frameColumnEnd(id),
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
