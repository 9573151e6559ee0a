import { InternTable } from '@austin-profiler/profile';
import { UNNAMED } from '../../../synthetic-names.js';
import { moduleNames } from './module-names.js';
import { type PageData, RowKind } from './payload.js';
import { visible } from './visible-text.js';

/** What one row of the graph and the table stands for. */
export type RowsBy = 'function' | 'line' | 'module';

/** A row, resolved; texts are fit to be shown. */
export interface RowInfo {
  readonly name: string;
  readonly file: string;
  /** From 1; 0 is unknown. */
  readonly line: number;
  readonly kind: number;
  /** The function of the row, or -1 for modules and what we add. */
  readonly fn: number;
}

/** Rows, and the row of each frame. After the rows come {@link Rows.other}, then the threads. */
export interface Rows {
  readonly payload: PageData;
  readonly by: RowsBy;
  readonly infos: readonly RowInfo[];
  readonly ofFrame: Int32Array;
  /** Number of rows that frames belong to. */
  readonly count: number;
  /** Row of the weight that has no frame of one's own code. */
  readonly other: number;
}

const OTHER_CODE = '<no code of yours>';

export function makeRows(payload: PageData, by: RowsBy): Rows {
  const { rows, ofFrame } = by === 'module' ? moduleRows(payload) : functionRows(payload, by === 'line');
  const added = (name: string): RowInfo => ({ name, file: '', line: 0, kind: RowKind.Synthetic, fn: -1 });
  const threads = payload.threads.label.map((_, thread) => added(threadTitle(payload, thread)));
  return {
    payload,
    by,
    infos: [...rows, added(OTHER_CODE), ...threads],
    ofFrame,
    count: rows.length,
    other: rows.length,
  };
}

/** Row of a thread in graphs that are split by thread. */
export function threadRow(rows: Rows, thread: number): number {
  return rows.other + 1 + thread;
}

export function threadTitle(payload: PageData, thread: number): string {
  return `${visible(payload.threads.label[thread]!)} in process ${payload.threads.pid[thread]}`;
}

function functionRows({ functions, frames, strings }: PageData, byLine: boolean) {
  const table = new InternTable(2);
  const rows: RowInfo[] = [];
  const ofFrame = Int32Array.from(frames.fn, (fn, frame) => {
    const line = byLine ? frames.line[frame]! : 0;
    const row = table.intern(fn, line);
    if (row === rows.length) {
      const name = visible(strings[functions.name[fn]!]!) || UNNAMED;
      rows.push({
        name: line > 0 ? `${name}:${line}` : name,
        file: visible(strings[functions.file[fn]!]!),
        line: byLine ? line : functions.line[fn]!,
        kind: functions.kind[fn]!,
        fn,
      });
    }
    return row;
  });
  return { rows, ofFrame };
}

/** One row for each file; what we add keeps a row of its own. */
function moduleRows({ functions, frames, strings }: PageData) {
  const files = [...new Set(functions.file)];
  const names = moduleNames(files.map((file) => strings[file]!));
  const nameOf = new Map(files.map((file, index) => [file, names[index]!]));
  const table = new InternTable(3);
  const rows: RowInfo[] = [];
  const ofFrame = Int32Array.from(frames.fn, (fn) => {
    const kind = functions.kind[fn]!;
    const file = functions.file[fn]!;
    const isAdded = kind === RowKind.Synthetic;
    const row = table.intern(file, kind, isAdded ? functions.name[fn]! + 1 : 0);
    if (row === rows.length) {
      const name = isAdded ? strings[functions.name[fn]!]! : nameOf.get(file)!;
      rows.push({ name: visible(name) || UNNAMED, file: visible(strings[file]!), line: 0, kind, fn: -1 });
    }
    return row;
  });
  return { rows, ofFrame };
}
