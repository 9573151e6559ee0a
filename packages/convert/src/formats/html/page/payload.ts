/** What a function row stands for: the kinds of the profile model, and frames that we add to keep weight in place. */
export const RowKind = { Python: 0, Native: 1, Kernel: 2, Synthetic: 3 } as const;

/** A weight the page can show. */
export interface MetricInfo {
  readonly id: 'wall' | 'cpu' | 'allocated' | 'deallocated' | 'samples';
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

/** One row per thread with samples. The inner arrays have one number per metric. */
export interface ThreadColumns {
  readonly pid: readonly number[];
  readonly label: readonly string[];
  /** How many rows of the tree are this thread's; they follow each other in the order of threads. */
  readonly nodes: readonly number[];
  /** Number of samples with a weight. */
  readonly samples: readonly (readonly number[])[];
  /** Sum of the squares of the weights: with their sum, it tells how many equal samples they are worth. */
  readonly squares: readonly (readonly number[])[];
}

/** Call paths in preorder. Depth 1 is an outermost frame; `self[metric][node]`. */
export interface TreeColumns {
  readonly depth: readonly number[];
  readonly fn: readonly number[];
  readonly self: readonly (readonly number[])[];
}

/** Weights of source lines per thread, recursion counted once; `self[metric][row]`. */
export interface LineColumns {
  readonly thread: readonly number[];
  readonly fn: readonly number[];
  readonly line: readonly number[];
  readonly self: readonly (readonly number[])[];
  readonly total: readonly (readonly number[])[];
}

/** Everything the page shows, as it is embedded in the file. All columns of a table have equal length. */
export interface Payload {
  readonly title: string;
  readonly facts: Facts;
  readonly metrics: readonly MetricInfo[];
  readonly strings: readonly string[];
  readonly functions: FunctionColumns;
  readonly threads: ThreadColumns;
  readonly tree: TreeColumns;
  readonly lines: LineColumns;
}
