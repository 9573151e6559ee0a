import { type CallNode, type FunctionId, InternTable, type ThreadId } from '@austin-profiler/profile';

const NO_PARENT = 0xffffffff;

/** Numbers for nodes of call trees, by thread and the functions that lead to them: the same in all trees of a recording. */
export class CallPaths {
  readonly #table = new InternTable(2);

  root(thread: ThreadId): number {
    return this.#table.intern(NO_PARENT, thread);
  }

  child(parent: number, fn: FunctionId): number {
    return this.#table.intern(parent, fn);
  }

  /** Undefined for a root. */
  parent(path: number): number | undefined {
    const parent = this.#table.get(path, 0);
    return parent === NO_PARENT ? undefined : parent;
  }

  /** The node with this number, if the trees have it. */
  find(path: number, roots: readonly CallNode[]): CallNode | undefined {
    if (!(path >= 0 && path < this.#table.size)) return undefined;
    const way: number[] = [];
    let at = path;
    for (let up = this.parent(at); up !== undefined; up = this.parent(at)) {
      way.push(this.#table.get(at, 1));
      at = up;
    }
    let node = roots.find(({ thread }) => thread === this.#table.get(at, 1));
    for (const fn of way.reverse()) node = node?.children.get(fn as FunctionId);
    return node;
  }
}
