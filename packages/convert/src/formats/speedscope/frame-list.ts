import {
  type FrameId,
  InternTable,
  type ProfileTables,
  SampleFlag,
  type StackId,
} from '@austin-profiler/profile';
import { GARBAGE_COLLECTION, INVALID_STACK, NO_FRAMES, UNNAMED } from '../../synthetic-names.js';

/** An entry of `shared.frames`. speedscope counts each entry as one function. */
export interface SpeedscopeFrame {
  readonly name: string;
  readonly file?: string;
  /** From 1. Absent when unknown. */
  readonly line?: number;
}

/** Stacks are remembered as text, and forgotten all at once when there are this many. */
const MAX_KNOWN_STACKS = 1 << 14;

/** Numbers frames in order of first use and writes stacks as JSON arrays of those numbers. */
export class FrameList {
  readonly frames: SpeedscopeFrame[] = [];
  readonly #tables: ProfileTables;
  readonly #byLine: boolean;
  readonly #rows = new InternTable(2);
  /** Index in `frames` of each row: markers are frames and no rows. */
  readonly #indexOfRow: number[] = [];
  readonly #markers = new Map<string, number>();
  readonly #stacks = new Map<StackId, string>();

  constructor(tables: ProfileTables, byLine: boolean) {
    this.#tables = tables;
    this.#byLine = byLine;
  }

  /** A stack as a JSON array, outermost frame first; never empty, so that its weight shows. */
  stackText(stack: StackId, flags: number): string {
    const indexes = this.#indexes(stack);
    const isInvalid = (flags & SampleFlag.Invalid) !== 0;
    const isGc = (flags & SampleFlag.Gc) !== 0;
    if (indexes !== '' && !isInvalid && !isGc) return `[${indexes}]`;
    const parts = [indexes];
    if (isInvalid) parts.unshift(String(this.#marker(INVALID_STACK)));
    if (isGc) parts.push(String(this.#marker(GARBAGE_COLLECTION)));
    if (parts.length === 1) parts.push(String(this.#marker(NO_FRAMES)));
    return `[${parts.filter((part) => part !== '').join(',')}]`;
  }

  /** The frames of a stack, joined by commas. */
  #indexes(stack: StackId): string {
    const known = this.#stacks.get(stack);
    if (known !== undefined) return known;
    const text = this.#tables
      .stackFrames(stack)
      .map((frame) => this.#index(frame))
      .join(',');
    if (this.#stacks.size >= MAX_KNOWN_STACKS) this.#stacks.clear();
    this.#stacks.set(stack, text);
    return text;
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
        name: tables.string(tables.functionName(fn)) || UNNAMED,
        ...(file === '' ? {} : { file }),
        ...(line === 0 ? {} : { line }),
      });
      this.#indexOfRow.push(index - 1);
    }
    return this.#indexOfRow[row]!;
  }
}
