import {
  EMPTY_STACK,
  type FrameId,
  type ProfileTables,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import type { KeyTables, ProcessKeys } from './key-tables.js';
import { ByteMap } from './wire/byte-map.js';
import { decodeText } from './wire/text.js';
import type { MojoInt } from './wire/varint.js';

/**
 * One thread of a recording and the path of its latest sample: `frames[i]`, called from all before it, makes
 * `stacks[i]`. The next sample mostly starts with the same frames and so finds its stack by comparing.
 */
export interface ThreadState {
  readonly id: ThreadId;
  readonly keys: ProcessKeys;
  readonly frames: FrameId[];
  readonly stacks: StackId[];
  /** How many entries of the path hold: those behind are left over from longer ones. */
  depth: number;
}

/** The stack of the latest sample of a thread, repeats expanded. */
export function latestStack(thread: ThreadState): StackId {
  return thread.depth === 0 ? EMPTY_STACK : thread.stacks[thread.depth - 1]!;
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

  constructor(tables: ProfileTables, keyTables: KeyTables) {
    this.#tables = tables;
    this.#keyTables = keyTables;
  }

  find(pid: MojoInt, iid: MojoInt | null, bytes: Uint8Array, start: number, end: number): ThreadState {
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
      thread = { id, keys: process.keys, frames: [], stacks: [], depth: 0 };
      threads.add(bytes, start, end, thread);
    }
    return thread;
  }
}
