import { threadLabel } from '@austin-profiler/convert/page-data';
import type { ProfileTables, ThreadId } from '@austin-profiler/profile';

/** The threads with samples, in the order in which they were met, and what they are called by now. */
export class ThreadRows {
  readonly #tables: ProfileTables;
  readonly #rows = new Map<number, number>();
  readonly #labels: string[] = [];
  /** The version at which one was met, or got a name, last. */
  changedAt = 0;

  constructor(tables: ProfileTables) {
    this.#tables = tables;
  }

  /** The row of a thread of the profile. */
  of(thread: number): number {
    let row = this.#rows.get(thread);
    if (row === undefined) {
      row = this.#rows.size;
      this.#rows.set(thread, row);
    }
    return row;
  }

  /** Names become known late. */
  refresh(version: number): boolean {
    let hasChanged = false;
    for (const [thread, row] of this.#rows) {
      const label = threadLabel(this.#tables, thread as ThreadId);
      if (this.#labels[row] === label) continue;
      this.#labels[row] = label;
      hasChanged = true;
    }
    if (hasChanged) this.changedAt = version;
    return hasChanged;
  }

  columns(): { pid: number[]; label: string[] } {
    const pid = [...this.#rows.keys()].map((thread) => this.#tables.thread(thread as ThreadId).pid);
    return { pid, label: [...this.#labels] };
  }
}
