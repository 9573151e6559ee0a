import type { LiveProfile } from '@austin-profiler/convert/live';
import { FrameKind, type FunctionId, type ProfileTables } from '@austin-profiler/profile';

/** The source files that a profile names: the only ones that may be asked for. */
export class NamedFiles {
  readonly #tables: ProfileTables;
  readonly #files = new Set<string>();
  #seen = 0;

  constructor({ tables }: Pick<LiveProfile, 'tables'>) {
    this.#tables = tables;
  }

  has(file: string): boolean {
    const tables = this.#tables;
    for (; this.#seen < tables.functionCount; this.#seen++) {
      const fn = this.#seen as FunctionId;
      if (tables.functionKind(fn) === FrameKind.Python)
        this.#files.add(tables.string(tables.functionFile(fn)));
    }
    // `<frozen importlib._bootstrap>` and `<string>` never were files.
    return this.#files.has(file) && file !== '' && !file.startsWith('<');
  }
}
