import {
  EMPTY_STACK,
  type FrameId,
  InternTable,
  type ProfileTables,
  SampleFlag,
  type StackId,
} from '@austin-profiler/profile';
import type { ByteOutput } from '../../byte-output.js';
import { markedName } from '../../kind-mark.js';
import { StackTexts } from '../../stack-texts.js';
import { GARBAGE_COLLECTION, INVALID_STACK, NO_FRAMES, UNNAMED } from '../../synthetic-names.js';

/** An entry of `shared.frames`. speedscope counts each entry as one function. */
export interface SpeedscopeFrame {
  readonly name: string;
  readonly file?: string;
  /** From 1. Absent when unknown. */
  readonly line?: number;
}

const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** Numbers frames in order of first use and writes stacks as JSON arrays of those numbers. */
export class FrameList {
  readonly frames: SpeedscopeFrame[] = [];
  readonly #tables: ProfileTables;
  readonly #byLine: boolean;
  readonly #rows = new InternTable(2);
  /** Index in `frames` of each row: markers are frames and no rows. */
  readonly #indexOfRow: number[] = [];
  readonly #markers = new Map<string, number>();
  readonly #out: ByteOutput;
  readonly #stacks: StackTexts;

  constructor(tables: ProfileTables, byLine: boolean, out: ByteOutput) {
    this.#tables = tables;
    this.#byLine = byLine;
    this.#out = out;
    this.#stacks = new StackTexts(tables, out, {
      frameText: (frame) => String(this.#index(frame)),
      separator: COMMA,
    });
  }

  /** Writes a stack as a JSON array, outermost frame first; never empty, so that its weight shows. */
  writeStack(stack: StackId, flags: number): void {
    const out = this.#out;
    out.byte(OPEN);
    const first = out.place;
    if (flags & SampleFlag.Invalid) out.number(this.#marker(INVALID_STACK));
    if (stack !== EMPTY_STACK) {
      if (out.place > first) out.byte(COMMA);
      this.#stacks.write(stack);
    }
    if (flags & SampleFlag.Gc) {
      if (out.place > first) out.byte(COMMA);
      out.number(this.#marker(GARBAGE_COLLECTION));
    }
    if (out.place === first) out.number(this.#marker(NO_FRAMES));
    out.byte(CLOSE);
  }

  #marker(name: string): number {
    let index = this.#markers.get(name);
    if (index === undefined) {
      index = this.frames.push({ name }) - 1;
      this.#markers.set(name, index);
    }
    return index;
  }

  #index(frame: FrameId): number {
    const tables = this.#tables;
    const fn = tables.frameFunction(frame);
    const line = this.#byLine ? tables.frameLine(frame) : tables.functionFirstLine(fn);
    const row = this.#rows.intern(fn, line);
    if (row === this.#indexOfRow.length) {
      const file = tables.string(tables.functionFile(fn));
      const index = this.frames.push({
        name: markedName(tables.string(tables.functionName(fn)) || UNNAMED, tables.functionKind(fn)),
        ...(file === '' ? {} : { file }),
        ...(line === 0 ? {} : { line }),
      });
      this.#indexOfRow.push(index - 1);
    }
    return this.#indexOfRow[row]!;
  }
}
