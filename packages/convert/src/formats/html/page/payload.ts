/** What a function row stands for: the kinds of the profile model, and frames that we add to keep weight in place. */
export const RowKind = { Python: 0, Native: 1, Kernel: 2, Synthetic: 3 } as const;

/** A weight the page can show. */
export interface MetricInfo {
  readonly id: 'wall' | 'cpu' | 'idle' | 'gil' | 'allocated' | 'deallocated' | 'samples';
  readonly unit: 'microseconds' | 'bytes' | 'count';
}

/** Where the profile comes from. Absent means unknown. */
export interface Facts {
  readonly command?: string;
  readonly python?: string;
  readonly sampler?: string;
  readonly durationUs?: number;
  readonly intervalUs?: number;
  readonly mode: string;
  readonly samples: number;
  readonly invalid: number;
  /** What the sampler itself says, when it differs: it may have left invalid samples out of the file. */
  readonly reported?: { readonly invalid: number; readonly total: number };
  /** All metadata but the bulky keys, the last value of each. */
  readonly metadata: readonly (readonly [key: string, value: string])[];
  /** What the reader met that the page cannot show. */
  readonly notes: readonly { readonly message: string; readonly count: number }[];
}

/** Rows of functions, or of lines of functions. `name` and `file` are ids of strings; line 0 is unknown. */
export interface FunctionColumns {
  readonly name: readonly number[];
  readonly file: readonly number[];
  readonly line: readonly number[];
  readonly kind: readonly number[];
}

/**
 * Frames: a function at a position. Lines and columns count from 1, columns in UTF-8 bytes, `columnEnd` is one past
 * the last byte; 0 is unknown.
 */
export interface FrameColumns {
  readonly fn: number[];
  readonly line: number[];
  readonly lineEnd: number[];
  readonly column: number[];
  readonly columnEnd: number[];
}

/** One row per thread with samples. */
export interface ThreadColumns {
  readonly pid: number[];
  readonly label: string[];
}

/** All stacks as one tree in preorder. Depth 1 is an outermost frame. */
export interface StackColumns {
  readonly depth: number[];
  readonly frame: number[];
}

/** The time line: slots of equal length, from 0. */
export interface TimeInfo {
  /** What lengths are in: µs of wall time, µs of each thread's CPU time, or samples in their order. */
  readonly unit: 'wall' | 'cpu' | 'samples';
  readonly slots: number;
  readonly slotLength: number;
}

/** Weights: what a thread did in a slot, by thread, slot and row of the stacks; `weight[metric][row]`. */
export interface CellColumns {
  readonly thread: number[];
  readonly slot: number[];
  readonly node: number[];
  readonly weight: number[][];
}

/** How sure the weights of a thread in a slot are; `samples[metric][row]`, in no order. */
export interface LaneColumns {
  readonly thread: readonly number[];
  readonly slot: readonly number[];
  /** Number of samples with a weight. */
  readonly samples: readonly (readonly number[])[];
  /** Sum of the squares of the weights: with their sum, it tells how many equal samples they are worth. */
  readonly squares: readonly (readonly number[])[];
}

/** Source files: their text, or null and why. A problem beside a text is a warning; empty is none. */
export interface SourceColumns {
  readonly file: number[];
  readonly text: (string | null)[];
  readonly problem: string[];
}

/** What the page shows beside the weights themselves. */
export type PageData = Omit<Payload, 'stacks' | 'cells'>;

/** Everything the page shows, as it is embedded in the file. All columns of a table have equal length. */
export interface Payload {
  readonly title: string;
  readonly facts: Facts;
  readonly metrics: readonly MetricInfo[];
  /** What rows of the graph stand for at first. */
  readonly rows: 'function' | 'line';
  readonly strings: readonly string[];
  readonly functions: FunctionColumns;
  readonly frames: FrameColumns;
  readonly stacks: StackColumns;
  readonly threads: ThreadColumns;
  readonly time: TimeInfo;
  /** Stacks below this share of the whole were cut; 0 if none was. */
  readonly foldedBelow: number;
  readonly cells: CellColumns;
  readonly lanes: LaneColumns;
  readonly sources: SourceColumns;
}
