import type { FunctionId, ThreadId } from '@austin-profiler/profile';

export const VIEWS = ['functions', 'stacks', 'tree', 'flame', 'lines'] as const;
export type ViewId = (typeof VIEWS)[number];

export const SORT_COLUMNS = ['self', 'total', 'function', 'file'] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

/** What can be saved, with the key that chooses it. */
export const SAVE_FORMATS = [
  { key: 'm', id: 'mojo', title: 'MOJO, the recording as it is' },
  { key: 'c', id: 'collapsed', title: 'collapsed stacks' },
  { key: 'p', id: 'pprof', title: 'pprof' },
  { key: 's', id: 'speedscope', title: 'speedscope' },
  { key: 'h', id: 'html', title: 'HTML, a flame graph in one file' },
] as const;
export type SaveFormat = (typeof SAVE_FORMATS)[number]['id'];

/** Where a view stands. */
export interface Cursor {
  /** What the chosen row is of, so that it is found again when rows change places; undefined until one is chosen. */
  readonly key: string | undefined;
  readonly row: number;
  /** The first row on the screen. */
  readonly top: number;
}

/** What lies over a view. */
export type Overlay =
  | { readonly kind: 'help'; readonly top: number }
  | { readonly kind: 'threads' | 'processes' | 'save'; readonly row: number };

export interface Message {
  readonly text: string;
  readonly isBad: boolean;
}

/** What is shown of a recording, and how. Changed by `reduce` alone. */
export interface ViewState {
  readonly view: ViewId;
  /** Which of the weights of the recording. */
  readonly weight: number;
  /** Only this process, or this thread; null is all. */
  readonly pid: number | null;
  readonly thread: ThreadId | null;
  readonly isOwnCode: boolean;
  /** Functions and calls with a smaller share, in percent, are not listed. */
  readonly threshold: number;
  readonly isPaused: boolean;
  readonly search: string;
  /** What is being typed as a search; null if nothing is. */
  readonly prompt: string | null;
  readonly sort: { readonly column: SortColumn; readonly isReversed: boolean };
  readonly cursors: Readonly<Record<ViewId, Cursor>>;
  /** Nodes of the tree that were opened (true) or closed by hand. */
  readonly opened: ReadonlyMap<string, boolean>;
  /** The frame of the flame graph that is as wide as the screen; null is all. */
  readonly zoom: string | null;
  /** The function whose lines are shown; null until one was chosen. */
  readonly fn: FunctionId | null;
  readonly overlay: Overlay | null;
  readonly message: Message | null;
}

const START: Cursor = { key: undefined, row: 0, top: 0 };

export const INITIAL_STATE: ViewState = {
  view: 'functions',
  weight: 0,
  pid: null,
  thread: null,
  isOwnCode: false,
  threshold: 0,
  isPaused: false,
  search: '',
  prompt: null,
  sort: { column: 'self', isReversed: false },
  cursors: { functions: START, stacks: START, tree: START, flame: START, lines: START },
  opened: new Map(),
  zoom: null,
  fn: null,
  overlay: null,
  message: null,
};
