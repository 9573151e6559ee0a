import { NO_FUNCTION, ROOT } from './call-tree.js';
import type { PageData, Payload } from './payload.js';

/** The payload as typed arrays. Node 0 is the root of all stacks; row r of the stacks is node r + 1. */
export interface Recording {
  readonly payload: PageData;
  /** Number of nodes. A parent comes before its children. */
  readonly size: number;
  readonly parent: Uint32Array;
  /** Row of the table of frames; {@link NO_FUNCTION} for the root. */
  readonly frame: Int32Array;
  readonly cells: Cells;
}

/** What a thread did in a slot, by thread and slot. */
export interface Cells {
  readonly length: number;
  readonly thread: Uint32Array;
  readonly slot: Uint32Array;
  readonly node: Uint32Array;
  /** By metric. */
  readonly weight: readonly Float64Array[];
}

export function toRecording(payload: Payload): Recording {
  const { depth, frame } = payload.stacks;
  const size = depth.length + 1;
  const parent = new Uint32Array(size);
  const frames = new Int32Array(size);
  frames[ROOT] = NO_FUNCTION;
  const path: number[] = [ROOT];
  for (let row = 0; row < depth.length; row++) {
    parent[row + 1] = path[depth[row]! - 1]!;
    frames[row + 1] = frame[row]!;
    path[depth[row]!] = row + 1;
  }
  const { thread, slot, node, weight } = payload.cells;
  return {
    payload,
    size,
    parent,
    frame: frames,
    cells: {
      length: thread.length,
      thread: Uint32Array.from(thread),
      slot: Uint32Array.from(slot),
      node: Uint32Array.from(node, (row) => row + 1),
      weight: weight.map((column) => Float64Array.from(column)),
    },
  };
}
