import type { NativeWay } from './native-option.js';
import type { Snapshot } from './snapshot.js';
import type { TargetInfo } from './target-info.js';

export type { TargetInfo };

/**
 * The surface of the addon, kept by hand and tested against the built binary. Everything else in this
 * package is a typed wrapper around these few calls. Options arrive here already validated.
 */
export interface NativeAddon {
  /** Starts the sampling thread and returns at once. */
  start(options: NativeRecordingOptions, onEvent: (event: NativeEvent) => void): NativeRecording;
  /** Looks at a process, or a tree of them, once, on a worker thread. */
  snapshot(options: NativeSnapshotOptions): NativeSnapshot;
  /** Holds a program we have started: it is ended, as by `end`, when this worker is terminated. */
  guard(pid: number): NativeProgramGuard;
  /**
   * Hears of the end of a child of this process, once, in place of Node: its status or the number of the signal; `running`, or `gone` where
   * it is no child of ours or its end has been heard of.
   */
  takeEnd(pid: number): 'running' | 'gone' | { readonly code: number } | { readonly signal: number };
  /**
   * Gives the calling thread a real-time priority, so that nothing comes between the start of a program and the start of its
   * recording; false where it does not get it. What it starts meanwhile has the ordinary priority.
   */
  beginHurry(): boolean;
  /** Gives the priority back. Only after `beginHurry` said true. */
  endHurry(): void;
  /** Tries to read one byte of a process. */
  probeMemory(pid: number): MemoryAccess;
  /** Tries what a sampling thread would ask for. Takes a millisecond. */
  probeThread(): ThreadGrants;
  /** Begins to note who sends these signals. Those that nothing in this process handles yet stay as they are. */
  watchSignals(...numbers: number[]): NativeSignalWatch;
}

export interface NativeSignalWatch {
  /** Of the oldest signal of this number that has not been asked for. */
  takeOrigin(number: number): SignalOrigin;
  /** Puts the handlers back. */
  close(): void;
}

/** Who sent a signal: the operating system, for a key in a terminal; or a process. */
export type SignalOrigin = 'system' | 'process' | 'unknown';

export interface NativeSnapshotOptions {
  pid: number;
  timeoutMs: number;
  patienceMs: number;
  children: boolean;
  locals: boolean;
  tasks: boolean;
  native: boolean;
  kernel: boolean;
}

export interface NativeSnapshot {
  /** Rejects with a {@link NativeFailure}. */
  readonly finished: Promise<NativeSnapshotTree>;
  /** Ends the look soon, with a failure where nothing is known yet. */
  cancel(): void;
}

export interface NativeSnapshotTree {
  /** Never empty; with one process unless `children` was asked for. */
  readonly processes: readonly Snapshot[];
  readonly unread: readonly (NativeFailure & { readonly pid: number })[];
}

/** What the operating system answers when a process is to be read: its error numbers, 0 where it allows it. */
export interface MemoryAccess {
  /** Of reading the list of its mappings, `/proc/PID/maps`. */
  readonly mapsErrno: number;
  /** Of reading its memory, `process_vm_readv`. */
  readonly readErrno: number;
}

/** What the operating system grants a sampling thread. */
export interface ThreadGrants {
  /** Whether it gets a real-time priority, which lets it wake before ordinary threads. */
  readonly realtime: boolean;
  /** How long one look at the monotonic clock takes, in nanoseconds. */
  readonly clockReadNs: number;
}

export interface NativeRecording {
  /** Asks the sampling thread to finish. The `end` event follows. */
  stop(): void;
  /** Asks the sampling thread to end the present file and to begin another. */
  rotate(): void;
  /** Asks for a `flushed` event with this id when all that has been sampled has been handed over. Ids grow. */
  flush(id: number): void;
  /**
   * Says that a chunk of so many bytes has been dealt with. Only about a MiB may be under way; then the native side waits,
   * unless the recording is stopped or ending.
   */
  chunkDone(bytes: number): void;
}

export interface NativeProgramGuard {
  /** Sends a signal to what runs of the program and all it started; says whether anything does. */
  signal(number: number): boolean;
  /** Blocks until nothing of it runs: SIGTERM, and two seconds later SIGKILL. */
  end(): void;
  /** Lets go of a program that has ended. */
  release(): void;
}

export interface NativeRecordingOptions {
  pid: number;
  intervalUs: number;
  timeoutMs: number;
  durationUs: number;
  mode: RecordingMode;
  children: boolean;
  gc: boolean;
  gilOnly: boolean;
  gilHolders: boolean;
  tasks: boolean;
  /** The way native stacks are taken; empty for none. */
  native: NativeWay | '';
  kernel: boolean;
  /** A descriptor the native thread writes MOJO to and closes at the end, or -1. */
  outputFd: number;
  /** Whether `chunk` events are wanted. */
  chunks: boolean;
  /** Whether each round is moved by a random part of the interval. */
  jitter: boolean;
  /** The share of one CPU that the sampling thread may take, in percent, or 0 for no limit. */
  maxCpuPercent: number;
  /** Time between `progress` events, or 0 for none. */
  progressMs: number;
  /** Whether stacks may be written as repeats: MOJO version 4, else 3. */
  repeats: boolean;
  /** Metadata written at the head of the recording, in order: key, value, key, value, … */
  metadata: string[];
}

export type NativeEvent =
  | { readonly type: 'attached'; readonly target: TargetInfo }
  | { readonly type: 'progress'; readonly statistics: Statistics }
  | { readonly type: 'notice'; readonly notice: NativeFailure }
  | { readonly type: 'chunk'; readonly bytes: Uint8Array; readonly startsFile: boolean }
  | ({ readonly type: 'flushed'; readonly id: number } & Flushed)
  /** Sampling is over. The chunks that are left follow, and do not wait for those before. */
  | { readonly type: 'ending' }
  | {
      readonly type: 'end';
      readonly end: RecordingEnd;
      readonly statistics: Statistics;
      readonly error?: NativeFailure;
    };

/** What has been handed over of a recording that goes on. */
export interface Flushed {
  /** Length of the stream until now. It ends with a whole sample. */
  readonly bytes: number;
  /**
   * The metadata that would end the present file, as it is now. A copy of the file with this at its end is what the recording
   * would have left if it had been stopped.
   */
  readonly footer: Uint8Array;
}

export interface NativeFailure {
  readonly code: string;
  readonly message: string;
  readonly errno: number;
}

/** What a recording is about; `RecordingOptions.mode` tells them apart. */
export type RecordingMode = 'wall' | 'cpu' | 'memory' | 'full';

export type RecordingEnd = 'target-ended' | 'stopped' | 'duration' | 'failed';

/** Counts of a recording so far. Every sample taken is in exactly one of exact, retried, between,
 * cut and invalid. */
export interface Statistics {
  /** Rounds taken; one reads every thread once. */
  readonly rounds: number;
  /** Samples written: one per thread and round. */
  readonly samples: number;
  /** Stacks read unchanged at the first attempt. */
  readonly exact: number;
  /** Stacks read unchanged at a later attempt of the same round. */
  readonly retried: number;
  /**
   * Stacks that kept changing, as they were at a moment in between: the innermost calls came and went while they were read,
   * and are not in them.
   */
  readonly between: number;
  /** Stacks that kept changing: only the outer frames that agreed were kept. */
  readonly cut: number;
  /** Samples with no frame that could be trusted. */
  readonly invalid: number;
  /** Why attempts failed, by reason; a sample that needed two retries counts two attempts. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Rounds that began more than one interval late. */
  readonly lateRounds: number;
  /** Rounds of the schedule that were never taken because an earlier one was late. */
  readonly missedRounds: number;
  /** From the first to the last round, in microseconds. */
  readonly durationUs: number;
  /** Time with a garbage collector active, in microseconds, each process by itself; 0 unless `gc` was asked for. */
  readonly gcUs: number;
  /** Stacks whose asyncio task was gone before it could be read; 0 unless `tasks` was asked for. */
  readonly missedTasks: number;
  /**
   * Samples whose native stack did not fit their Python stack: the Python stack was kept alone, and marked. 0 unless `native` was
   * asked for, as are the next two.
   */
  readonly nativeDisagreed: number;
  /** Samples whose native stack could not be followed to the thread's first function; its outer part is missing. */
  readonly nativeIncomplete: number;
  /**
   * Samples without a native stack because their thread could not be copied: it was ending, a debugger had it, it slept so that
   * nothing interrupts it, or it got no processor. The Python stack was kept, and marked.
   */
  readonly nativeMissed: number;
  /**
   * With `native`: for how long a thread was stopped for a sample, in microseconds; the median to within 3 %. `total` is that of all
   * stops together, of all threads. All 0 if none was.
   */
  readonly pauseUs: {
    readonly min: number;
    readonly median: number;
    readonly max: number;
    readonly total: number;
  };
  /** Python processes sampled so far. */
  readonly processes: number;
  /** Time spent in rounds, in microseconds: the sampler's own work. */
  readonly busyUs: number;
  /** Shortest, mean and longest time of one round, in microseconds. */
  readonly roundUs: { readonly min: number; readonly mean: number; readonly max: number };
  /** Bytes of MOJO produced. */
  readonly bytes: number;
  /** The interval in force, in microseconds: longer than asked while `maxCpuPercent` demands it. */
  readonly intervalUs: number;
  /** CPU time of the sampling thread, in microseconds. */
  readonly cpuUs: number;
}
