import {
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
import { type ProtoOutput, varintSize } from './proto-output.js';

const NOT_MET = 0xffffffff;

/** A function at a line and column: what pprof calls a location. */
export interface Location {
  /** null for the location that samples without frames get. */
  readonly fn: FunctionId | null;
  readonly line: number;
  readonly column: number;
}

/** The locations of a profile, and the stacks made of them. Ids count from 1, as pprof wants. */
export class Locations {
  readonly #tables: ProfileTables;
  /** (function, line, column) */
  readonly #locations = new InternTable(3);
  /** Labelled with locations: stacks whose frames differ in nothing pprof shows are one. */
  readonly #paths = new PrefixTree();
  /** How many bytes the location ids of a path take. */
  readonly #sizes: Column<Uint32Array> = uint32Column();
  readonly #pathOfStack: Uint32Array;
  #hasEmpty = false;

  constructor(tables: ProfileTables) {
    this.#tables = tables;
    const locationOf = Uint32Array.from({ length: tables.frameCount }, () => NOT_MET);
    const pathOfStack = new Uint32Array(tables.stackCount);
    this.#sizes.push(0);
    // Parents have lower ids than what they call.
    for (let id = EMPTY_STACK + 1; id < tables.stackCount; id++) {
      const stack = id as StackId;
      const frame = tables.stackFrame(stack);
      let location = locationOf[frame]!;
      if (location === NOT_MET) {
        location = this.#locate(frame);
        locationOf[frame] = location;
      }
      const parent = pathOfStack[tables.stackParent(stack)]!;
      const path = this.#paths.child(parent, location);
      if (path === this.#sizes.length) this.#sizes.push(this.#sizes.at(parent) + varintSize(location + 1));
      pathOfStack[id] = path;
    }
    this.#pathOfStack = pathOfStack;
  }

  #locate(frame: FrameId): number {
    const tables = this.#tables;
    return this.#locations.intern(
      tables.frameFunction(frame),
      tables.frameLine(frame),
      tables.frameColumn(frame),
    );
  }

  /** The number of the path that a stack is to pprof. */
  path(stack: StackId): number {
    return this.#pathOfStack[stack]!;
  }

  /** How many bytes {@link writeIds} writes. */
  idsSize(path: number): number {
    return path === ROOT ? varintSize(this.#locations.size + 1) : this.#sizes.at(path);
  }

  /** Writes the location ids of a path, innermost first; never none. */
  writeIds(path: number, out: ProtoOutput): void {
    if (path === ROOT) {
      this.#hasEmpty = true;
      out.varint(this.#locations.size + 1);
      return;
    }
    const paths = this.#paths;
    for (let at = path; at !== ROOT; at = paths.parent(at)) out.varint(paths.label(at) + 1);
  }

  /** Every location in order of its id. Ask after all samples: the one for empty stacks exists on demand. */
  *all(): Iterable<Location> {
    for (let id = 0; id < this.#locations.size; id++) {
      const fn = this.#locations.get(id, 0) as FunctionId;
      yield { fn, line: this.#locations.get(id, 1), column: this.#locations.get(id, 2) };
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
