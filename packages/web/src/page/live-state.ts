import type {
  Cells,
  FrameColumns,
  FunctionColumns,
  PageData,
  Recording,
} from '@austin-profiler/convert/page';
import { type Column, float64Column, int32Column, uint32Column } from '@austin-profiler/profile';
import type { CellUpdate, LaneUpdate, PictureUpdate } from '../protocol.js';

const ROOT = 0;
const NO_FRAME = -1;

type Columns<T> = { [K in keyof T]: number[] };

/** What the server has told so far of one recording: tables that grow, and weights that change. */
export class LiveState {
  readonly #strings: string[] = [];
  readonly #functions: Columns<FunctionColumns> = { name: [], file: [], line: [], kind: [] };
  readonly #frames: Columns<FrameColumns> = { fn: [], line: [], lineEnd: [], column: [], columnEnd: [] };
  readonly #parent = uint32Column();
  readonly #frame = int32Column();
  readonly #sources: PageData['sources'] = { file: [], text: [], problem: [] };
  #threads: { pid: number[]; label: string[] } = { pid: [], label: [] };
  #cells = noCells();
  #lanes = noLanes();
  #latest: PictureUpdate;

  /** @param first an update that says that it is a start */
  constructor(first: PictureUpdate) {
    this.#latest = first;
    this.#parent.push(ROOT);
    this.#frame.push(NO_FRAME);
    this.apply(first);
  }

  apply(update: PictureUpdate): void {
    this.#latest = update;
    append(this.#strings, update.strings);
    for (const name of keysOf(this.#functions)) append(this.#functions[name], update.functions[name]);
    for (const name of keysOf(this.#frames)) append(this.#frames[name], update.frames[name]);
    append(this.#parent, update.nodes.parent);
    append(this.#frame, update.nodes.frame);
    if (update.threads) this.#threads = update.threads;
    this.#applyCells(update.cells);
    this.#applyLanes(update.lanes);
  }

  get isEmpty(): boolean {
    return this.#cells.thread.length === 0;
  }

  get data(): PageData {
    const { facts, metrics, time, foldedBelow } = this.#latest;
    return {
      // The bar above tells it.
      title: '',
      facts,
      metrics,
      rows: 'function',
      strings: this.#strings,
      functions: this.#functions,
      frames: this.#frames,
      threads: this.#threads,
      time,
      foldedBelow,
      lanes: this.#lanes,
      sources: this.#sources,
    };
  }

  /** A later update changes weights in it, and nothing else. */
  recording(): Recording {
    return {
      payload: this.data,
      size: this.#parent.length,
      parent: this.#parent.view(),
      frame: this.#frame.view(),
      cells: byThread(this.#cells, this.#threads.pid.length),
    };
  }

  #applyCells({ isWhole, row, thread, slot, node, weight }: CellUpdate): void {
    if (isWhole) this.#cells = noCells();
    const cells = this.#cells;
    for (const [i, cell] of row.entries()) {
      cells.thread.set(cell, thread[i]!);
      cells.slot.set(cell, slot[i]!);
      cells.node.set(cell, node[i]!);
    }
    for (const [metric, values] of weight.entries()) {
      cells.weight[metric] ??= float64Column();
      for (const [i, cell] of row.entries()) cells.weight[metric].set(cell, values[i]!);
    }
  }

  #applyLanes({ isWhole, row, thread, slot, samples, squares }: LaneUpdate): void {
    if (isWhole) this.#lanes = noLanes();
    const lanes = this.#lanes;
    for (const [i, lane] of row.entries()) {
      lanes.thread[lane] = thread[i]!;
      lanes.slot[lane] = slot[i]!;
    }
    setColumns(lanes.samples, row, samples);
    setColumns(lanes.squares, row, squares);
  }
}

interface CellColumns {
  readonly thread: Column<Uint32Array>;
  readonly slot: Column<Uint32Array>;
  readonly node: Column<Uint32Array>;
  /** By metric. */
  readonly weight: Column<Float64Array>[];
}

function noCells(): CellColumns {
  return { thread: uint32Column(), slot: uint32Column(), node: uint32Column(), weight: [] };
}

function noLanes(): { thread: number[]; slot: number[]; samples: number[][]; squares: number[][] } {
  return { thread: [], slot: [], samples: [], squares: [] };
}

function setColumns(columns: number[][], row: readonly number[], values: readonly number[][]): void {
  for (const [index, column] of values.entries()) {
    columns[index] ??= [];
    for (const [i, at] of row.entries()) columns[index][at] = column[i]!;
  }
}

/** Not all at once: a function takes only so many arguments. */
function append<T>(column: { push(value: T): void }, values: readonly T[]): void {
  for (const value of values) column.push(value);
}

function keysOf<T extends object>(columns: T): (keyof T)[] {
  return Object.keys(columns) as (keyof T)[];
}

/** The cells of each thread behind each other, as the time line wants them: where they are so already, without a copy. */
function byThread({ thread, slot, node, weight }: CellColumns, threads: number): Cells {
  const cells = {
    length: thread.length,
    thread: thread.view(),
    slot: slot.view(),
    node: node.view(),
    weight: weight.map((column) => column.view()),
  };
  const isSorted = cells.thread.every((row, cell) => cell === 0 || cells.thread[cell - 1]! <= row);
  return isSorted ? cells : sorted(cells, threads);
}

function sorted({ length, thread, slot, node, weight }: Cells, threads: number): Cells {
  const next = new Uint32Array(threads + 1);
  for (let cell = 0; cell < length; cell++) next[thread[cell]! + 1]!++;
  for (let row = 0; row < threads; row++) next[row + 1]! += next[row]!;
  const place = new Uint32Array(length);
  for (let cell = 0; cell < length; cell++) place[cell] = next[thread[cell]!]!++;
  return {
    length,
    thread: moved(thread, new Uint32Array(length), place),
    slot: moved(slot, new Uint32Array(length), place),
    node: moved(node, new Uint32Array(length), place),
    weight: weight.map((column) => moved(column, new Float64Array(length), place)),
  };
}

function moved<A extends Uint32Array | Float64Array>(from: A, into: A, place: Uint32Array): A {
  for (let cell = 0; cell < from.length; cell++) into[place[cell]!] = from[cell]!;
  return into;
}
