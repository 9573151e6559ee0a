import {
  EMPTY_STACK,
  InternTable,
  type ProfileTables,
  SampleFlag,
  type StackId,
} from '@austin-profiler/profile';

/** Set beside the flags of a sample: its stack is cut, since it weighed too little to be kept whole. */
export const FOLDED = 16;
/** The flags of a sample that are told apart. */
export const KEPT_FLAGS = SampleFlag.Gc | SampleFlag.Idle | SampleFlag.Invalid | SampleFlag.HoldsGil;
const FLAG_MASK = KEPT_FLAGS | FOLDED;
/** Behind the flags in a cell's key: what its samples took of memory, and what gave some back. */
const GAINED = 32;
const LOST = 64;
const KEY_BITS = 7;
const KEY_MASK = (1 << KEY_BITS) - 1;

/** Weights that a sample can have. `idle` is wall time off the CPU. */
export const RAW_METRICS = ['wall', 'cpu', 'idle', 'gil', 'allocated', 'deallocated'] as const;
export type RawMetric = (typeof RAW_METRICS)[number];

/** The length of a slot doubles when there would be more of them: there are half as many then. */
const MAX_SLOTS = 2048;
/** Where cutting stacks begins, as a share of the whole. */
const LEAST_SHARE = 1e-7;
/** What is given up for memory, in this order: down to how many slots, then stacks below which share of the whole. */
const SACRIFICES = [
  { slots: 128, share: 1e-5 },
  { slots: 32, share: 1e-4 },
  { slots: 8, share: 1e-3 },
  { slots: 1, share: 1e-2 },
];

/** How much is kept. Tests lower it. */
export interface CellLimits {
  readonly cells: number;
  readonly stacks: number;
  /** Of time; 1 where it does not matter when a sample was taken. Default: 2048. */
  readonly slots?: number;
}

export const CELL_LIMITS: CellLimits = { cells: 1 << 19, stacks: 1 << 20 };

/** What is added up in a cell: weights, samples, and squares of the weights of single samples. */
interface CellSums<T> {
  readonly time: T;
  /** Only gained or only lost, which is below 0. */
  readonly memory: T;
  readonly count: T;
  readonly timeSquares: T;
  readonly memorySquares: T;
}

/** A sample, or several with the same stack. */
export interface AddedSample {
  readonly thread: number;
  readonly stack: StackId;
  /** Where on the time line, 0 or more. */
  readonly position: number;
  /** A set of SampleFlag. */
  readonly flags: number;
  readonly time: number;
  readonly memory: number;
  readonly count: number;
  /** Of the weights of single samples, where it stands for several and they are known. */
  readonly timeSquares?: number;
  readonly memorySquares?: number;
}

/** Samples of a thread in a slot: how many have a weight, and the sum of its squares, for each metric. */
export interface LaneSums {
  /** Thread and slot of each row. */
  readonly keys: InternTable;
  readonly samples: Record<RawMetric, number[]>;
  readonly squares: Record<RawMetric, number[]>;
}

/**
 * Samples added up: one cell for all of a thread with the same stack and flags in the same slot of time, those apart that
 * took memory, gave some back, or neither. Memory is bounded by what differs, not by how long the recording is: slots become longer, and if that does not help the
 * lightest stacks are cut where they leave heavier ones. No weight is ever lost.
 */
export class SampleCells {
  /** Thread, stack, and slot with flags and kind. */
  #keys = new InternTable(3);
  #sums = noSums();
  #lanes = noLanes();
  /** What a slot is long, in the unit of positions. */
  slotLength = 1;
  slotCount = 0;
  /** Counts how often cells and lanes were numbered anew. As long as it stays, a number means the same cell or lane. */
  generation = 0;
  /** Share of the whole below which stacks were cut; 0 if none was. */
  foldedBelow = 0;
  readonly #tables: ProfileTables;
  readonly #mostStacks: number;
  readonly #mostSlots: number;
  #most: number;

  constructor(tables: ProfileTables, limits: CellLimits = CELL_LIMITS) {
    this.#tables = tables;
    this.#mostStacks = limits.stacks;
    this.#mostSlots = limits.slots ?? MAX_SLOTS;
    this.#most = limits.cells;
  }

  get size(): number {
    return this.#keys.size;
  }
  /** Whether it is kept when samples were taken. */
  get hasTimes(): boolean {
    return this.#mostSlots > 1;
  }
  get lanes(): LaneSums {
    return this.#lanes;
  }
  thread(cell: number): number {
    return this.#keys.get(cell, 0);
  }
  stack(cell: number): StackId {
    return this.#keys.get(cell, 1) as StackId;
  }
  slot(cell: number): number {
    return this.#keys.get(cell, 2) >>> KEY_BITS;
  }
  flags(cell: number): number {
    return this.#keys.get(cell, 2) & FLAG_MASK;
  }
  /** How many samples the cell stands for. */
  count(cell: number): number {
    return this.#sums.count[cell]!;
  }
  /** Change of memory, signed. */
  memory(cell: number): number {
    return this.#sums.memory[cell]!;
  }
  /** Sums of the squares of what its samples weigh by themselves. */
  squares(cell: number): { time: number; memory: number } {
    return { time: this.#sums.timeSquares[cell]!, memory: this.#sums.memorySquares[cell]! };
  }
  weight(cell: number, metric: RawMetric): number {
    const { time, memory } = this.#sums;
    return cellWeight(metric, this.flags(cell), time[cell]!, memory[cell]!);
  }

  add({ thread, stack, position, flags, time, memory, count, ...squares }: AddedSample): void {
    const slot = this.#slotAt(position);
    const kind = memory === 0 ? 0 : memory > 0 ? GAINED : LOST;
    const key = (slot << KEY_BITS) | kind | (flags & KEPT_FLAGS);
    // As if all had the same weight, where several come as one and nothing else is known.
    const { timeSquares = (time * time) / count, memorySquares = (memory * memory) / count } = squares;
    this.#addCell(thread, stack, key, { time, memory, count, timeSquares, memorySquares });
    const lane = this.#laneOf(thread, slot);
    for (const metric of RAW_METRICS) {
      if (cellWeight(metric, flags, time, memory) === 0) continue;
      const isMemory = metric === 'allocated' || metric === 'deallocated';
      this.#lanes.samples[metric][lane]! += count;
      this.#lanes.squares[metric][lane]! += isMemory ? memorySquares : timeSquares;
    }
    if (this.size > this.#most) this.#shrink();
  }

  /** Cuts stacks until there are no more of them than the limit. Call it when all samples are there. */
  limitStacks(): void {
    const { totals, whole } = this.#stackTotals();
    const kept = (share: number): number => {
      let count = 0;
      for (let stack = EMPTY_STACK + 1; stack < totals.length; stack++) {
        if (totals[stack]! > 0 && totals[stack]! >= share * whole) count++;
      }
      return count;
    };
    let share = this.foldedBelow;
    while (kept(share) > this.#mostStacks) share = share === 0 ? LEAST_SHARE : share * 2;
    if (share > this.foldedBelow) this.#fold(share, totals, whole);
  }

  /** Makes all slots one: positions meant nothing. */
  dropSlots(): void {
    this.#rekey(32, (stack) => stack);
    this.slotCount = Math.min(this.slotCount, 1);
  }

  #slotAt(position: number): number {
    if (!this.hasTimes) {
      this.slotCount = 1;
      return 0;
    }
    let shift = 0;
    while (position >= this.slotLength * this.#mostSlots) {
      this.slotLength *= 2;
      shift++;
    }
    if (shift > 0) this.#rekey(shift, (stack) => stack);
    const slot = Math.floor(position / this.slotLength);
    this.slotCount = Math.max(this.slotCount, slot + 1);
    return slot;
  }

  /** Halves the cells: by longer slots and by cut stacks in turn, so that neither is given up for the other. */
  #shrink(): void {
    const wanted = this.#most / 2;
    for (const { slots, share: most } of SACRIFICES) {
      while (this.size > wanted && this.slotCount > slots) this.#doubleSlots();
      for (let share = this.foldedBelow || LEAST_SHARE; this.size > wanted && share <= most; share *= 2) {
        const { totals, whole } = this.#stackTotals();
        this.#fold(share, totals, whole);
      }
    }
    // Threads alone can be this many: do not try again with each sample.
    if (this.size > wanted) this.#most = this.size * 2;
  }

  #doubleSlots(): void {
    this.slotLength *= 2;
    this.#rekey(1, (stack) => stack);
  }

  /** Weight of each stack and of those that continue it, as time and memory together. */
  #stackTotals(): { totals: Float64Array; whole: number } {
    const totals = new Float64Array(this.#tables.stackCount);
    const { time, memory } = this.#sums;
    for (let cell = 0; cell < this.size; cell++) {
      totals[this.stack(cell)]! += time[cell]! + Math.abs(memory[cell]!);
    }
    // A stack is interned after its parent, so ids order them.
    for (let stack = totals.length - 1; stack > EMPTY_STACK; stack--) {
      totals[this.#tables.stackParent(stack as StackId)]! += totals[stack]!;
    }
    return { totals, whole: totals[EMPTY_STACK]! };
  }

  #fold(share: number, totals: Float64Array, whole: number): void {
    this.#rekey(0, (stack) => {
      let at = stack;
      while (at !== EMPTY_STACK && totals[at]! < share * whole) at = this.#tables.stackParent(at);
      if (at !== stack) this.foldedBelow = share;
      return at;
    });
  }

  #rekey(shift: number, stackOf: (stack: StackId) => StackId): void {
    const keys = this.#keys;
    const sums = this.#sums;
    const lanes = this.#lanes;
    this.generation++;
    const slotOf = (slot: number): number => (shift > 31 ? 0 : slot >>> shift);
    this.#keys = new InternTable(3);
    this.#sums = noSums();
    this.#lanes = noLanes();
    for (let cell = 0; cell < keys.size; cell++) {
      const stack = keys.get(cell, 1) as StackId;
      const slotAndFlags = keys.get(cell, 2);
      const kept = stackOf(stack);
      const flags = (slotAndFlags & KEY_MASK) | (kept === stack ? 0 : FOLDED);
      const key = (slotOf(slotAndFlags >>> KEY_BITS) << KEY_BITS) | flags;
      const thread = keys.get(cell, 0);
      this.#addCell(thread, kept, key, {
        time: sums.time[cell]!,
        memory: sums.memory[cell]!,
        count: sums.count[cell]!,
        timeSquares: sums.timeSquares[cell]!,
        memorySquares: sums.memorySquares[cell]!,
      });
    }
    for (let row = 0; row < lanes.keys.size; row++) {
      const lane = this.#laneOf(lanes.keys.get(row, 0), slotOf(lanes.keys.get(row, 1)));
      for (const metric of RAW_METRICS) {
        this.#lanes.samples[metric][lane]! += lanes.samples[metric][row]!;
        this.#lanes.squares[metric][lane]! += lanes.squares[metric][row]!;
      }
    }
    this.slotCount = this.slotCount === 0 ? 0 : slotOf(this.slotCount - 1) + 1;
  }

  #addCell(thread: number, stack: StackId, key: number, added: CellSums<number>): void {
    const cell = this.#keys.intern(thread, stack, key);
    const { time, memory, count, timeSquares, memorySquares } = this.#sums;
    if (cell === time.length) {
      time.push(0);
      memory.push(0);
      count.push(0);
      timeSquares.push(0);
      memorySquares.push(0);
    }
    time[cell]! += added.time;
    memory[cell]! += added.memory;
    count[cell]! += added.count;
    timeSquares[cell]! += added.timeSquares;
    memorySquares[cell]! += added.memorySquares;
  }

  #laneOf(thread: number, slot: number): number {
    const { keys, samples, squares } = this.#lanes;
    const lane = keys.intern(thread, slot);
    if (lane === samples.wall.length) {
      for (const metric of RAW_METRICS) {
        samples[metric].push(0);
        squares[metric].push(0);
      }
    }
    return lane;
  }
}

function noSums(): CellSums<number[]> {
  return { time: [], memory: [], count: [], timeSquares: [], memorySquares: [] };
}

function noLanes(): LaneSums {
  const columns = (): Record<RawMetric, number[]> => ({
    wall: [],
    cpu: [],
    idle: [],
    gil: [],
    allocated: [],
    deallocated: [],
  });
  return { keys: new InternTable(2), samples: columns(), squares: columns() };
}

function cellWeight(metric: RawMetric, flags: number, time: number, memory: number): number {
  switch (metric) {
    case 'wall':
      return time;
    case 'cpu':
      return flags & SampleFlag.Idle ? 0 : time;
    case 'idle':
      return flags & SampleFlag.Idle ? time : 0;
    case 'gil':
      return flags & SampleFlag.HoldsGil ? time : 0;
    case 'allocated':
      return Math.max(memory, 0);
    case 'deallocated':
      return Math.max(-memory, 0);
  }
}
