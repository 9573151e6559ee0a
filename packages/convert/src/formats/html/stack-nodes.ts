import {
  EMPTY_STACK,
  InternTable,
  type ProfileTables,
  SampleFlag,
  type StackId,
} from '@austin-profiler/profile';
import { FOLDED } from '../../adding-up/sample-cells.js';
import { GARBAGE_COLLECTION, INVALID_STACK, LIGHTER_PATHS, NO_FRAMES } from '../../synthetic-names.js';
import type { FrameRows } from './frame-rows.js';
import type { StackColumns } from './page/payload.js';

const ROOT = 0;
const UNKNOWN = -1;

/** The stacks that cells refer to as one tree, with the frames that we add to keep weight in place. */
export class StackNodes {
  readonly #tables: ProfileTables;
  readonly #rows: FrameRows;
  readonly #nodes = new InternTable(2);
  /** Node of each stack, for whole stacks and for those below `<invalid stack>`. */
  #valid: Int32Array;
  #invalid: Int32Array;

  constructor(tables: ProfileTables, rows: FrameRows) {
    this.#tables = tables;
    this.#rows = rows;
    this.#valid = new Int32Array(tables.stackCount).fill(UNKNOWN);
    this.#invalid = new Int32Array(tables.stackCount).fill(UNKNOWN);
  }

  /** Number of nodes, the root included. A parent has a lower id than its children. */
  get size(): number {
    return this.#nodes.size + 1;
  }
  /** Of any node but the root. */
  parent(node: number): number {
    return this.#nodes.get(node - 1, 0);
  }
  /** Row of the frames, of any node but the root. */
  frame(node: number): number {
    return this.#nodes.get(node - 1, 1);
  }

  /**
   * The node of samples with this stack and these flags; ids count from 1, since 0 is the root. The tables may have grown
   * since; a node that was given out stays what it is.
   */
  of(stack: StackId, flags: number): number {
    if (stack >= this.#valid.length) this.#grow();
    const isInvalid = (flags & SampleFlag.Invalid) !== 0;
    const isFolded = (flags & FOLDED) !== 0;
    let node: number = ROOT;
    if (isInvalid) node = this.#synthetic(ROOT, INVALID_STACK);
    else if (stack === EMPTY_STACK && !isFolded) node = this.#synthetic(ROOT, NO_FRAMES);
    if (stack !== EMPTY_STACK) node = this.#stackNode(stack, node, isInvalid ? this.#invalid : this.#valid);
    if (isFolded) node = this.#synthetic(node, LIGHTER_PATHS);
    if (flags & SampleFlag.Gc) node = this.#synthetic(node, GARBAGE_COLLECTION);
    return node;
  }

  /** The tree in preorder, children in order of first appearance, and the place of each node in it, from 0. */
  columns(): { columns: StackColumns; place: Uint32Array } {
    const count = this.size;
    const firstChild = new Uint32Array(count);
    const nextSibling = new Uint32Array(count);
    for (let node = count - 1; node > ROOT; node--) {
      const parent = this.parent(node);
      nextSibling[node] = firstChild[parent]!;
      firstChild[parent] = node;
    }
    const place = new Uint32Array(count);
    const columns = { depth: [] as number[], frame: [] as number[] };
    let node = firstChild[ROOT]!;
    let depth = 1;
    while (node !== ROOT) {
      place[node] = columns.depth.push(depth) - 1;
      columns.frame.push(this.frame(node));
      if (firstChild[node] !== ROOT) {
        node = firstChild[node]!;
        depth++;
        continue;
      }
      while (node !== ROOT && nextSibling[node] === ROOT) {
        node = this.parent(node);
        depth--;
      }
      if (node !== ROOT) node = nextSibling[node]!;
    }
    return { columns, place };
  }

  #grow(): void {
    const length = this.#tables.stackCount * 2;
    const grown = (known: Int32Array): Int32Array => {
      const copy = new Int32Array(length).fill(UNKNOWN);
      copy.set(known);
      return copy;
    };
    this.#valid = grown(this.#valid);
    this.#invalid = grown(this.#invalid);
  }

  /** Without recursion: stacks may be ten thousand frames deep. */
  #stackNode(stack: StackId, base: number, known: Int32Array): number {
    const missing: StackId[] = [];
    let at = stack;
    while (at !== EMPTY_STACK && known[at] === UNKNOWN) {
      missing.push(at);
      at = this.#tables.stackParent(at);
    }
    let node = at === EMPTY_STACK ? base : known[at]!;
    for (const id of missing.reverse()) {
      node = this.#child(node, this.#rows.ofFrame(this.#tables.stackFrame(id)));
      known[id] = node;
    }
    return node;
  }

  #synthetic(parent: number, name: string): number {
    return this.#child(parent, this.#rows.ofSynthetic(name));
  }

  #child(parent: number, frame: number): number {
    return this.#nodes.intern(parent, frame) + 1;
  }
}
