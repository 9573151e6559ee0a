import { FrameKind } from '@austin-profiler/profile';
import type { Entry, ForeignStack, ForeignStacks } from '../../foreign-stacks.js';
import { type JsonObject, listOf, numberOf, positionOf, textOf } from '../../json.js';
import type { Losses } from '../../losses.js';
import type { NativeCode } from './native-code.js';
import type { Tables } from './thread-tables.js';

/** What differs between programs that write the format. */
export interface Dialect {
  /** Names of categories, by number. */
  readonly categories: readonly string[];
  /** Columns count from 0, and the line of a function is the first that was seen: CPython's own profiler. */
  readonly isTachyon: boolean;
}

/** Reads the stacks of a thread's tables. */
export class StackReader {
  readonly #tables: Tables;
  readonly #native: NativeCode;
  readonly #stacks: ForeignStacks;
  readonly #dialect: Dialect;
  readonly #losses: Losses;
  readonly #prefixes: readonly unknown[];
  readonly #frames: readonly unknown[];
  /** By frame: the entry of one that called another, and of one that ran or waits itself. */
  readonly #calls = new Map<number, Entry | undefined>();
  readonly #ends = new Map<number, Entry | undefined>();
  /** By row: its stack, as one that was called from, and as that of a sample. */
  readonly #callers = new Map<number, ForeignStack>();
  readonly #whole = new Map<number, ForeignStack | undefined>();

  constructor(tables: Tables, native: NativeCode, stacks: ForeignStacks, dialect: Dialect, losses: Losses) {
    this.#tables = tables;
    this.#native = native;
    this.#stacks = stacks;
    this.#dialect = dialect;
    this.#losses = losses;
    this.#prefixes = listOf(tables.stackTable['prefix']);
    this.#frames = listOf(tables.stackTable['frame']);
  }

  /** The stack of a sample; undefined if its row, or one that refers to, is not there. A stack's prefix may come behind it. */
  stack(row: number): ForeignStack | undefined {
    if (!this.#whole.has(row)) this.#whole.set(row, this.#sampled(row));
    return this.#whole.get(row);
  }

  #sampled(row: number): ForeignStack | undefined {
    const stack = this.#caller(row);
    if (!stack) return undefined;
    const inner: number[] = [];
    let at: number | undefined = row;
    for (; at !== undefined && this.#isBelowCode(at); at = numberOf(this.#prefixes[at])) inner.push(at);
    const frame = at === undefined ? undefined : numberOf(this.#frames[at]);
    if (frame === undefined || !this.#native.code(this.#tables, frame, false)) return stack;
    const prefix = numberOf(this.#prefixes[at!]);
    let end = prefix === undefined ? this.#stacks.root : this.#caller(prefix)!;
    end = this.#stacks.child(end, this.#entry(frame, false)!);
    for (const below of inner.reverse()) {
      end = this.#stacks.child(end, this.#entry(this.#frames[below] as number, true)!);
    }
    return end;
  }

  /** Whether a row is what code in the row above waits for: the kernel, or a mark. It was not called from an address to return to. */
  #isBelowCode(row: number): boolean {
    const frame = this.#frames[row] as number;
    return this.#entry(frame, true)?.frame === undefined || this.#kind(frame) === FrameKind.Kernel;
  }

  #caller(row: number): ForeignStack | undefined {
    const path: number[] = [];
    const known = this.#callers;
    for (let at: number | undefined = row; at !== undefined && !known.has(at); ) {
      // A prefix that comes back to itself would have no end.
      if (typeof this.#frames[at] !== 'number' || path.length > this.#frames.length) return undefined;
      path.push(at);
      at = numberOf(this.#prefixes[at]);
    }
    for (const at of path.reverse()) {
      const entry = this.#entry(this.#frames[at] as number, true);
      if (!entry) return undefined;
      const prefix = numberOf(this.#prefixes[at]);
      known.set(at, this.#stacks.child(prefix === undefined ? this.#stacks.root : known.get(prefix)!, entry));
    }
    return known.get(row);
  }

  #entry(frame: number, isCall: boolean): Entry | undefined {
    const entries = isCall ? this.#calls : this.#ends;
    if (!entries.has(frame)) entries.set(frame, this.#readFrame(frame, isCall));
    return entries.get(frame);
  }

  #readFrame(frame: number, isCall: boolean): Entry | undefined {
    const { frameTable, funcTable, sources, resourceTable, strings } = this.#tables;
    const { isTachyon } = this.#dialect;
    const string = (index: unknown): string => (typeof index === 'number' ? textOf(strings[index]) : '');
    const fn = cell(frameTable, 'func', frame);
    const name = cell(funcTable, 'name', fn);
    if (typeof name !== 'number') return undefined;
    if (typeof strings[name] !== 'string') {
      this.#losses.damage(
        'ERR_FIREFOX_NAME',
        'functions whose names are not there are called by their number',
      );
    }
    const kind = this.#kind(frame);
    const isNative = kind === undefined || kind === FrameKind.Native;
    const code = isNative ? this.#native.code(this.#tables, frame, isCall) : undefined;
    const file =
      string(cell(sources, 'filename', cell(funcTable, 'source', fn))) ||
      string(cell(funcTable, 'fileName', fn)) ||
      (code?.mapping.path ?? string(cell(resourceTable, 'name', cell(funcTable, 'resource', fn))));
    const column = numberOf(cell(frameTable, 'column', frame));
    return this.#stacks.entry({
      name: typeof strings[name] === 'string' ? string(name) : `<function ${String(fn)}>`,
      file,
      line: positionOf(cell(frameTable, 'line', frame)),
      column: positionOf(isTachyon && column !== undefined ? column + 1 : column),
      firstLine: isTachyon ? 0 : positionOf(cell(funcTable, 'lineNumber', fn)),
      ...(kind !== undefined && { kind }),
      ...(code && { kind: FrameKind.Native, code }),
    });
  }

  #kind(frame: number): FrameKind | undefined {
    return kindOf(
      this.#dialect.categories[numberOf(cell(this.#tables.frameTable, 'category', frame)) ?? -1] ?? '',
    );
  }
}

function cell(table: JsonObject, column: string, row: unknown): unknown {
  return typeof row === 'number' ? listOf(table[column])[row] : undefined;
}

/** What a category says of a frame, in the words of Firefox, samply, CPython and ours. */
function kindOf(category: string): FrameKind | undefined {
  if (/^kernel$/i.test(category)) return FrameKind.Kernel;
  if (/^(native|user)$/i.test(category)) return FrameKind.Native;
  return /^(python|javascript)$/i.test(category) ? FrameKind.Python : undefined;
}
