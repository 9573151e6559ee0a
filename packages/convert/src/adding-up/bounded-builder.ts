import {
  type Diagnostic,
  EMPTY_STACK,
  float64Column,
  MERGED_SAMPLES_KEY,
  type MetadataEntry,
  modeOf,
  type Profile,
  ProfileBuilder,
  type ProfileSink,
  ProfileTables,
  replaySample,
  type SampleColumns,
  SampleFlag,
  type StackId,
  THREAD_START_KEY,
  type ThreadId,
  threadKey,
  uint8Column,
  uint32Column,
  WEIGHT_UNIT_KEY,
} from '@austin-profiler/profile';
import { LIGHTER_PATHS } from '../synthetic-names.js';
import { foldedStack } from './folded-stack.js';
import { CELL_LIMITS, FOLDED, KEPT_FLAGS, type SampleCells } from './sample-cells.js';
import { type SampleTotals, totalsOf } from './sample-totals.js';

/** Metadata that says, for people, how samples were added up while they were read. */
export const ADDED_UP_KEY = 'x-added-up';

/** This many samples are kept one by one. */
const MOST_SAMPLES = 1 << 21;

/**
 * Collects a profile of any length in bounded memory, for formats and views of which nobody needs millions of single samples. Up
 * to two million samples it makes what a ProfileBuilder makes. Beyond, those of a thread with the same stack are added up in
 * slots of time: a row then stands for several, and metadata says so. Weights and numbers of samples are conserved; times
 * are right to within a slot.
 */
export class BoundedBuilder implements ProfileSink {
  readonly tables: ProfileTables;
  readonly #most: number;
  readonly #limits;
  /** Until there are too many samples: all of them. From then on: metadata and diagnostics. */
  #builder: ProfileBuilder;
  #totals: SampleTotals | undefined;
  readonly #metadata: MetadataEntry[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  #count = 0;

  /** @param most how many samples are kept one by one */
  constructor(most = MOST_SAMPLES, limits = CELL_LIMITS, tables = new ProfileTables()) {
    this.tables = tables;
    this.#builder = new ProfileBuilder(tables);
    this.#most = most;
    this.#limits = limits;
  }

  /** What is added up, from the sample on that made it necessary. */
  get totals(): SampleTotals | undefined {
    return this.#totals;
  }

  addSample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    this.#count++;
    if (this.#totals) {
      this.#totals.addSample(stack, thread, timeUs, memoryBytes, flags);
      return;
    }
    this.#builder.addSample(stack, thread, timeUs, memoryBytes, flags);
    if (this.#count > this.#most) this.#addUp();
  }

  /** Adds a row of other samples, which may stand for several. */
  addRow(samples: SampleColumns, row: number): void {
    if (samples.count === undefined) {
      replaySample(samples, row, this);
      return;
    }
    this.#count += samples.count[row]!;
    (this.#totals ?? this.#addUp()).addRow(samples, row);
  }

  #addUp(): SampleTotals {
    this.#totals = totalsOf(this.#builder.build(), this.#limits);
    this.#builder = new ProfileBuilder(this.tables);
    return this.#totals;
  }

  addMetadata(key: string, value: string): void {
    this.#builder.addMetadata(key, value);
    this.#metadata.push({ key, value, sampleIndex: this.#count });
    this.#totals?.noteMetadata({ key, value });
  }

  addDiagnostic(diagnostic: Diagnostic): void {
    this.#builder.addDiagnostic(diagnostic);
    this.#diagnostics.push(diagnostic);
  }

  /** The profile so far. Build once, at the end, unless samples are being added up already. */
  build(): Profile {
    if (!this.#totals) return this.#builder.build();
    const { cells, hasTime, hasMemory, slotUnit } = this.#totals;
    const { samples, slots } = rowsOf(cells, this.tables);
    const place = (index: number): number => Math.round((index / this.#count) * samples.length);
    const facts = this.#metadata
      // Said again where they belong.
      .filter(({ key }) => !key.startsWith(`${THREAD_START_KEY}:`))
      .map((entry) => ({ ...entry, sampleIndex: place(entry.sampleIndex) }));
    const has = (wanted: string, isMeant: (value: string) => boolean): boolean =>
      facts.some(({ key, value }) => key === wanted && isMeant(value));
    const unit = has(WEIGHT_UNIT_KEY, (value) => value === 'count') ? 'samples' : slotUnit;
    // Of merged samples nobody knows when they were taken.
    const isTime = cells.hasTimes && unit === 'µs' && !has(MERGED_SAMPLES_KEY, () => true);
    const starts = isTime ? threadStarts(samples, slots, cells, this.tables) : [];
    return {
      tables: this.tables,
      samples,
      metadata: [
        ...[...facts, ...starts].sort((a, b) => a.sampleIndex - b.sampleIndex),
        { key: ADDED_UP_KEY, value: addedUpText(cells, unit), sampleIndex: samples.length },
      ],
      diagnostics: this.#diagnostics,
      mode: modeOf(this.#metadata, hasTime, hasMemory),
    };
  }
}

/**
 * Sets the clock of a thread where it begins, and where it leaves out a whole slot: so that what was added up stays in the
 * middle of its slot.
 */
function threadStarts(
  { thread, timeUs, length }: SampleColumns,
  slots: readonly number[],
  { slotLength, slotCount }: SampleCells,
  tables: ProfileTables,
): MetadataEntry[] {
  /** Time of each thread in each slot. */
  const spent = new Map<number, number>();
  const lane = (row: number): number => thread[row]! * slotCount + slots[row]!;
  for (let row = 0; row < length; row++) spent.set(lane(row), (spent.get(lane(row)) ?? 0) + timeUs[row]!);
  const clocks: number[] = [];
  const starts: MetadataEntry[] = [];
  for (let row = 0; row < length; row++) {
    const id = thread[row]! as ThreadId;
    const begin = Math.max(0, (slots[row]! + 0.5) * slotLength - spent.get(lane(row))! / 2);
    const clock = clocks[id];
    const isOnTime = clock !== undefined && clock + slotLength > begin;
    const taken = Math.round((isOnTime ? clock : begin) + timeUs[row]!);
    clocks[id] = taken;
    if (isOnTime) continue;
    starts.push({
      key: threadKey(THREAD_START_KEY, tables.thread(id)),
      value: String(taken),
      sampleIndex: row,
    });
  }
  return starts;
}

/** A row for each cell, with its slot; in order of time, if that is kept. */
function rowsOf(cells: SampleCells, tables: ProfileTables): { samples: SampleColumns; slots: number[] } {
  const slots: number[] = [];
  const [stack, thread, flags] = [uint32Column(), uint32Column(), uint8Column()];
  const [timeUs, memoryBytes, count] = [float64Column(), float64Column(), float64Column()];
  const [timeSquares, memorySquares] = [float64Column(), float64Column()];
  const order = cells.hasTimes ? orderOfTime(cells, tables) : undefined;
  for (let row = 0; row < cells.size; row++) {
    const cell = order?.[row] ?? row;
    stack.push(cells.flags(cell) & FOLDED ? foldedStack(tables, cells.stack(cell)) : cells.stack(cell));
    thread.push(cells.thread(cell));
    flags.push(cells.flags(cell) & KEPT_FLAGS);
    timeUs.push(cells.weight(cell, 'wall'));
    memoryBytes.push(cells.memory(cell));
    count.push(cells.count(cell));
    const squares = cells.squares(cell);
    timeSquares.push(squares.time);
    memorySquares.push(squares.memory);
    slots.push(cells.slot(cell));
  }
  const samples = {
    length: stack.length,
    stack: stack.view(),
    thread: thread.view(),
    timeUs: timeUs.view(),
    memoryBytes: memoryBytes.view(),
    flags: flags.view(),
    count: count.view(),
    squares: { timeUs: timeSquares.view(), memoryBytes: memorySquares.view() },
  };
  return { samples, slots };
}

/**
 * The cells in order of time. Within a slot nobody knows the order any more: there they stand as in a call tree, idle ones last,
 * so that a time line has as few slices as can be.
 */
function orderOfTime(cells: SampleCells, tables: ProfileTables): Uint32Array {
  const ranks = treeRanks(tables);
  const idle = (cell: number): number => cells.flags(cell) & SampleFlag.Idle;
  const rank = (cell: number): number => ranks[cells.stack(cell)]!;
  const order = Uint32Array.from({ length: cells.size }, (_, cell) => cell);
  return order.sort(
    (a, b) => cells.slot(a) - cells.slot(b) || idle(a) - idle(b) || rank(a) - rank(b) || a - b,
  );
}

/** The place of each stack in a walk through the tree of all: a stack before those that continue it, and those together. */
function treeRanks(tables: ProfileTables): Uint32Array {
  const count = tables.stackCount;
  const nextSibling = new Uint32Array(count);
  const firstChild = new Uint32Array(count);
  // From the last on, so that the first child comes to stand in front.
  for (let stack = count - 1; stack > EMPTY_STACK; stack--) {
    const parent = tables.stackParent(stack as StackId);
    nextSibling[stack] = firstChild[parent]!;
    firstChild[parent] = stack;
  }
  const ranks = new Uint32Array(count);
  const waiting: number[] = [EMPTY_STACK];
  for (let rank = 0, at = waiting.pop(); at !== undefined; at = waiting.pop(), rank++) {
    ranks[at] = rank;
    if (nextSibling[at] !== 0) waiting.push(nextSibling[at]!);
    if (firstChild[at] !== 0) waiting.push(firstChild[at]!);
  }
  return ranks;
}

function addedUpText({ slotLength, foldedBelow }: SampleCells, unit: 'µs' | 'samples'): string {
  const slots = `samples of a thread with the same stack are added up in slots of ${slotLength} ${unit}`;
  if (foldedBelow === 0) return slots;
  return `${slots}; stacks below ${foldedBelow * 100} % of the whole are cut, at ${LIGHTER_PATHS}`;
}
