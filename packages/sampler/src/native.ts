/**
 * The surface of the addon, kept by hand and tested against the built binary. Everything else in this
 * package is a typed wrapper around these few calls. Options arrive here already validated.
 */
export interface NativeAddon {
  /** Starts the sampling thread and returns at once. */
  start(options: NativeRecordingOptions, onEvent: (event: NativeEvent) => void): NativeRecording;
  /** Reads every stack of a process once, on a worker thread. Rejects with a {@link NativeFailure}. */
  snapshot(pid: number, timeoutMs: number): Promise<Snapshot>;
}

export interface NativeRecording {
  /** Asks the sampling thread to finish. The `end` event follows. */
  stop(): void;
  /** Asks the sampling thread to end the present file and to begin another. */
  rotate(): void;
  /** Asks for a `flushed` event with this id when all that has been sampled has been handed over. Ids grow. */
  flush(id: number): void;
  /** Says that a chunk has been dealt with. Only so many may be under way; then the native side waits. */
  chunkDone(): void;
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
  | { readonly type: 'chunk'; readonly bytes: Uint8Array; readonly startsFile: boolean }
  | ({ readonly type: 'flushed'; readonly id: number } & Flushed)
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

/** What was found in the process. */
export interface TargetInfo {
  /** The process that holds the interpreter: the one asked for, or the first Python process below it. */
  readonly pid: number;
  /** For example `3.12.1` or `3.15.0b2`. */
  readonly pythonVersion: string;
  /** Path of the program as the target's own mount namespace names it. */
  readonly executable: string;
  readonly freeThreaded: boolean;
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

/** All stacks of a process at one moment. */
export interface Snapshot {
  readonly target: TargetInfo;
  readonly threads: readonly SnapshotThread[];
}

export interface SnapshotThread {
  /** Interpreter id: 0 is the main interpreter. */
  readonly iid: number;
  /** Id of the thread for the operating system, in the reader's PID namespace. */
  readonly tid: number;
  /** The name Python's `threading` gives it, when it knows the thread. */
  readonly name?: string;
  /** Whether this thread held the GIL when its stack was read. Unknown (absent) in free-threaded builds. */
  readonly holdsGil?: boolean;
  readonly quality: 'exact' | 'retried' | 'between' | 'cut' | 'invalid';
  /** Innermost frame last. */
  readonly frames: readonly SnapshotFrame[];
}

export interface SnapshotFrame {
  /** Qualified name from Python 3.11 on, plain name before. */
  readonly name: string;
  readonly file: string;
  /** Lines count from 1, columns from 1 in UTF-8 bytes, columnEnd is exclusive; 0 is unknown. */
  readonly line: number;
  readonly lineEnd: number;
  readonly column: number;
  readonly columnEnd: number;
}
