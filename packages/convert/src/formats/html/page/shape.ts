import { InternTable } from '@austin-profiler/profile';
import { NO_FUNCTION, nestedNodes, ROOT } from './call-tree.js';
import { codeKind } from './colours.js';
import type { Recording } from './recording.js';
import { type Rows, threadRow } from './rows.js';

/** Which tree the graph shows, whatever is weighed in it. */
export interface ShapeOptions {
  readonly rows: Rows;
  /** Leave out libraries and native code: their weight goes to the code that called them. */
  readonly isOwnOnly: boolean;
  /** Threads to show as outermost frames; null merges all threads. */
  readonly splitThreads: readonly number[] | null;
}

/** A tree without weights, and the node that each cell weighs on. */
export interface Shape {
  readonly size: number;
  readonly parent: Uint32Array;
  readonly row: Int32Array;
  /** By cell. */
  readonly target: Uint32Array;
  readonly isNested?: Uint8Array;
  /** The same of a later state of the recording, which costs what is new in it. Absent where it has to be made anew. */
  readonly later?: (recording: Recording, rows: Rows) => Shape;
}

export function makeShape(recording: Recording, { rows, isOwnOnly, splitThreads }: ShapeOptions): Shape {
  const { cells } = recording;
  const builder = new ShapeBuilder(recording, rows, isOwnOnly);
  if (!splitThreads) {
    const shape = wholeShape(builder, recording, ROOT + 1);
    // The row of what is no code of one's own comes after all others, of which there may be more later.
    return isOwnOnly ? shape : growing(builder, shape, recording.size);
  }
  const target = new Uint32Array(cells.length);
  const ofThread = cellsByThread(recording);
  for (const thread of splitThreads) {
    const own = ofThread.get(thread) ?? [];
    if (own.length === 0) continue;
    const place = builder.place(builder.child(ROOT, threadRow(rows, thread)), nodesOf(recording, own));
    for (const cell of own) target[cell] = place(cells.node[cell]!);
  }
  return { ...builder.columns(), target };
}

/** All threads merged; nodes before `first` have their place already. */
function wholeShape(builder: ShapeBuilder, { cells, size }: Recording, first: number): Shape {
  const place = builder.place(ROOT, nodesFrom(first, size));
  const target = new Uint32Array(cells.length);
  for (let cell = 0; cell < cells.length; cell++) target[cell] = place(cells.node[cell]!);
  return { ...builder.columns(), target };
}

/** The shape, with what need not be worked out again of a later state. */
function growing(builder: ShapeBuilder, shape: Shape, size: number, known?: Uint8Array): Shape {
  const isNested = nestedNodes(shape.parent, shape.row, known);
  const later = (recording: Recording, rows: Rows): Shape => {
    builder.goOn(recording, rows);
    return growing(builder, wholeShape(builder, recording, size), recording.size, isNested);
  };
  return { ...shape, isNested, later };
}

class ShapeBuilder {
  #recording: Recording;
  #rows: Rows;
  readonly #isOwnOnly: boolean;
  #isKept: Uint8Array;
  readonly #nodes = new InternTable(2);
  #place: Uint32Array;

  constructor(recording: Recording, rows: Rows, isOwnOnly: boolean) {
    this.#recording = recording;
    this.#rows = rows;
    this.#isOwnOnly = isOwnOnly;
    this.#place = new Uint32Array(recording.size);
    this.#isKept = this.#keptRows();
  }

  /** A later state of the recording: nodes and rows that were there are what they were. */
  goOn(recording: Recording, rows: Rows): void {
    const place = new Uint32Array(recording.size);
    place.set(this.#place);
    this.#place = place;
    this.#recording = recording;
    this.#rows = rows;
    this.#isKept = this.#keptRows();
  }

  #keptRows(): Uint8Array {
    return Uint8Array.from(this.#rows.infos, ({ kind, file }) => {
      const code = codeKind(kind, file);
      return !this.#isOwnOnly || code === 'own' || code === 'synthetic' ? 1 : 0;
    });
  }

  child(parent: number, row: number): number {
    return this.#nodes.intern(parent, row) + 1;
  }

  /** Puts nodes, parents before children, below `base`; returns where the weight of each goes. */
  place(base: number, nodes: Iterable<number>): (node: number) => number {
    const { parent, frame } = this.#recording;
    const place = this.#place;
    place[ROOT] = base;
    for (const node of nodes) {
      const above = place[parent[node]!]!;
      const row = this.#rows.ofFrame[frame[node]!]!;
      const isSameModule = this.#rows.by === 'module' && above !== base && this.#rowOf(above) === row;
      place[node] = isSameModule || !this.#isKept[row] ? above : this.child(above, row);
    }
    return (node) => (place[node] === base ? this.child(base, this.#rows.other) : place[node]!);
  }

  columns(): Pick<Shape, 'size' | 'parent' | 'row'> {
    const size = this.#nodes.size + 1;
    const parent = new Uint32Array(size);
    const row = new Int32Array(size);
    row[ROOT] = NO_FUNCTION;
    for (let node = 1; node < size; node++) {
      parent[node] = this.#nodes.get(node - 1, 0);
      row[node] = this.#rowOf(node);
    }
    return { size, parent, row };
  }

  #rowOf(node: number): number {
    return this.#nodes.get(node - 1, 1);
  }
}

function* nodesFrom(first: number, size: number): Iterable<number> {
  for (let node = first; node < size; node++) yield node;
}

function cellsByThread({ cells }: Recording): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (let cell = 0; cell < cells.length; cell++) {
    const group = groups.get(cells.thread[cell]!);
    if (group) group.push(cell);
    else groups.set(cells.thread[cell]!, [cell]);
  }
  return groups;
}

/** The nodes that cells weigh on, with all they are part of, parents before children. */
function nodesOf({ cells, parent }: Recording, some: readonly number[]): Iterable<number> {
  const found = new Set<number>();
  for (const cell of some) {
    for (let node = cells.node[cell]!; node !== ROOT && !found.has(node); node = parent[node]!)
      found.add(node);
  }
  return Uint32Array.from(found).sort();
}
