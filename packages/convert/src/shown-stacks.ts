import {
  type Code,
  type CodeId,
  EMPTY_STACK,
  type FrameId,
  FrameKind,
  type FunctionId,
  InternTable,
  NO_CODE,
  type ProfileTables,
  SampleFlag,
  type StackId,
} from '@austin-profiler/profile';
import { innermostCode } from './innermost-code.js';
import { GARBAGE_COLLECTION, INVALID_STACK, NO_FRAMES, UNNAMED } from './synthetic-names.js';

/** A function as viewers show it: it has a name, whatever the profile says. */
export interface ShownFunction {
  readonly name: string;
  /** Empty when unknown, and for what is no function. */
  readonly file: string;
  /** From 1; 0 = unknown. */
  readonly firstLine: number;
  readonly kind: FrameKind;
  /** What machine code is mapped from; empty if unknown, and for others. */
  readonly library: string;
  /** It stands for a mark of the sample, such as a run of the garbage collector. */
  readonly isMark: boolean;
}

/** Number of a node of the tree; 0 is the root, which is above all stacks and is none itself. */
export type ShownNode = number;

export const SHOWN_ROOT: ShownNode = 0;

const NO_ROW = 0xffffffff;
const MARKS = [NO_FRAMES, INVALID_STACK, GARBAGE_COLLECTION] as const;
type Mark = (typeof MARKS)[number];

/**
 * The stacks of a profile as a prefix tree in which marks are frames: for formats that know nothing but frames.
 * A stack that could not be read whole begins with `<invalid stack>`, one taken while the garbage collector ran
 * ends with `<garbage collection>`, and one without frames is `<no Python frames>`: viewers would drop it, and its
 * weight. Every node has a higher number than its parent.
 */
export class ShownStacks {
  readonly #tables: ProfileTables;
  readonly #positions: boolean;
  /** (parent, frame) */
  readonly #nodes = new InternTable(2);
  /** (function, line, column, code, whether the code ran or waits itself, and did not call) */
  readonly #frames = new InternTable(5);
  /** The node of each stack, plain and under `<invalid stack>`; 0 = not asked for yet. */
  readonly #plain: Uint32Array;
  #underInvalid: Uint32Array | undefined;
  #libraries: string[] | undefined;

  /** @param positions tell frames of one function apart by line, column and address; otherwise they are one */
  constructor(tables: ProfileTables, positions: boolean) {
    this.#tables = tables;
    this.#positions = positions;
    this.#nodes.intern(NO_ROW, NO_ROW);
    this.#plain = new Uint32Array(tables.stackCount);
  }

  /** The node of a sample's stack; never the root. */
  node(stack: StackId, flags: number): ShownNode {
    let node: ShownNode;
    if (flags & SampleFlag.Invalid) {
      this.#underInvalid ??= new Uint32Array(this.#tables.stackCount);
      node = this.#nodeIn(this.#underInvalid, this.#mark(SHOWN_ROOT, INVALID_STACK), stack);
    } else {
      node = this.#nodeIn(this.#plain, SHOWN_ROOT, stack);
    }
    if (flags & SampleFlag.Gc) return this.#mark(node, GARBAGE_COLLECTION);
    return node === SHOWN_ROOT ? this.#mark(node, NO_FRAMES) : node;
  }

  /** How many nodes there are so far, the root included. */
  get nodeCount(): number {
    return this.#nodes.size;
  }

  /** The root has no parent and no frame: do not ask. */
  parent(node: ShownNode): ShownNode {
    return this.#nodes.get(node, 0);
  }

  frame(node: ShownNode): number {
    return this.#nodes.get(node, 1);
  }

  /** The frames of a node, outermost first. */
  path(node: ShownNode): number[] {
    const frames: number[] = [];
    for (let at = node; at !== SHOWN_ROOT; at = this.parent(at)) frames.push(this.frame(at));
    return frames.reverse();
  }

  /** How many frames there are so far. */
  get frameCount(): number {
    return this.#frames.size;
  }

  frameFunction(frame: number): number {
    return this.#frames.get(frame, 0);
  }

  /** From 1; 0 = unknown, as always without positions. */
  frameLine(frame: number): number {
    return this.#frames.get(frame, 1);
  }

  /** From 1, in UTF-8 bytes; 0 = unknown. */
  frameColumn(frame: number): number {
    return this.#frames.get(frame, 2);
  }

  /** Where machine code was; undefined for others, as always without positions. */
  frameCode(frame: number): Code | undefined {
    return this.#tables.code(this.#frames.get(frame, 3) as CodeId);
  }

  /** Whether the code of a frame called another: its address is then the one that the call returns to. */
  isCall(frame: number): boolean {
    return this.#frames.get(frame, 3) !== NO_CODE && this.#frames.get(frame, 4) === 0;
  }

  /** Numbers of functions are below this: those of the profile, and behind them the marks. */
  get functionCount(): number {
    return this.#tables.functionCount + MARKS.length;
  }

  fn(id: number): ShownFunction {
    const tables = this.#tables;
    const mark = MARKS[id - tables.functionCount];
    if (mark !== undefined) {
      return { name: mark, file: '', firstLine: 0, kind: FrameKind.Python, library: '', isMark: true };
    }
    const fn = id as FunctionId;
    const kind = tables.functionKind(fn);
    return {
      name: tables.string(tables.functionName(fn)) || UNNAMED,
      file: tables.string(tables.functionFile(fn)),
      firstLine: tables.functionFirstLine(fn),
      kind,
      library: kind === FrameKind.Native ? this.#library(fn) : '',
      isMark: false,
    };
  }

  #nodeIn(known: Uint32Array, root: ShownNode, stack: StackId): ShownNode {
    const tables = this.#tables;
    const inner = this.#positions ? innermostCode(tables, stack) : undefined;
    if (!inner) return this.#callers(known, root, stack);
    let node = this.#callers(known, root, tables.stackParent(inner.stack));
    node = this.#nodes.intern(node, this.#row(tables.stackFrame(inner.stack), true));
    for (const frame of inner.kernel) node = this.#nodes.intern(node, this.#row(frame, false));
    return node;
  }

  #callers(known: Uint32Array, root: ShownNode, stack: StackId): ShownNode {
    const tables = this.#tables;
    const missing: StackId[] = [];
    let at = stack;
    for (; at !== EMPTY_STACK && known[at] === 0; at = tables.stackParent(at)) missing.push(at);
    let node = at === EMPTY_STACK ? root : known[at]!;
    for (const id of missing.reverse()) {
      node = this.#nodes.intern(node, this.#row(tables.stackFrame(id), false));
      known[id] = node;
    }
    return node;
  }

  #row(frame: FrameId, isExact: boolean): number {
    const tables = this.#tables;
    const fn = tables.frameFunction(frame);
    if (!this.#positions) return this.#frames.intern(fn);
    return this.#frames.intern(
      fn,
      tables.frameLine(frame),
      tables.frameColumn(frame),
      tables.frameCode(frame),
      isExact ? 1 : 0,
    );
  }

  /** Of the first frame of a function that has one: code is of one file, but for what is compiled into several. */
  #library(fn: FunctionId): string {
    if (!this.#libraries) {
      const tables = this.#tables;
      this.#libraries = [];
      for (let frame = tables.frameCount - 1; frame >= 0; frame--) {
        const path = tables.code(tables.frameCode(frame as FrameId))?.mapping.path;
        if (path !== undefined) this.#libraries[tables.frameFunction(frame as FrameId)] = path;
      }
    }
    return this.#libraries[fn] ?? this.#tables.string(this.#tables.functionFile(fn));
  }

  #mark(parent: ShownNode, mark: Mark): ShownNode {
    const fn = this.#tables.functionCount + MARKS.indexOf(mark);
    return this.#nodes.intern(parent, this.#frames.intern(fn, 0, 0));
  }
}
