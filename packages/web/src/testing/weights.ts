import type { LiveProfile } from '@austin-profiler/convert/live';
import { FrameRows, StackNodes } from '@austin-profiler/convert/page-data';
import type { LiveState } from '../page/live-state.js';

/** What a page shows: for each thread, slot and path its weight in the first metric. */
export function shownWeights(state: LiveState): Record<string, number> {
  const { payload, parent, frame, cells } = state.recording();
  const { strings, functions, frames } = payload;
  const pathOf = (node: number): string => {
    const names: string[] = [];
    for (let at = node; at !== 0; at = parent[at]!) {
      names.push(strings[functions.name[frames.fn[frame[at]!]!]!]!);
    }
    return names.reverse().join(' ');
  };
  const weights: Record<string, number> = {};
  for (let cell = 0; cell < cells.length; cell++) {
    const thread = payload.threads.label[cells.thread[cell]!]!;
    const key = `${thread} | ${cells.slot[cell]} | ${pathOf(cells.node[cell]!)}`;
    weights[key] = (weights[key] ?? 0) + cells.weight[0]![cell]!;
  }
  return weights;
}

/** What a profile holds, in the same words. */
export function heldWeights(live: LiveProfile): Record<string, number> {
  const cells = live.totals?.cells;
  const rows = new FrameRows(live.tables);
  const nodes = new StackNodes(live.tables, rows);
  const pathOf = (node: number): string => {
    const names: string[] = [];
    for (let at = node; at !== 0; at = nodes.parent(at)) {
      names.push(rows.strings[rows.functions.name[rows.frames.fn[nodes.frame(at)]!]!]!);
    }
    return names.reverse().join(' ');
  };
  const weights: Record<string, number> = {};
  for (let cell = 0; cells && cell < cells.size; cell++) {
    const { tid } = live.tables.thread(cells.thread(cell) as never);
    const path = pathOf(nodes.of(cells.stack(cell), cells.flags(cell)));
    const key = `thread ${tid} | ${cells.slot(cell)} | ${path}`;
    weights[key] = (weights[key] ?? 0) + cells.weight(cell, 'wall');
  }
  return weights;
}
