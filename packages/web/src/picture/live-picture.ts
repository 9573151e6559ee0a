import { randomBytes } from 'node:crypto';
import { countsSamples, type LiveProfile } from '@austin-profiler/convert/live';
import {
  type Facts,
  FrameRows,
  factsOf,
  hasTimeLine,
  type PageMetric,
  pageMetrics,
  type SampleTotals,
  StackNodes,
  timeUnit,
} from '@austin-profiler/convert/page-data';
import type { CellUpdate, LaneUpdate, PictureUpdate } from '../protocol.js';
import { ChangeLog } from './change-log.js';
import { type Cursor, isUpTo } from './cursor.js';
import { ThreadRows } from './thread-rows.js';

/**
 * A recording as the page shows it, and what has changed in it. All who look at it share it; what each has been told is a
 * {@link Cursor}, so that somebody slow costs nothing but that.
 */
export class LivePicture {
  /** No two pictures have the same, of this process or another. */
  readonly id = randomBytes(9).toString('base64url');
  readonly #live: LiveProfile;
  readonly #rows: FrameRows;
  readonly #nodes: StackNodes;
  readonly #threads: ThreadRows;
  #totals: SampleTotals | undefined;
  #generation = -1;
  #metrics: readonly PageMetric[] = [];
  #hasTime = true;
  #facts!: Facts;
  #factsText = '';
  #epoch = 0;
  #version = 0;
  #cells = new ChangeLog();
  #lanes = new ChangeLog();
  #nodeOfCell: number[] = [];

  constructor(live: LiveProfile) {
    this.#live = live;
    this.#rows = new FrameRows(live.tables);
    this.#nodes = new StackNodes(live.tables, this.#rows);
    this.#threads = new ThreadRows(live.tables);
  }

  /** The profile that it is a picture of. */
  get live(): LiveProfile {
    return this.#live;
  }

  /** Looks at what has come. Call it before {@link since}, with nothing in between. */
  refresh(): void {
    const version = this.#version + 1;
    const isRenumbered = this.#startEpoch();
    const hasRows = this.#noteRows(version);
    const hasNames = this.#threads.refresh(version);
    const hasFacts = this.#noteFacts();
    if (isRenumbered || hasRows || hasNames || hasFacts) this.#version = version;
  }

  get cursor(): Cursor {
    return {
      picture: this.id,
      epoch: this.#epoch,
      version: this.#version,
      strings: this.#rows.strings.length,
      functions: this.#rows.functions.name.length,
      frames: this.#rows.frames.fn.length,
      nodes: this.#nodes.size - 1,
      cells: this.#cells.length,
      lanes: this.#lanes.length,
    };
  }

  /**
   * What somebody has to be told who knows what the cursor says; everything for one who knows nothing, or another picture.
   * Undefined when there is nothing to tell.
   */
  since(told: Cursor | undefined): PictureUpdate | undefined {
    const now = this.cursor;
    const known = told && isUpTo(told, now) ? told : undefined;
    if (known?.version === this.#version) return undefined;
    const isWhole = known === undefined || known.epoch !== now.epoch;
    const { strings, functions, frames, nodes, version } = known ?? NOTHING;
    const { slotCount = 0, slotLength = 1, foldedBelow = 0 } = this.#totals?.cells ?? {};
    return {
      isStart: known === undefined,
      facts: this.#facts,
      metrics: this.#metrics.map(({ id, unit }) => ({ id, unit })),
      time: {
        unit: timeUnit(this.#live.head()),
        slots: this.#hasTime ? slotCount : Math.min(slotCount, 1),
        slotLength,
      },
      foldedBelow,
      strings: this.#rows.strings.slice(strings),
      functions: rowsFrom(this.#rows.functions, functions),
      frames: rowsFrom(this.#rows.frames, frames),
      nodes: this.#nodesFrom(nodes + 1),
      ...((known === undefined || this.#threads.changedAt > version) && { threads: this.#threads.columns() }),
      cells: this.#cellsSince(isWhole, version, isWhole ? 0 : known.cells),
      lanes: this.#lanesSince(isWhole, version, isWhole ? 0 : known.lanes),
    };
  }

  /** Starts anew to number cells and lanes where the profile does. */
  #startEpoch(): boolean {
    const { totals } = this.#live;
    const head = this.#live.head();
    const metrics = pageMetrics(head);
    const isSame =
      totals === this.#totals &&
      (totals?.cells.generation ?? -1) === this.#generation &&
      metrics.length === this.#metrics.length &&
      metrics.every(({ id }, index) => id === this.#metrics[index]!.id);
    if (isSame) return false;
    this.#totals = totals;
    this.#generation = totals?.cells.generation ?? -1;
    this.#metrics = metrics;
    this.#hasTime = hasTimeLine(head);
    this.#epoch++;
    this.#cells = new ChangeLog();
    this.#lanes = new ChangeLog();
    this.#nodeOfCell = [];
    return true;
  }

  #noteRows(version: number): boolean {
    if (!this.#totals) return false;
    const { cells } = this.#totals;
    let hasChanged = false;
    for (let cell = 0; cell < cells.size; cell++) {
      if (cell === this.#nodeOfCell.length) {
        this.#nodeOfCell.push(this.#nodes.of(cells.stack(cell), cells.flags(cell)));
        this.#threads.of(cells.thread(cell));
      }
      if (this.#cells.note(cell, cells.count(cell), version)) hasChanged = true;
    }
    const { keys, samples } = cells.lanes;
    for (let lane = 0; lane < keys.size; lane++) {
      const count = this.#metrics.reduce((sum, { raw }) => sum + samples[raw][lane]!, 0);
      if (this.#lanes.note(lane, count, version)) hasChanged = true;
    }
    return hasChanged;
  }

  #noteFacts(): boolean {
    const head = this.#live.head();
    const isCounts = countsSamples(head);
    this.#facts = factsOf(head, this.#totals?.counts(isCounts) ?? { samples: 0, invalid: 0 });
    const text = JSON.stringify(this.#facts);
    if (text === this.#factsText) return false;
    this.#factsText = text;
    return true;
  }

  #nodesFrom(first: number): PictureUpdate['nodes'] {
    const nodes: PictureUpdate['nodes'] = { parent: [], frame: [] };
    for (let node = first; node < this.#nodes.size; node++) {
      nodes.parent.push(this.#nodes.parent(node));
      nodes.frame.push(this.#nodes.frame(node));
    }
    return nodes;
  }

  #cellsSince(isWhole: boolean, version: number, known: number): CellUpdate {
    const row = this.#cells.since(isWhole ? 0 : version, known);
    const cells = this.#totals?.cells;
    return {
      isWhole,
      row,
      thread: row.map((cell) => this.#threads.of(cells!.thread(cell))),
      slot: row.map((cell) => (this.#hasTime ? cells!.slot(cell) : 0)),
      node: row.map((cell) => this.#nodeOfCell[cell]!),
      weight: this.#metrics.map(({ raw }) => row.map((cell) => cells!.weight(cell, raw))),
    };
  }

  #lanesSince(isWhole: boolean, version: number, known: number): LaneUpdate {
    const row = this.#lanes.since(isWhole ? 0 : version, known);
    const lanes = this.#totals?.cells.lanes;
    return {
      isWhole,
      row,
      thread: row.map((lane) => this.#threads.of(lanes!.keys.get(lane, 0))),
      slot: row.map((lane) => (this.#hasTime ? lanes!.keys.get(lane, 1) : 0)),
      samples: this.#metrics.map(({ raw }) => row.map((lane) => lanes!.samples[raw][lane]!)),
      squares: this.#metrics.map(({ raw }) => row.map((lane) => lanes!.squares[raw][lane]!)),
    };
  }
}

const NOTHING = { strings: 0, functions: 0, frames: 0, nodes: 0, version: 0 };

function rowsFrom<T extends Record<string, readonly number[]>>(columns: T, first: number): T {
  const entries = Object.entries(columns).map(([name, column]) => [name, column.slice(first)]);
  return Object.fromEntries(entries) as T;
}
