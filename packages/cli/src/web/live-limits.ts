import type { CellLimits } from '@austin-profiler/convert/live';

/** So that a browser follows easily: the page works everything out from the cells each time something has come. */
export const LIVE_LIMITS: CellLimits = { cells: 1 << 18, stacks: 1 << 18 };
