import { FrameKind } from '@austin-profiler/profile';
import type { Entry, ForeignStack, ForeignStacks } from '../../foreign-stacks.js';
import { type JsonObject, listOf, numberOf, objectOf, positionOf, textOf } from '../../json.js';
import type { Losses } from '../../losses.js';

/** The tables that stacks refer to: of one thread, or, since version 60, of all of them. */
export interface Tables {
  readonly strings: readonly unknown[];
  readonly stackTable: JsonObject;
  readonly frameTable: JsonObject;
  readonly funcTable: JsonObject;
  readonly resourceTable: JsonObject;
  readonly nativeSymbols: JsonObject;
  /** Since version 58. */
  readonly sources: JsonObject;
}

/** What differs between programs that write the format. */
export interface Dialect {
  /** Names of categories, by number. */
  readonly categories: readonly string[];
  /** Columns count from 0, and the line of a function is the first that was seen: CPython's own profiler. */
  readonly isTachyon: boolean;
}

/** Finds the tables of a thread, wherever the version of the file has them. */
export function tablesOf(shared: JsonObject, thread: JsonObject): Tables {
  const table = (name: string): JsonObject => objectOf(shared[name] ?? thread[name]);
  return {
    strings: listOf(shared['stringArray'] ?? thread['stringArray'] ?? thread['stringTable']),
    stackTable: table('stackTable'),
    frameTable: table('frameTable'),
    funcTable: table('funcTable'),
    resourceTable: table('resourceTable'),
    nativeSymbols: table('nativeSymbols'),
    sources: table('sources'),
  };
}

/**
 * Gives the stack of a row of the stack table; undefined if it, or one it refers to, is not there. A stack's prefix may
 * come behind it.
 */
export function stackReader(
  tables: Tables,
  stacks: ForeignStacks,
  dialect: Dialect,
  losses: Losses,
): (row: number) => ForeignStack | undefined {
  const prefixes = listOf(tables.stackTable['prefix']);
  const frames = listOf(tables.stackTable['frame']);
  const entries = new Map<number, Entry | undefined>();
  const entryOf = (frame: number): Entry | undefined => {
    if (!entries.has(frame)) entries.set(frame, readFrame(frame, tables, stacks, dialect, losses));
    return entries.get(frame);
  };
  const known = new Map<number, ForeignStack>();
  return (row) => {
    const path: number[] = [];
    for (let at: number | undefined = row; at !== undefined && !known.has(at); at = numberOf(prefixes[at])) {
      // A prefix that comes back to itself would have no end.
      if (typeof frames[at] !== 'number' || path.length > frames.length) return undefined;
      path.push(at);
    }
    for (const at of path.reverse()) {
      const entry = entryOf(frames[at] as number);
      if (!entry) return undefined;
      const prefix = numberOf(prefixes[at]);
      known.set(at, stacks.child(prefix === undefined ? stacks.root : known.get(prefix)!, entry));
    }
    return known.get(row);
  };
}

function readFrame(
  frame: number,
  tables: Tables,
  stacks: ForeignStacks,
  dialect: Dialect,
  losses: Losses,
): Entry | undefined {
  const { frameTable, funcTable, sources, resourceTable } = tables;
  const cell = (table: JsonObject, column: string, row: unknown): unknown =>
    typeof row === 'number' ? listOf(table[column])[row] : undefined;
  const string = (index: unknown): string => (typeof index === 'number' ? textOf(tables.strings[index]) : '');

  const fn = cell(frameTable, 'func', frame);
  const name = cell(funcTable, 'name', fn);
  if (typeof name !== 'number') return undefined;
  if (typeof tables.strings[name] !== 'string') {
    losses.damage('ERR_FIREFOX_NAME', 'functions whose names are not there are called by their number');
  }
  const file =
    string(cell(sources, 'filename', cell(funcTable, 'source', fn))) ||
    string(cell(funcTable, 'fileName', fn)) ||
    string(cell(resourceTable, 'name', cell(funcTable, 'resource', fn)));
  const column = numberOf(cell(frameTable, 'column', frame));
  const kind = kindOf(dialect.categories[numberOf(cell(frameTable, 'category', frame)) ?? -1] ?? '');
  return stacks.entry({
    name: typeof tables.strings[name] === 'string' ? string(name) : `<function ${String(fn)}>`,
    file,
    line: positionOf(cell(frameTable, 'line', frame)),
    column: positionOf(dialect.isTachyon && column !== undefined ? column + 1 : column),
    firstLine: dialect.isTachyon ? 0 : positionOf(cell(funcTable, 'lineNumber', fn)),
    ...(kind !== undefined && { kind }),
  });
}

/** What a category says of a frame, in the words of Firefox, samply, CPython and ours. */
function kindOf(category: string): FrameKind | undefined {
  if (/^kernel$/i.test(category)) return FrameKind.Kernel;
  if (/^(native|user)$/i.test(category)) return FrameKind.Native;
  return /^(python|javascript)$/i.test(category) ? FrameKind.Python : undefined;
}
