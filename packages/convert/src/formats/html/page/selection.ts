import { type CallTree, totalsOf } from './call-tree.js';
import type { Recording } from './recording.js';
import type { Shape } from './shape.js';

/** What part of the recording to weigh. */
export interface Selection {
  /** Rows of the table of threads. */
  readonly threads: readonly number[];
  readonly metric: number;
  /** Slots of the time line: the first, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

/** The weights of the selected cells, added up by the node that each is `of`. */
function weighCells(
  { cells, payload }: Recording,
  { size, of }: { readonly size: number; readonly of: Uint32Array },
  { threads, metric, from, to }: Selection,
): Float64Array {
  const sums = new Float64Array(size);
  const isSelected = new Uint8Array(payload.threads.pid.length);
  for (const thread of threads) isSelected[thread] = 1;
  const { slot, thread, length } = cells;
  const weight = cells.weight[metric]!;
  for (let cell = 0; cell < length; cell++) {
    if (slot[cell]! >= from && slot[cell]! < to && isSelected[thread[cell]!]) {
      sums[of[cell]!]! += weight[cell]!;
    }
  }
  return sums;
}

/** The shape with the weights of what is selected. */
export function weigh(recording: Recording, shape: Shape, selection: Selection): CallTree {
  const self = weighCells(recording, { size: shape.size, of: shape.target }, selection);
  return { ...shape, fn: shape.row, self, total: totalsOf(shape.parent, self) };
}

/** All stacks as they were recorded, each node standing for `rowOfFrame` of its frame. */
export function weighStacks(recording: Recording, rowOfFrame: Int32Array, selection: Selection): CallTree {
  const { size, parent, frame } = recording;
  const self = weighCells(recording, { size, of: recording.cells.node }, selection);
  const fn = frame.map((row) => rowOfFrame[row] ?? -1);
  return { size, parent, fn, self, total: totalsOf(parent, self) };
}
