import type { Recording } from './recording.js';
import { type RowTotals, rowTotals } from './row-totals.js';
import { makeRows } from './rows.js';
import { type Selection, weighStacks } from './selection.js';
import { lineTable } from './source-lines.js';

/** Weights of one line of a function. */
export interface LineWeight {
  readonly line: number;
  readonly self: number;
  readonly total: number;
}

/** Weights of lines, files and frames in a selection, each worked out when it is first asked for. */
export class LineWeights {
  readonly #recording: Recording;
  readonly #selection: Selection;
  readonly #tables: LineTables;
  #ofLines: RowTotals | undefined;
  #ofFiles: RowTotals | undefined;
  #ofFrames: RowTotals | undefined;
  #ofFunctionLines: RowTotals | undefined;

  constructor(recording: Recording, tables: LineTables, selection: Selection) {
    this.#recording = recording;
    this.#tables = tables;
    this.#selection = selection;
  }

  /** By row of the table of lines. */
  get lines(): RowTotals {
    const { ofFrame, line } = this.#tables.lines;
    this.#ofLines ??= this.#weigh(ofFrame, line.length);
    return this.#ofLines;
  }

  /** By id of the string that names the file. */
  get files(): RowTotals {
    const { strings } = this.#recording.payload;
    this.#ofFiles ??= this.#weigh(this.#tables.fileOfFrame, strings.length);
    return this.#ofFiles;
  }

  /** By frame: a function at a position. */
  get frames(): RowTotals {
    const { length } = this.#recording.payload.frames.fn;
    this.#ofFrames ??= this.#weigh(
      Int32Array.from({ length }, (_, frame) => frame),
      length,
    );
    return this.#ofFrames;
  }

  /** The lines of a function, heaviest total first. */
  ofFunction(fn: number): LineWeight[] {
    const { rows, ofFunction } = this.#tables;
    this.#ofFunctionLines ??= this.#weigh(rows.ofFrame, rows.count);
    const { self, total } = this.#ofFunctionLines;
    return (ofFunction.get(fn) ?? [])
      .map((row) => ({ line: rows.infos[row]!.line, self: self[row]!, total: total[row]! }))
      .filter((weights) => weights.line > 0 && weights.total > 0)
      .sort((a, b) => b.total - a.total || a.line - b.line);
  }

  #weigh(rowOfFrame: Int32Array, count: number): RowTotals {
    return rowTotals(weighStacks(this.#recording, rowOfFrame, this.#selection), count);
  }
}

/** What lines there are, whatever is selected. */
export type LineTables = ReturnType<typeof lineTables>;

export function lineTables({ payload }: Recording) {
  const rows = makeRows(payload, 'line');
  const ofFunction = new Map<number, number[]>();
  for (let row = 0; row < rows.count; row++) {
    const { fn } = rows.infos[row]!;
    const known = ofFunction.get(fn);
    if (known) known.push(row);
    else ofFunction.set(fn, [row]);
  }
  const { functions, frames } = payload;
  const fileOfFrame = Int32Array.from(frames.fn, (fn) => functions.file[fn]!);
  return { rows, ofFunction, lines: lineTable(payload), fileOfFrame };
}
