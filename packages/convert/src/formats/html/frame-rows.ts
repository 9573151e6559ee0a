import { type FrameId, InternTable, type ProfileTables, type StringId } from '@austin-profiler/profile';
import { type FrameColumns, type FunctionColumns, RowKind } from './page/payload.js';

/** Collects the frames that samples refer to, with their functions and strings, numbered by first use. */
export class FrameRows {
  readonly strings: string[] = [];
  readonly functions = {
    name: [] as number[],
    file: [] as number[],
    line: [] as number[],
    kind: [] as number[],
  } satisfies FunctionColumns;
  readonly frames = {
    fn: [] as number[],
    line: [] as number[],
    lineEnd: [] as number[],
    column: [] as number[],
    columnEnd: [] as number[],
  } satisfies FrameColumns;
  readonly #tables: ProfileTables;
  readonly #functions = new InternTable(4);
  readonly #frames = new InternTable(5);
  readonly #ofFrame: (number | undefined)[] = [];
  readonly #stringIds = new Map<string, number>();

  constructor(tables: ProfileTables) {
    this.#tables = tables;
  }

  ofFrame(frame: FrameId): number {
    const known = this.#ofFrame[frame];
    if (known !== undefined) return known;
    const tables = this.#tables;
    const id = tables.frameFunction(frame);
    const text = (string: StringId): number => this.#string(tables.string(string));
    const fn = this.#function(
      text(tables.functionName(id)),
      text(tables.functionFile(id)),
      tables.functionFirstLine(id),
      tables.functionKind(id),
    );
    const row = this.#frame(
      fn,
      tables.frameLine(frame),
      tables.frameLineEnd(frame),
      tables.frameColumn(frame),
      tables.frameColumnEnd(frame),
    );
    this.#ofFrame[frame] = row;
    return row;
  }

  ofSynthetic(name: string): number {
    return this.#frame(
      this.#function(this.#string(name), this.#string(''), 0, RowKind.Synthetic),
      0,
      0,
      0,
      0,
    );
  }

  #function(name: number, file: number, line: number, kind: number): number {
    const row = this.#functions.intern(name, file, line, kind);
    if (row === this.functions.name.length) {
      this.functions.name.push(name);
      this.functions.file.push(file);
      this.functions.line.push(line);
      this.functions.kind.push(kind);
    }
    return row;
  }

  #frame(fn: number, line: number, lineEnd: number, column: number, columnEnd: number): number {
    const row = this.#frames.intern(fn, line, lineEnd, column, columnEnd);
    if (row === this.frames.fn.length) {
      this.frames.fn.push(fn);
      this.frames.line.push(line);
      this.frames.lineEnd.push(lineEnd);
      this.frames.column.push(column);
      this.frames.columnEnd.push(columnEnd);
    }
    return row;
  }

  #string(text: string): number {
    let id = this.#stringIds.get(text);
    if (id === undefined) {
      id = this.strings.push(text) - 1;
      this.#stringIds.set(text, id);
    }
    return id;
  }
}
