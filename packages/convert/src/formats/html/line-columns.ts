import { EMPTY_STACK, InternTable, type Profile, SampleFlag, type StackId } from '@austin-profiler/profile';
import { type WeightType, weightOf } from '../../weights.js';
import type { FunctionRows } from './function-rows.js';
import type { LineColumns } from './page/payload.js';

/** Lines below this share of their thread are left out; the page says so. */
export const LINE_SHARE = 0.001;

interface Weights {
  readonly self: Float64Array;
  readonly total: Float64Array;
}

/** Weights of source lines, one thread after another. A line that recurs in a stack counts once. */
export class LineBuilder {
  readonly columns = {
    thread: [] as number[],
    fn: [] as number[],
    line: [] as number[],
    self: [] as number[][],
    total: [] as number[][],
  } satisfies LineColumns;
  readonly #profile: Profile;
  readonly #types: readonly WeightType[];
  readonly #rows: FunctionRows;
  readonly #lines = new InternTable(2);
  readonly #ofStack: Weights[];
  readonly #ofLine: Weights[];
  readonly #isUsed: Uint8Array;
  readonly #firstChild: Uint32Array;
  readonly #nextSibling: Uint32Array;
  /** How often a line is among the frames on the way to the stack at hand. */
  readonly #active: Uint32Array;

  constructor(profile: Profile, types: readonly WeightType[], rows: FunctionRows) {
    const { stackCount, frameCount } = profile.tables;
    const columns = (length: number): Weights[] =>
      types.map(() => ({ self: new Float64Array(length), total: new Float64Array(length) }));
    this.#profile = profile;
    this.#types = types;
    this.#rows = rows;
    this.#ofStack = columns(stackCount);
    this.#ofLine = columns(frameCount);
    this.#isUsed = new Uint8Array(stackCount);
    this.#firstChild = new Uint32Array(stackCount);
    this.#nextSibling = new Uint32Array(stackCount);
    this.#active = new Uint32Array(frameCount);
    this.columns.self.push(...types.map(() => []));
    this.columns.total.push(...types.map(() => []));
  }

  addThread(thread: number, samples: Uint32Array): void {
    const stacks = this.#addUp(samples);
    const lines = new Set<number>();
    this.#walk(lines);
    this.#append(thread, lines);
    for (const stack of [EMPTY_STACK, ...stacks]) {
      this.#isUsed[stack] = 0;
      this.#firstChild[stack] = 0;
      for (const { self, total } of this.#ofStack) self[stack] = total[stack] = 0;
    }
    for (const line of lines) {
      for (const { self, total } of this.#ofLine) self[line] = total[line] = 0;
    }
  }

  /** Sums the weights of each stack and of what it is part of; returns the stacks, parents first. */
  #addUp(samples: Uint32Array): StackId[] {
    const { tables, samples: columns } = this.#profile;
    const stacks: StackId[] = [];
    for (const sample of samples) {
      const stack = columns.stack[sample]! as StackId;
      const isGc = (columns.flags[sample]! & SampleFlag.Gc) !== 0;
      for (const [m, type] of this.#types.entries()) {
        const weight = weightOf(this.#profile, sample, type);
        this.#ofStack[m]!.total[stack]! += weight;
        if (!isGc) this.#ofStack[m]!.self[stack]! += weight;
      }
      for (let at = stack; at !== EMPTY_STACK && this.#isUsed[at] === 0; at = tables.stackParent(at)) {
        this.#isUsed[at] = 1;
        stacks.push(at);
      }
    }
    // A stack is interned after its parent, so ids order them.
    stacks.sort((a, b) => a - b);
    for (let i = stacks.length - 1; i >= 0; i--) {
      const stack = stacks[i]!;
      const parent = tables.stackParent(stack);
      for (const { total } of this.#ofStack) total[parent]! += total[stack]!;
      this.#nextSibling[stack] = this.#firstChild[parent]!;
      this.#firstChild[parent] = stack;
    }
    return stacks;
  }

  /** Goes through the stacks depth first, so that a line inside itself is noticed. */
  #walk(lines: Set<number>): void {
    const { tables } = this.#profile;
    let at = this.#firstChild[EMPTY_STACK]! as StackId;
    while (at !== EMPTY_STACK) {
      const line = this.#lineOf(at);
      const isOutermost = this.#active[line]!++ === 0;
      lines.add(line);
      for (const [m, { self, total }] of this.#ofStack.entries()) {
        this.#ofLine[m]!.self[line]! += self[at]!;
        if (isOutermost) this.#ofLine[m]!.total[line]! += total[at]!;
      }
      if (this.#firstChild[at] !== EMPTY_STACK) {
        at = this.#firstChild[at]! as StackId;
        continue;
      }
      while (at !== EMPTY_STACK) {
        this.#active[this.#lineOf(at)]!--;
        const next = this.#nextSibling[at]! as StackId;
        at = next === EMPTY_STACK ? tables.stackParent(at) : next;
        if (next !== EMPTY_STACK) break;
      }
    }
  }

  #append(thread: number, lines: ReadonlySet<number>): void {
    const { columns } = this;
    const least = this.#ofStack.map(({ total }) => total[EMPTY_STACK]! * LINE_SHARE);
    for (const line of lines) {
      const number = this.#lines.get(line, 1);
      const isLight = this.#ofLine.every(({ total }, m) => total[line] === 0 || total[line]! < least[m]!);
      if (number === 0 || isLight) continue;
      columns.thread.push(thread);
      columns.fn.push(this.#lines.get(line, 0));
      columns.line.push(number);
      for (const [m, { self, total }] of this.#ofLine.entries()) {
        columns.self[m]!.push(self[line]!);
        columns.total[m]!.push(total[line]!);
      }
    }
  }

  #lineOf(stack: StackId): number {
    const { tables } = this.#profile;
    const frame = tables.stackFrame(stack);
    return this.#lines.intern(this.#rows.ofFrame(frame), tables.frameLine(frame));
  }
}
