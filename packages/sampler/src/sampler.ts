import { type ChunkListener, createChunkFeed } from './chunk-feed.js';
import { SamplerError } from './errors.js';
import { createFlushes } from './flushes.js';
import { loadAddon } from './load-addon.js';
import type {
  Flushed,
  NativeRecordingOptions,
  RecordingEnd,
  RecordingMode,
  Statistics,
  TargetInfo,
} from './native.js';
import { toSamplerError } from './native-failure.js';
import { type NativeWay, requireKernel, requireNative } from './native-option.js';
import { outputWriteError } from './output-error.js';
import {
  MAX_INT32,
  requireFlag,
  requireFunction,
  requireInteger,
  requireNumber,
  requireOpen,
  requireText,
} from './validation.js';

export interface RecordingOptions {
  /**
   * The process to sample. If it is not Python itself, the first Python process found below it is taken:
   * a shell script that starts Python is followed.
   */
  readonly pid: number;
  /** Time between rounds in microseconds; 0 samples as fast as it can. */
  readonly intervalUs: number;
  /**
   * - `wall` (default): every thread, with the time that passed;
   * - `cpu`: threads that were on a CPU or waited for one, with the time that passed;
   * - `memory`: the change of the resident set in bytes, charged to the thread with the interpreter lock; samples only
   *   where it changed;
   * - `full`: every thread, with the time, whether it was on a CPU, and the change of the resident set.
   */
  readonly mode?: RecordingMode;
  /**
   * Samples every Python process of the tree below `pid`, at any depth and through programs that are not Python, until
   * the last one has ended. Each has its own samples; `x-process:<pid>` metadata tells what it is.
   */
  readonly children?: boolean;
  /** Marks the samples of threads that collect garbage, and counts the time with a collector active. */
  readonly gc?: boolean;
  /** Samples only threads with the interpreter lock; in free-threaded builds those that may run Python code. */
  readonly gilOnly?: boolean;
  /**
   * Marks the samples of threads that held the interpreter lock when they were taken; in free-threaded builds those that
   * might run Python code.
   */
  readonly gilHolders?: boolean;
  /**
   * Puts the asyncio task that a thread runs, and the tasks that await it, into its stack: frames of the file `<task>` above the
   * task's coroutines. From Python 3.14 on.
   */
  readonly tasks?: boolean;
  /**
   * Puts the native functions (of C, C++, Rust, …) into the stacks, between the Python functions that called them and those they call.
   * `true` and `'exact'` stop each thread that runs for a moment ({@link Statistics.pauseUs}) to copy both stacks at once. Both samples and
   * pauses are per thread: an interval of 10 ms or more keeps the slowdown small. `'undisturbed'` stops nothing: the kernel copies the
   * native stack (perf_event_open), the Python stack is read right behind it, and where it has changed in between, the sample counts as
   * one that {@link Statistics.nativeDisagreed}.
   */
  readonly native?: boolean | NativeWay;
  /**
   * Puts the functions of the kernel in which a thread waits at the inner end of its stack. Where the operating system does not tell
   * them, the recording goes on without, and `onNotice` says so.
   */
  readonly kernel?: boolean;
  /** How long to wait for the interpreter to come up, in milliseconds. Default 3000. */
  readonly timeoutMs?: number;
  /** End the recording after so many microseconds; 0 or absent: when the target ends or `stop` is called. */
  readonly durationUs?: number;
  /**
   * A descriptor the native thread writes the MOJO stream to. It is duplicated: the caller keeps and
   * closes its own.
   */
  readonly outputFd?: number;
  /**
   * The version of the MOJO stream. Version 4, the default, is several times smaller; version 3 is what every
   * published reader knows.
   */
  readonly mojoVersion?: 3 | 4;
  /** Metadata for the head of the recording; keys of ours start with `x-`, and `austin` replaces the version in it. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * Moves each round by a random part of the interval, so that a program that works in step with the sampler is not
   * always met at the same thing. The mean rate stays the same, and each sample weighs the time that really passed.
   */
  readonly jitter?: boolean;
  /**
   * The share of one CPU that the sampling thread may take, in percent from 1 to 100; 0 or absent: no limit. Above it the
   * interval is lengthened, which {@link Statistics.intervalUs} and the recording tell.
   */
  readonly maxCpuPercent?: number;
  /**
   * The MOJO stream in pieces of whole samples. Without a listener nothing crosses into JavaScript. The sampler does
   * not get far ahead of the promises returned: about 1 MiB may be under way, and up to 16 MiB wait outside of JavaScript;
   * beyond that sampling itself waits, which late and missed rounds show. A failure ends the recording with
   * `ERR_OUTPUT_WRITE`.
   */
  readonly onChunk?: ChunkListener;
  /** Sampling is over. The pieces that are left come next, without waiting for promises. */
  readonly onEnding?: () => void;
  /** Called for each process that is found, and again when one has become another program. */
  readonly onAttached?: (target: TargetInfo) => void;
  readonly onProgress?: (statistics: Statistics) => void;
  /** Called, once for each code, when something that was asked for is missing while the recording goes on. */
  readonly onNotice?: (notice: SamplerError) => void;
  /** Time between calls of `onProgress` in milliseconds. Default 250. */
  readonly progressMs?: number;
}

export interface RecordingResult {
  readonly end: RecordingEnd;
  readonly statistics: Statistics;
  /** What was attached to, with children the first; absent when no interpreter was found. */
  readonly target?: TargetInfo;
  /** Set when `end` is `failed`: everything sampled before it has been written. */
  readonly error?: SamplerError;
}

export interface Recording {
  /** Ends the recording; every sample taken so far is written. */
  stop(): void;
  /**
   * Ends the present file with its footer and begins another, which is a recording by itself. The weights of a thread
   * in all files add up to the time it was observed. Needs `onChunk`, which tells the files apart.
   *
   * @throws SamplerError `ERR_SAMPLER_OPTION` for a recording with `outputFd`
   */
  rotate(): void;
  /**
   * Settles when everything sampled before the call has been written to `outputFd` and dealt with by `onChunk`. Rejects when
   * the recording ends before that; {@link Recording.finished} then says how.
   */
  flush(): Promise<Flushed>;
  /** Settles when the stream is complete. Never rejects: a failure is in the result. */
  readonly finished: Promise<RecordingResult>;
}

/**
 * Starts sampling a process on a native thread and returns at once.
 *
 * @throws SamplerError `ERR_SAMPLER_OPTION` for an impossible option, `ERR_NATIVE_UNSUPPORTED` where native stacks are not to be had,
 * `ERR_ADDON_LOAD` without a binary for this platform. Everything that happens later is in {@link Recording.finished}.
 */
export function startRecording(options: RecordingOptions): Recording {
  const nativeOptions = checkOptions(options);
  let target: TargetInfo | undefined;
  let settle: (result: RecordingResult) => void;
  const finished = new Promise<RecordingResult>((resolve) => {
    settle = resolve;
  });
  const flushes = createFlushes();
  const feed = createChunkFeed(options.onChunk, {
    done: (bytes) => native.chunkDone(bytes),
    failed: () => native.stop(),
  });
  const native = loadAddon().start(nativeOptions, (event) => {
    switch (event.type) {
      case 'attached':
        if (!options.children) target = event.target;
        target ??= event.target;
        options.onAttached?.(event.target);
        break;
      case 'progress':
        options.onProgress?.(event.statistics);
        break;
      case 'notice':
        options.onNotice?.(toSamplerError(event.notice, options.pid));
        break;
      case 'chunk':
        feed.push(event.bytes, event.startsFile);
        break;
      case 'flushed':
        flushes.reached(event.id, event, feed.settled());
        break;
      case 'ending':
        options.onEnding?.();
        break;
      case 'end':
        void concluded(
          {
            end: event.end,
            statistics: event.statistics,
            ...(target && { target }),
            ...(event.error && { error: toSamplerError(event.error, options.pid) }),
          },
          feed.settled(),
        ).then((result) => {
          flushes.over(result);
          settle(result);
        });
        break;
    }
  });
  return {
    stop: () => native.stop(),
    rotate() {
      if (options.outputFd !== undefined || options.onChunk === undefined) {
        throw new SamplerError(
          'ERR_SAMPLER_OPTION',
          'rotate() needs onChunk, and no outputFd: one is one file',
          {
            kind: 'usage',
          },
        );
      }
      native.rotate();
    },
    flush: () => flushes.ask((id) => native.flush(id)),
    finished,
  };
}

/**
 * The options as the addon takes them.
 *
 * @throws SamplerError `ERR_SAMPLER_OPTION`, `ERR_NATIVE_UNSUPPORTED`
 */
export function checkOptions(options: RecordingOptions): NativeRecordingOptions {
  for (const name of ['onChunk', 'onEnding', 'onAttached', 'onProgress', 'onNotice'] as const) {
    requireFunction(name, options[name]);
  }
  const progressMs = requireInteger('progressMs', options.progressMs ?? 250, 1, MAX_INT32);
  return {
    pid: requirePid(options.pid),
    intervalUs: requireInteger('intervalUs', options.intervalUs, 0, MAX_INTERVAL_US),
    timeoutMs: requireInteger('timeoutMs', options.timeoutMs ?? 3000, 0, MAX_INT32),
    durationUs: requireInteger('durationUs', options.durationUs ?? 0, 0, MAX_DURATION_US),
    mode: requireMode(options.mode ?? 'wall'),
    children: requireFlag('children', options.children ?? false),
    gc: requireFlag('gc', options.gc ?? false),
    gilOnly: requireFlag('gilOnly', options.gilOnly ?? false),
    gilHolders: requireFlag('gilHolders', options.gilHolders ?? false),
    tasks: requireFlag('tasks', options.tasks ?? false),
    native: requireNative(options.native ?? false),
    kernel: requireKernel(options.kernel ?? false),
    outputFd: options.outputFd === undefined ? -1 : requireOpen('outputFd', options.outputFd),
    chunks: options.onChunk !== undefined,
    jitter: requireFlag('jitter', options.jitter ?? false),
    maxCpuPercent: requireNumber('maxCpuPercent', options.maxCpuPercent ?? 0, [0, 100]),
    progressMs: options.onProgress ? progressMs : 0,
    repeats: options.mojoVersion !== 3,
    metadata: Object.entries(options.metadata ?? {}).flatMap(requireText),
  };
}

/** The result once all chunks have been dealt with, which may have failed. */
async function concluded(result: RecordingResult, chunks: Promise<void>): Promise<RecordingResult> {
  try {
    await chunks;
    return result;
  } catch (cause) {
    return { ...result, end: 'failed', error: outputWriteError(cause) };
  }
}

const MAX_INTERVAL_US = 3_600e6;
const MAX_DURATION_US = 365 * 24 * 3_600e6;

const MODES: readonly RecordingMode[] = ['wall', 'cpu', 'memory', 'full'];

/** @throws SamplerError `ERR_SAMPLER_OPTION` */
export function requirePid(pid: number): number {
  return requireInteger('pid', pid, 1, MAX_INT32);
}

function requireMode(mode: RecordingMode): RecordingMode {
  if (MODES.includes(mode)) return mode;
  throw new SamplerError('ERR_SAMPLER_OPTION', `mode is ${mode}; expected one of ${MODES.join(', ')}`, {
    kind: 'usage',
  });
}
