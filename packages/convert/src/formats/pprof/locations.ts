import {
  EMPTY_STACK,
  type FunctionId,
  InternTable,
  type ProfileTables,
  type StackId,
} from '@austin-profiler/profile';

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
  /** (parent, location): stacks whose frames differ in nothing pprof shows are one. */
  readonly #paths = new InternTable(2);
  readonly #pathOfStack: Uint32Array;
  #hasEmpty = false;

  constructor(tables: ProfileTables) {
    this.#tables = tables;
    this.#pathOfStack = new Uint32Array(tables.stackCount);
    // Path 0 is the empty one, as stack 0 is. Parents have lower ids than what they call.
    this.#paths.intern(0xffffffff, 0xffffffff);
    for (let id = EMPTY_STACK + 1; id < tables.stackCount; id++) {
      const stack = id as StackId;
      const frame = tables.stackFrame(stack);
      const location = this.#locations.intern(
        tables.frameFunction(frame),
        tables.frameLine(frame),
        tables.frameColumn(frame),
      );
      this.#pathOfStack[id] = this.#paths.intern(this.#pathOfStack[tables.stackParent(stack)]!, location);
    }
  }

  /** The number of the path that a stack is to pprof. */
  path(stack: StackId): number {
    return this.#pathOfStack[stack]!;
  }

  /** The location ids of a path, innermost first; never none. */
  ids(path: number): number[] {
    if (path === 0) {
      this.#hasEmpty = true;
      return [this.#locations.size + 1];
    }
    const ids: number[] = [];
    for (let at = path; at !== 0; at = this.#paths.get(at, 0)) ids.push(this.#paths.get(at, 1) + 1);
    return ids;
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
