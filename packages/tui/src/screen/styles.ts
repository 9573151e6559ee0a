/** What a cell is, which a palette then turns into colours. A cell has exactly one. */
export const Style = {
  Plain: 0,
  Dim: 1,
  Strong: 2,
  Title: 3,
  Tab: 4,
  ActiveTab: 5,
  Heading: 6,
  /** The heading of the column that rows are sorted by. */
  SortedHeading: 7,
  /** The row of the cursor. */
  Selected: 8,
  Key: 9,
  Good: 10,
  Warning: 11,
  Bad: 12,
  /** The frame that a thread is in now. */
  Active: 13,
  /** What the search has found. */
  Match: 14,
  Menu: 15,
  /** Shares: the hotter, the higher. */
  Heat1: 16,
  Heat2: 17,
  Heat3: 18,
  /** Frames of a flame graph: own code, that of libraries, compiled code and the kernel, in two shades each, so that neighbours differ. */
  FlameOwn: 19,
  FlameOwnNext: 20,
  FlameLibrary: 21,
  FlameLibraryNext: 22,
  FlameRoot: 23,
  FlameNative: 24,
  FlameNativeNext: 25,
  FlameKernel: 26,
  FlameKernelNext: 27,
  /** Names of functions that are not Python. */
  Native: 28,
  Kernel: 29,
} as const;
export type Style = (typeof Style)[keyof typeof Style];
