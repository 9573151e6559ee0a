import {
  ByteMap,
  EMPTY_STACK,
  equalBytes,
  type FrameId,
  type ProfileTables,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import type { KeyTables, ProcessKeys } from './key-tables.js';
import { PathRefs } from './path-refs.js';

import { decodeText } from './wire/text.js';
import type { MojoInt } from './wire/varint.js';

/**
 * One thread of a recording and the path of its latest sample: `frames[i]`, called from all before it, makes
 * `stacks[i]`. The next sample mostly starts with the same frames and so finds its stack by comparing.
 */
export interface ThreadState {
  readonly id: ThreadId;
  readonly pid: MojoInt;
  readonly iid: MojoInt | null;
  /** Its name as recorded. */
  readonly name: Uint8Array;
  readonly keys: ProcessKeys;
  /** The stack of the latest sample, repeats expanded. */
  stack: StackId;
  readonly frames: FrameId[];
  readonly stacks: StackId[];
  /** How many entries of the path hold: those behind are left over from longer ones. */
  depth: number;
  /** The references by which the first frames of the path were named, while nothing was redefined. */
  readonly refs: PathRefs;
  redefinitions: number;
  /** The thread whose sample came behind the latest of this one: mostly, it is so again. */
  next: ThreadState | undefined;
}

interface ProcessThreads {
  readonly keys: ProcessKeys;
  /** By interpreter: the same thread name in two interpreters is two threads. */
  readonly interpreters: Map<MojoInt | null, ByteMap<ThreadState>>;
}

/** The threads met so far, found by the bytes of their names. */
export class ThreadIndex {
  readonly #tables: ProfileTables;
  readonly #keyTables: KeyTables;
  readonly #processes = new Map<MojoInt, ProcessThreads>();
  #latest: ThreadState | undefined;

  constructor(tables: ProfileTables, keyTables: KeyTables) {
    this.#tables = tables;
    this.#keyTables = keyTables;
  }

  find(pid: MojoInt, iid: MojoInt | null, bytes: Uint8Array, start: number, end: number): ThreadState {
    const latest = this.#latest;
    let thread = latest?.next;
    if (
      thread === undefined ||
      thread.pid !== pid ||
      thread.iid !== iid ||
      !equalBytes(thread.name, bytes, start, end)
    ) {
      thread = this.#lookUp(pid, iid, bytes, start, end);
      if (latest !== undefined) latest.next = thread;
    }
    this.#latest = thread;
    return thread;
  }

  #lookUp(pid: MojoInt, iid: MojoInt | null, bytes: Uint8Array, start: number, end: number): ThreadState {
    let process = this.#processes.get(pid);
    if (process === undefined) {
      process = { keys: this.#keyTables.process(pid), interpreters: new Map() };
      this.#processes.set(pid, process);
    }
    let threads = process.interpreters.get(iid);
    if (threads === undefined) {
      threads = new ByteMap();
      process.interpreters.set(iid, threads);
    }
    let thread = threads.get(bytes, start, end);
    if (thread === undefined) {
      const tid = decodeText(bytes, start, end);
      const id = this.#tables.internThread(Number(pid), iid === null ? null : Number(iid), tid);
      const { keys } = process;
      thread = {
        id,
        pid,
        iid,
        name: bytes.slice(start, end),
        keys,
        stack: EMPTY_STACK,
        frames: [],
        stacks: [],
        depth: 0,
        refs: new PathRefs(),
        redefinitions: keys.redefinitions,
        next: undefined,
      };
      threads.add(bytes, start, end, thread);
    }
    return thread;
  }
}
