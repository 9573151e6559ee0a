import { EMPTY_STACK, isOwnFunction, type ProfileTables, type StackId } from '@austin-profiler/profile';

/**
 * Stacks without the frames of libraries, in the same tables. What was spent in a library counts for the own code that
 * called it. Each stack is looked at once.
 */
export class OwnStacks {
  readonly #tables: ProfileTables;
  readonly #own: StackId[] = [EMPTY_STACK];
  readonly #isOwn: boolean[] = [];

  constructor(tables: ProfileTables) {
    this.#tables = tables;
  }

  of(stack: StackId): StackId {
    // Outermost first and without recursion: stacks may be ten thousand frames deep.
    const missing: StackId[] = [];
    let at = stack;
    while (this.#own[at] === undefined) {
      missing.push(at);
      at = this.#tables.stackParent(at);
    }
    let own = this.#own[at]!;
    for (const id of missing.reverse()) {
      const frame = this.#tables.stackFrame(id);
      const fn = this.#tables.frameFunction(frame);
      this.#isOwn[fn] ??= isOwnFunction(this.#tables, fn);
      if (this.#isOwn[fn]) own = this.#tables.internStack(own, frame);
      this.#own[id] = own;
    }
    return own;
  }
}
