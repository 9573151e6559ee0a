import { type FrameId, InternTable, type ProfileTables, type StringId } from '@austin-profiler/profile';
import { type FunctionColumns, RowKind } from './page/payload.js';

/** Collects the functions that samples refer to, and only their strings, numbered by first use. */
export class FunctionRows {
  readonly strings: string[] = [];
  readonly columns = {
    name: [] as number[],
    file: [] as number[],
    line: [] as number[],
    kind: [] as number[],
  } satisfies FunctionColumns;
  readonly #tables: ProfileTables;
  readonly #byLine: boolean;
  readonly #rows = new InternTable(2);
  readonly #rowIds: number[] = [];
  readonly #stringIds = new Map<string, number>();
  readonly #synthetic = new Map<string, number>();

  /** @param byLine each line of a function is a row of its own */
  constructor(tables: ProfileTables, byLine: boolean) {
    this.#tables = tables;
    this.#byLine = byLine;
  }

  ofFrame(frame: FrameId): number {
    const tables = this.#tables;
    const fn = tables.frameFunction(frame);
    const id = this.#rows.intern(fn, this.#byLine ? tables.frameLine(frame) : 0);
    const known = this.#rowIds[id];
    if (known !== undefined) return known;
    const text = (string: StringId): number => this.#string(tables.string(string));
    const line = this.#byLine ? tables.frameLine(frame) : tables.functionFirstLine(fn);
    const kind = tables.functionKind(fn);
    const row = this.#push(text(tables.functionName(fn)), text(tables.functionFile(fn)), line, kind);
    this.#rowIds[id] = row;
    return row;
  }

  ofSynthetic(name: string): number {
    let row = this.#synthetic.get(name);
    if (row === undefined) {
      row = this.#push(this.#string(name), this.#string(''), 0, RowKind.Synthetic);
      this.#synthetic.set(name, row);
    }
    return row;
  }

  #push(name: number, file: number, line: number, kind: number): number {
    const { columns } = this;
    columns.file.push(file);
    columns.line.push(line);
    columns.kind.push(kind);
    return columns.name.push(name) - 1;
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
