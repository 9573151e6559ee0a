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

/** Calls `visit` with each selected cell. */
export function forEachCell(
  { cells, payload }: Recording,
  { threads, from, to }: Selection,
  visit: (cell: number) => void,
): void {
  const isSelected = new Uint8Array(payload.threads.pid.length);
  for (const thread of threads) isSelected[thread] = 1;
  for (let cell = 0; cell < cells.length; cell++) {
    const slot = cells.slot[cell]!;
    if (slot >= from && slot < to && isSelected[cells.thread[cell]!]) visit(cell);
  }
}

/** The shape with the weights of what is selected. */
export function weigh(recording: Recording, shape: Shape, selection: Selection): CallTree {
  const self = new Float64Array(shape.size);
  const weight = recording.cells.weight[selection.metric]!;
  forEachCell(recording, selection, (cell) => {
    self[shape.target[cell]!]! += weight[cell]!;
  });
  return { ...shape, fn: shape.row, self, total: totalsOf(shape.parent, self) };
}

/** All stacks as they were recorded, each node standing for `rowOfFrame` of its frame. */
export function weighStacks(recording: Recording, rowOfFrame: Int32Array, selection: Selection): CallTree {
  const { size, parent, frame } = recording;
  const self = new Float64Array(size);
  const weight = recording.cells.weight[selection.metric]!;
  forEachCell(recording, selection, (cell) => {
    self[recording.cells.node[cell]!]! += weight[cell]!;
  });
  const fn = frame.map((row) => rowOfFrame[row] ?? -1);
  return { size, parent, fn, self, total: totalsOf(parent, self) };
}
