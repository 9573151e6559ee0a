import { type ChunkListener, createChunkFeed } from './chunk-feed.js';
import { SamplerError, type SamplerErrorCode } from './errors.js';
import { createFlushes } from './flushes.js';
import { loadAddon } from './load-addon.js';
import type {
  Flushed,
  NativeFailure,
  RecordingEnd,
  RecordingMode,
  Snapshot,
  Statistics,
  TargetInfo,
} from './native.js';
import { outputWriteError } from './output-error.js';
import { remedy } from './remedies.js';

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
   * not get far ahead of the promises returned; a failure ends the recording with `ERR_OUTPUT_WRITE`.
   */
  readonly onChunk?: ChunkListener;
  /** Called for each process that is found, and again when one has become another program. */
  readonly onAttached?: (target: TargetInfo) => void;
  readonly onProgress?: (statistics: Statistics) => void;
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
 * @throws SamplerError `ERR_SAMPLER_OPTION` for an impossible option, `ERR_ADDON_LOAD` without a binary for
 * this platform. Everything that happens later is in {@link Recording.finished}.
 */
export function startRecording(options: RecordingOptions): Recording {
  requireInteger('pid', options.pid, 1, MAX_INT32);
  requireInteger('intervalUs', options.intervalUs, 0, MAX_INTERVAL_US);
  const timeoutMs = requireInteger('timeoutMs', options.timeoutMs ?? 3000, 0, MAX_INT32);
  const durationUs = requireInteger('durationUs', options.durationUs ?? 0, 0, MAX_DURATION_US);
  const progressMs = requireInteger('progressMs', options.progressMs ?? 250, 1, MAX_INT32);

  const mode = requireMode(options.mode ?? 'wall');
  const maxCpuPercent = requireNumber('maxCpuPercent', options.maxCpuPercent ?? 0, [0, 100]);

  let target: TargetInfo | undefined;
  let settle: (result: RecordingResult) => void;
  const finished = new Promise<RecordingResult>((resolve) => {
    settle = resolve;
  });
  const flushes = createFlushes();
  const feed = createChunkFeed(options.onChunk, {
    done: () => native.chunkDone(),
    failed: () => native.stop(),
  });
  const native = loadAddon().start(
    {
      pid: options.pid,
      intervalUs: options.intervalUs,
      timeoutMs,
      durationUs,
      mode,
      children: options.children ?? false,
      gc: options.gc ?? false,
      gilOnly: options.gilOnly ?? false,
      outputFd: options.outputFd ?? -1,
      chunks: options.onChunk !== undefined,
      jitter: options.jitter ?? false,
      maxCpuPercent,
      progressMs: options.onProgress ? progressMs : 0,
      repeats: options.mojoVersion !== 3,
      metadata: Object.entries(options.metadata ?? {}).flat(),
    },
    (event) => {
      switch (event.type) {
        case 'attached':
          if (!options.children) target = event.target;
          target ??= event.target;
          options.onAttached?.(event.target);
          break;
        case 'progress':
          options.onProgress?.(event.statistics);
          break;
        case 'chunk':
          feed.push(event.bytes, event.startsFile);
          break;
        case 'flushed':
          flushes.reached(event.id, event, feed.settled());
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
    },
  );
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

/** The result once all chunks have been dealt with, which may have failed. */
async function concluded(result: RecordingResult, chunks: Promise<void>): Promise<RecordingResult> {
  try {
    await chunks;
    return result;
  } catch (cause) {
    return { ...result, end: 'failed', error: outputWriteError(cause) };
  }
}

/**
 * Reads every Python stack of a process once, without stopping it.
 *
 * @param options.timeoutMs how long to wait for an interpreter that is still starting. Default 1000.
 * @throws SamplerError `ERR_PROCESS_GONE`, `ERR_PERMISSION_PTRACE`, `ERR_NOT_PYTHON`, `ERR_PYTHON_UNSUPPORTED`
 */
export async function takeSnapshot(pid: number, options: { timeoutMs?: number } = {}): Promise<Snapshot> {
  requireInteger('pid', pid, 1, MAX_INT32);
  const timeoutMs = requireInteger('timeoutMs', options.timeoutMs ?? 1000, 0, MAX_INT32);
  const addon = loadAddon();
  try {
    return await addon.snapshot(pid, timeoutMs);
  } catch (error) {
    throw toSamplerError(error as NativeFailure, pid);
  }
}

/** Process ids, and milliseconds on the native side, are 32-bit numbers. */
const MAX_INT32 = 2 ** 31 - 1;
const MAX_INTERVAL_US = 3_600e6;
const MAX_DURATION_US = 365 * 24 * 3_600e6;

const MODES: readonly RecordingMode[] = ['wall', 'cpu', 'memory', 'full'];

function requireMode(mode: RecordingMode): RecordingMode {
  if (MODES.includes(mode)) return mode;
  throw new SamplerError('ERR_SAMPLER_OPTION', `mode is ${mode}; expected one of ${MODES.join(', ')}`, {
    kind: 'usage',
  });
}

function requireInteger(name: string, value: number, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new SamplerError(
      'ERR_SAMPLER_OPTION',
      `${name} is ${value}; expected a whole number from ${least} to ${most}`,
      { kind: 'usage' },
    );
  }
  return value;
}

function requireNumber(name: string, value: number, [least, most]: readonly [number, number]): number {
  if (!(value >= least && value <= most)) {
    throw new SamplerError(
      'ERR_SAMPLER_OPTION',
      `${name} is ${value}; expected a number from ${least} to ${most}`,
      {
        kind: 'usage',
      },
    );
  }
  return value;
}

function toSamplerError(failure: NativeFailure, pid: number): SamplerError {
  const code = failure.code as SamplerErrorCode;
  const hint = remedy(code, pid, failure.errno);
  return new SamplerError(code, failure.message, {
    ...(hint !== undefined && { hint }),
    ...(failure.errno !== 0 && { errno: failure.errno }),
  });
}
