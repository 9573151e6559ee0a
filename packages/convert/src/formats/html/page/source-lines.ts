import { InternTable } from '@austin-profiler/profile';
import type { FrameColumns, PageData } from './payload.js';
import { RowKind } from './payload.js';

/** Lines of files that samples were in, whatever function they belong to, and the row of each frame. */
export interface LineTable {
  /** Id of the string that names the file. */
  readonly file: readonly number[];
  /** From 1; 0 is unknown. */
  readonly line: readonly number[];
  /** The function that the line was first met in. */
  readonly fn: readonly number[];
  readonly ofFrame: Int32Array;
}

export function lineTable({ frames, functions }: PageData): LineTable {
  const table = new InternTable(2);
  const rows = { file: [] as number[], line: [] as number[], fn: [] as number[] };
  const ofFrame = Int32Array.from(frames.fn, (fn, frame) => {
    const row = table.intern(functions.file[fn]!, frames.line[frame]!);
    if (row === rows.file.length) {
      rows.file.push(functions.file[fn]!);
      rows.line.push(frames.line[frame]!);
      rows.fn.push(fn);
    }
    return row;
  });
  return { ...rows, ofFrame };
}

/** Ids of the strings that name Python files with a known line. */
export function sourceFiles({ frames, functions }: PageData): number[] {
  const files = new Set<number>();
  for (const [frame, fn] of frames.fn.entries()) {
    if (functions.kind[fn] === RowKind.Python && frames.line[frame]! > 0) files.add(functions.file[fn]!);
  }
  return [...files];
}

/** A part of a line of text with the weight of the code that stands there. */
export interface Span {
  readonly text: string;
  readonly weight: number;
}

/**
 * Cuts a line where the columns of its frames begin and end. A part weighs as much as all frames over it: frames
 * are expressions, and those with the most in them span the most.
 *
 * @param weights by frame
 */
export function spansOf(
  text: string,
  onLine: readonly number[],
  frames: FrameColumns,
  weights: ArrayLike<number>,
): Span[] {
  const known = onLine.filter((frame) => frames.column[frame]! > 0 && weights[frame]! > 0);
  if (known.length === 0) return [{ text, weight: 0 }];
  const indexOf = indexesOfBytes(text);
  const ranges = known.map((frame) => {
    // An expression that goes on in the next line takes the rest of this one.
    const goesOn = frames.lineEnd[frame]! > frames.line[frame]! || frames.columnEnd[frame] === 0;
    const end = goesOn ? text.length : indexOf(frames.columnEnd[frame]! - 1);
    return { start: indexOf(frames.column[frame]! - 1), end, weight: weights[frame]! };
  });
  const cuts = new Set([0, text.length]);
  for (const { start, end } of ranges) cuts.add(start).add(end);
  const edges = [...cuts].sort((a, b) => a - b);
  return edges.slice(1).map((end, index) => {
    const start = edges[index]!;
    const over = ranges.filter((range) => range.start <= start && range.end >= end);
    return { text: text.slice(start, end), weight: over.reduce((sum, range) => sum + range.weight, 0) };
  });
}

/** Gives the index in UTF-16 units of a byte of the text's UTF-8 form. */
function indexesOfBytes(text: string): (byte: number) => number {
  const indexes: number[] = [];
  for (let index = 0; index < text.length; ) {
    const point = text.codePointAt(index)!;
    const bytes = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (let i = 0; i < bytes; i++) indexes.push(index);
    index += point < 0x10000 ? 1 : 2;
  }
  return (byte) => indexes[byte] ?? text.length;
}
