import type { SamplerError } from './errors.js';
import type { TargetInfo } from './target-info.js';

export interface SnapshotOptions {
  /** How long to wait for an interpreter that is still starting, in milliseconds. Default 1000. */
  readonly timeoutMs?: number;
  /**
   * How long a process that changes while it is read is read again, in milliseconds. Default 3000. Each is read once in any case; a
   * large tree takes 15 seconds at most for all repetitions together.
   */
  readonly patienceMs?: number;
  /** Reads the local variables of every frame, as short texts. */
  readonly locals?: boolean;
  /** Reads the tasks of asyncio; from Python 3.14 on. */
  readonly tasks?: boolean;
  /** Puts native functions into the stacks. Each thread is stopped for a moment for it. */
  readonly native?: boolean;
  /** Puts the functions of the kernel in which threads wait at the inner ends of their stacks. */
  readonly kernel?: boolean;
  /** Ends the look soon after it is aborted: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** All threads of a process at one moment. */
export interface Snapshot {
  readonly target: TargetInfo;
  /** How often it was read: until what was seen fitted together, or 20 times. The best of these readings is here. */
  readonly attempts: number;
  /** `patienceMs` was over before the readings fitted together. */
  readonly outOfTime?: true;
  /** The nearest Python process above this one in the tree that was asked for. */
  readonly parent?: number;
  /** Newest thread first, as the interpreter lists them. */
  readonly threads: readonly SnapshotThread[];
  /** With `tasks`: those that have not ended, of all loops and threads, older ones first. */
  readonly tasks?: readonly SnapshotTask[];
  /** With `tasks`: why there are none. */
  readonly tasksUnknown?: TasksUnknown;
}

export type TasksUnknown =
  /** Before 3.14 Python keeps no list of tasks. The coroutines of the running one are in its thread's stack. */
  | 'python-too-old'
  /** The module `_asyncio` of this Python does not tell where its tasks are, or its file cannot be read. */
  | 'not-described'
  /** Tasks came and went faster than they could be read. */
  | 'changing';

export interface SnapshotThread {
  /** Interpreter id: 0 is the main interpreter. */
  readonly iid: number;
  /** Id of the thread for the operating system, in the reader's PID namespace. */
  readonly tid: number;
  /** The name Python's `threading` gives it, when it knows the thread. */
  readonly name?: string;
  /** Whether this thread held the GIL when its stack was read. Absent where no GIL is in use, as mostly in free-threaded builds. */
  readonly holdsGil?: boolean;
  /** Whether it waits for the GIL. Absent where none is in use, and where nothing tells. */
  readonly waitsForGil?: boolean;
  /**
   * Instead of `holdsGil` in free-threaded builds, many threads at a time: whether it was attached to the interpreter, so that it
   * could run Python code. One that waits in a system call is detached.
   */
  readonly attached?: boolean;
  /** What the operating system says that it does. */
  readonly state: ThreadState;
  /**
   * What it waits for, in words: `sleeping`, `the GIL`, `a lock`, `reading from socket:[1234]`, `events on pipe:[7], …`,
   * `child process 99`. Absent when it does not wait, or nothing tells.
   */
  readonly waitsFor?: string;
  /** The system call in which it waits: `futex`, `clock_nanosleep`. */
  readonly systemCall?: string;
  readonly quality: 'exact' | 'retried' | 'between' | 'cut' | 'invalid';
  /** With `native`: what became of the native half of the stack. */
  readonly native?: NativeOutcome;
  /** With `kernel`: the operating system did not tell the kernel's functions. `ERR_KERNEL_STACKS_PERMISSION` has what to do. */
  readonly kernelRefused?: true;
  /** Innermost frame last. */
  readonly frames: readonly SnapshotFrame[];
}

/** `running` is on a processor or ready for one; `uninterruptible` mostly means waiting for a disk. */
export type ThreadState =
  | 'running'
  | 'sleeping'
  | 'uninterruptible'
  | 'stopped'
  | 'traced'
  | 'ended'
  | 'unknown';

/** `whole` where it is in the frames from the thread's first function on. */
export type NativeOutcome =
  | 'whole'
  /** It could not be followed to the thread's first function; its outer part is missing. */
  | 'incomplete'
  /** It did not fit the Python stack, which is there alone. */
  | 'disagreed'
  /** The thread could not be stopped. */
  | 'missed';

export interface SnapshotFrame {
  /** Absent for a frame of Python. */
  readonly kind?: 'native' | 'kernel';
  /** Qualified name from Python 3.11 on, plain name before; of native frames the symbol, or `<unknown>`. */
  readonly name: string;
  /** Of a native frame `native@` with its address in hexadecimal digits, of one of the kernel `kernel`. */
  readonly file: string;
  /** Of a native frame: the instruction, or where it returns to if it has called, in hexadecimal digits. */
  readonly address?: string;
  /** Of a native frame: bytes from the start of the symbol to that address; 0 if unknown. */
  readonly offset?: number;
  /** Of a native frame: the file that its code was loaded from; absent for code made at run time. */
  readonly module?: string;
  /** Lines count from 1, columns from 1 in UTF-8 bytes, columnEnd is exclusive; 0 is unknown. */
  readonly line: number;
  readonly lineEnd: number;
  readonly column: number;
  readonly columnEnd: number;
  /** With `locals`: the variables that have a value, arguments first. */
  readonly locals?: readonly SnapshotLocal[];
  /** With `locals`: the frame had gone on before its variables could be read. */
  readonly localsUnreadable?: boolean;
}

export interface SnapshotLocal {
  readonly name: string;
  /**
   * As `repr` would show it, shortened: containers to six items and two levels, text to 60 characters, with `…` for what is left
   * out. Instances are `<module.Class at 0x…>`; no code of theirs runs. `<unreadable>` and `<changing>` stand for
   * themselves.
   */
  readonly value: string;
}

/** A task of asyncio. */
export interface SnapshotTask {
  /** Tells it from other tasks of the process while it lives. */
  readonly id: string;
  readonly name: string;
  /** `created`: its first step is still to come; `running`: its coroutine is on the stack of its thread. */
  readonly state: 'created' | 'waiting' | 'running';
  /** The thread that runs its loop; absent when that has ended. */
  readonly tid?: number;
  readonly loop: { readonly id: string; readonly class: string };
  /** Ids of the tasks that await it, directly or through futures such as that of `gather`. */
  readonly awaitedBy: readonly string[];
  /** The coroutines it waits in, innermost last; of a running task everything from its coroutine on. */
  readonly frames: readonly SnapshotFrame[];
}

/** A process with everything below it, at about one moment. */
export interface SnapshotTree {
  /** Never empty. Parents come before their children, older children before younger ones. */
  readonly processes: readonly Snapshot[];
  /** Pythons of the tree that could not be read, and why. */
  readonly unread: readonly { readonly pid: number; readonly error: SamplerError }[];
}
