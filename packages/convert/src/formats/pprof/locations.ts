import {
  type Code,
  type CodeId,
  type Column,
  EMPTY_STACK,
  type FrameId,
  type FunctionId,
  InternTable,
  PrefixTree,
  type ProfileTables,
  ROOT,
  type StackId,
  uint32Column,
} from '@austin-profiler/profile';
import { innermostCode, lookUpAddress } from '../../innermost-code.js';
import { type ProtoOutput, varintSize } from './proto-output.js';

const NOT_MET = 0xffffffff;

/** A function at a line and column: what pprof calls a location. */
export interface Location {
  /** null for the location that samples without frames get. */
  readonly fn: FunctionId | null;
  readonly line: number;
  readonly column: number;
  /** Of machine code of a mapped file, with the address to look up: of callers the call, not what it returns to. */
  readonly code?: { readonly address: bigint; readonly mapping: Code['mapping'] };
}

/** The locations of a profile, and the stacks made of them. Ids count from 1, as pprof wants. */
export class Locations {
  readonly #tables: ProfileTables;
  /** (function, line, column, code, whether the code did not call) */
  readonly #locations = new InternTable(5);
  /** Labelled with locations: stacks whose frames differ in nothing pprof shows are one. */
  readonly #paths = new PrefixTree();
  /** How many bytes the location ids of a path take. */
  readonly #sizes: Column<Uint32Array> = uint32Column();
  /** Where in the output the ids of a path were written last; 0 = nowhere. */
  #places = new Float64Array(0);
  readonly #pathOfStack: Uint32Array;
  #hasEmpty = false;

  constructor(tables: ProfileTables) {
    this.#tables = tables;
    const locationOf = Uint32Array.from({ length: tables.frameCount }, () => NOT_MET);
    const pathOfStack = new Uint32Array(tables.stackCount);
    this.#sizes.push(0);
    const isWanted = callers(tables);
    // Parents have lower ids than what they call.
    for (let id = EMPTY_STACK + 1; id < tables.stackCount; id++) {
      if (isWanted?.[id] === 0) continue;
      const stack = id as StackId;
      const frame = tables.stackFrame(stack);
      let location = locationOf[frame]!;
      if (location === NOT_MET) {
        location = this.#locate(frame, false);
        locationOf[frame] = location;
      }
      pathOfStack[id] = this.#child(pathOfStack[tables.stackParent(stack)]!, location);
    }
    this.#pathOfStack = pathOfStack;
  }

  #child(parent: number, location: number): number {
    const path = this.#paths.child(parent, location);
    if (path === this.#sizes.length) this.#sizes.push(this.#sizes.at(parent) + varintSize(location + 1));
    return path;
  }

  #locate(frame: FrameId, isExact: boolean): number {
    const tables = this.#tables;
    return this.#locations.intern(
      tables.frameFunction(frame),
      tables.frameLine(frame),
      tables.frameColumn(frame),
      tables.frameCode(frame),
      isExact ? 1 : 0,
    );
  }

  /** The number of the path that a stack is to pprof. */
  path(stack: StackId): number {
    const tables = this.#tables;
    const inner = innermostCode(tables, stack);
    if (!inner) return this.#pathOfStack[stack]!;
    let path = this.#pathOfStack[tables.stackParent(inner.stack)]!;
    path = this.#child(path, this.#locate(tables.stackFrame(inner.stack), true));
    for (const frame of inner.kernel) path = this.#child(path, this.#locate(frame, false));
    return path;
  }

  /** How many bytes {@link writeIds} writes. */
  idsSize(path: number): number {
    return path === ROOT ? varintSize(this.#locations.size + 1) : this.#sizes.at(path);
  }

  /**
   * Writes the location ids of a path, innermost first; never none. They end in those of the path it was called from, which
   * mostly has been written just before and is copied.
   */
  writeIds(path: number, out: ProtoOutput): void {
    if (path === ROOT) {
      this.#hasEmpty = true;
      out.varint(this.#locations.size + 1);
      return;
    }
    const paths = this.#paths;
    if (path >= this.#places.length) this.#growPlaces();
    const places = this.#places;
    let at = path;
    for (; at !== ROOT && places[at]! < out.firstPlace; at = paths.parent(at)) {
      places[at] = out.place;
      out.varint(paths.label(at) + 1);
    }
    if (at === ROOT) return;
    const place = out.place;
    out.again(places[at]!, this.#sizes.at(at));
    places[at] = place;
  }

  #growPlaces(): void {
    const grown = new Float64Array(this.#paths.size);
    grown.set(this.#places);
    this.#places = grown;
  }

  /** Every location in order of its id. Ask after all samples: the one for empty stacks exists on demand. */
  *all(): Iterable<Location> {
    for (let id = 0; id < this.#locations.size; id++) {
      const fn = this.#locations.get(id, 0) as FunctionId;
      const code = this.#tables.code(this.#locations.get(id, 3) as CodeId);
      const isCall = this.#locations.get(id, 4) === 0;
      yield {
        fn,
        line: this.#locations.get(id, 1),
        column: this.#locations.get(id, 2),
        ...(code && { code: { address: lookUpAddress(code.address, isCall), mapping: code.mapping } }),
      };
    }
    if (this.#hasEmpty) yield { fn: null, line: 0, column: 0 };
  }

  /** The id of a location's function; functions keep their order, the one for empty stacks is last. */
  functionId(location: Location): number {
    return (location.fn ?? this.#tables.functionCount) + 1;
  }

  get hasEmpty(): boolean {
    return this.#hasEmpty;
  }
}

/**
 * The stacks whose path is one of a sample, or part of one: all but those that end with machine code that calls nothing, which
 * is at another address than if it did. Undefined for all stacks.
 */
function callers(tables: ProfileTables): Uint8Array | undefined {
  if (tables.codeCount === 1) return undefined;
  const isWanted = new Uint8Array(tables.stackCount);
  // What calls has a lower id than what it calls.
  for (let id = tables.stackCount - 1; id > EMPTY_STACK; id--) {
    const stack = id as StackId;
    const inner = innermostCode(tables, stack);
    if (inner) isWanted[tables.stackParent(inner.stack)] = 1;
    else isWanted[id] = 1;
    if (isWanted[id]) isWanted[tables.stackParent(stack)] = 1;
  }
  return isWanted;
}
