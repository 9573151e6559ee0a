import type {
  Cells,
  FrameColumns,
  FunctionColumns,
  PageData,
  Recording,
} from '@austin-profiler/convert/page';
import type { CellUpdate, LaneUpdate, PictureUpdate } from '../protocol.js';

const ROOT = 0;
const NO_FRAME = -1;

type Columns<T> = { [K in keyof T]: number[] };

/** What the server has told so far of one recording: tables that grow, and weights that change. */
export class LiveState {
  readonly #strings: string[] = [];
  readonly #functions: Columns<FunctionColumns> = { name: [], file: [], line: [], kind: [] };
  readonly #frames: Columns<FrameColumns> = { fn: [], line: [], lineEnd: [], column: [], columnEnd: [] };
  readonly #parent: number[] = [ROOT];
  readonly #frame: number[] = [NO_FRAME];
  readonly #sources: PageData['sources'] = { file: [], text: [], problem: [] };
  #threads: { pid: number[]; label: string[] } = { pid: [], label: [] };
  #cells = noCells();
  #lanes = noLanes();
  #latest: PictureUpdate;

  /** @param first an update that says that it is a start */
  constructor(first: PictureUpdate) {
    this.#latest = first;
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

  recording(): Recording {
    return {
      payload: this.data,
      size: this.#parent.length,
      parent: Uint32Array.from(this.#parent),
      frame: Int32Array.from(this.#frame),
      cells: byThread(this.#cells, this.#threads.pid.length),
    };
  }

  #applyCells({ isWhole, row, thread, slot, node, weight }: CellUpdate): void {
    if (isWhole) this.#cells = noCells();
    const cells = this.#cells;
    for (const [i, cell] of row.entries()) {
      cells.thread[cell] = thread[i]!;
      cells.slot[cell] = slot[i]!;
      cells.node[cell] = node[i]!;
    }
    setColumns(cells.weight, row, weight);
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
  readonly thread: number[];
  readonly slot: number[];
  readonly node: number[];
  readonly weight: number[][];
}

function noCells(): CellColumns {
  return { thread: [], slot: [], node: [], weight: [] };
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
function append<T>(column: T[], values: readonly T[]): void {
  for (const value of values) column.push(value);
}

function keysOf<T extends object>(columns: T): (keyof T)[] {
  return Object.keys(columns) as (keyof T)[];
}

/** The cells of each thread behind each other, as the time line wants them. */
function byThread(cells: CellColumns, threads: number): Cells {
  const { length } = cells.thread;
  const next = new Uint32Array(threads + 1);
  for (const thread of cells.thread) next[thread + 1]!++;
  for (let thread = 0; thread < threads; thread++) next[thread + 1]! += next[thread]!;
  const place = Uint32Array.from(cells.thread, (thread) => next[thread]!++);
  const sorted = <A extends Uint32Array | Float64Array>(into: A, column: readonly number[]): A => {
    for (let cell = 0; cell < length; cell++) into[place[cell]!] = column[cell]!;
    return into;
  };
  return {
    length,
    thread: sorted(new Uint32Array(length), cells.thread),
    slot: sorted(new Uint32Array(length), cells.slot),
    node: sorted(new Uint32Array(length), cells.node),
    weight: cells.weight.map((column) => sorted(new Float64Array(length), column)),
  };
}
