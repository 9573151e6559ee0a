import {
  type Diagnostic,
  float64Column,
  type MetadataEntry,
  modeOf,
  type Profile,
  ProfileBuilder,
  type ProfileSink,
  ProfileTables,
  type SampleColumns,
  SampleFlag,
  type StackId,
  type ThreadId,
  uint8Column,
  uint32Column,
} from '@austin-profiler/profile';
import { LIGHTER_PATHS } from '../synthetic-names.js';
import { CELL_LIMITS, FOLDED, type SampleCells } from './sample-cells.js';
import { type SampleTotals, totalsOf } from './sample-totals.js';

/** Metadata that says, for people, how samples were added up while they were read. */
export const ADDED_UP_KEY = 'x-added-up';

/** This many samples are kept one by one. */
const MOST_SAMPLES = 1 << 21;

/**
 * Collects a profile of any length in bounded memory, for formats that do not hold single samples. Up to two million
 * samples it makes what a ProfileBuilder makes. Beyond, those of a thread with the same stack are added up in slots of
 * time: a row then stands for several, and metadata says so. Weights and numbers of samples are conserved.
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

  constructor(most = MOST_SAMPLES, limits = CELL_LIMITS, tables = new ProfileTables()) {
    this.tables = tables;
    this.#builder = new ProfileBuilder(tables);
    this.#most = most;
    this.#limits = limits;
  }

  addSample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    this.#count++;
    if (this.#totals) {
      this.#totals.addSample(stack, thread, timeUs, memoryBytes, flags);
      return;
    }
    this.#builder.addSample(stack, thread, timeUs, memoryBytes, flags);
    if (this.#count <= this.#most) return;
    this.#totals = totalsOf(this.#builder.build(), this.#limits);
    this.#builder = new ProfileBuilder(this.tables);
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
    const { cells, hasTime, hasMemory } = this.#totals;
    const samples = rowsOf(cells, this.tables);
    const place = (index: number): number => Math.round((index / this.#count) * samples.length);
    return {
      tables: this.tables,
      samples,
      metadata: [
        ...this.#metadata.map((entry) => ({ ...entry, sampleIndex: place(entry.sampleIndex) })),
        { key: ADDED_UP_KEY, value: addedUpText(cells), sampleIndex: samples.length },
      ],
      diagnostics: this.#diagnostics,
      mode: modeOf(this.#metadata, hasTime, hasMemory),
    };
  }
}

/** A row for each cell in order of time; a second one where memory was both gained and given back. */
function rowsOf(cells: SampleCells, tables: ProfileTables): SampleColumns {
  const [stack, thread, flags] = [uint32Column(), uint32Column(), uint8Column()];
  const [timeUs, memoryBytes, count] = [float64Column(), float64Column(), float64Column()];
  const order = Uint32Array.from({ length: cells.size }, (_, cell) => cell);
  order.sort((a, b) => cells.slot(a) - cells.slot(b) || a - b);
  for (const cell of order) {
    const add = (time: number, memory: number, samples: number): void => {
      stack.push(cells.flags(cell) & FOLDED ? foldedStack(tables, cells.stack(cell)) : cells.stack(cell));
      thread.push(cells.thread(cell));
      flags.push(cells.flags(cell) & (SampleFlag.Gc | SampleFlag.Idle | SampleFlag.Invalid));
      timeUs.push(time);
      memoryBytes.push(memory);
      count.push(samples);
    };
    const [gained, lost] = [cells.weight(cell, 'allocated'), cells.weight(cell, 'deallocated')];
    const others = cells.count(cell) - cells.losing(cell);
    if (lost === 0 || others === 0) add(cells.weight(cell, 'wall'), gained - lost, cells.count(cell));
    else {
      add(cells.weight(cell, 'wall'), gained, others);
      add(0, -lost, cells.losing(cell));
    }
  }
  return {
    length: stack.length,
    stack: stack.view(),
    thread: thread.view(),
    timeUs: timeUs.view(),
    memoryBytes: memoryBytes.view(),
    flags: flags.view(),
    count: count.view(),
  };
}

function foldedStack(tables: ProfileTables, stack: StackId): StackId {
  const fn = tables.internFunction(tables.internString(LIGHTER_PATHS), tables.internString(''));
  return tables.internStack(stack, tables.internFrame(fn));
}

function addedUpText({ slotLength, foldedBelow }: SampleCells): string {
  const slots = `samples of a thread with the same stack are added up in slots of ${slotLength} µs`;
  if (foldedBelow === 0) return slots;
  return `${slots}; stacks below ${foldedBelow * 100} % of the whole are cut, at ${LIGHTER_PATHS}`;
}
