import { ChunkQueue } from './chunk-queue.js';
import { SamplerError } from './errors.js';
import type { Statistics, TargetInfo } from './native.js';
import {
  checkOptions,
  type Recording,
  type RecordingOptions,
  type RecordingResult,
  startRecording,
} from './sampler.js';

const DEFAULT_INTERVAL_US = 1000;

/** Options of {@link attach} and {@link spawn}: those of a recording, all of which may be left out. */
export interface StreamOptions extends Omit<RecordingOptions, 'pid' | 'intervalUs' | 'onChunk'> {
  /** Time between rounds in microseconds; 0 samples as fast as it can. Default 1000. */
  readonly intervalUs?: number;
  /** Gives the recording up: reading it throws the signal's reason, and what was not read is dropped. */
  readonly signal?: AbortSignal;
}

/**
 * A recording as a stream of MOJO: the chunks, of whole samples, are together one file.
 *
 * It has one reader. While nobody reads, about 1 MiB waits in JavaScript and up to 16 MiB outside, which is an hour of an
 * ordinary recording; then sampling waits too, which late and missed rounds show. Leaving a `for await` loop early ends the
 * recording, as do `using` and `await using` at the end of their block.
 *
 * When the recording ends, the reader gets the rest, and then the error if it failed.
 */
export interface RecordingStream
  extends Omit<Recording, 'rotate'>,
    AsyncIterable<Uint8Array>,
    Disposable,
    AsyncDisposable {
  /** The process asked for. */
  readonly pid: number;
  /** The interpreter that is sampled, with `children` the first; undefined until one was found. */
  readonly target: TargetInfo | undefined;
  /** The counts as they were last reported (every `progressMs`), and at the end; undefined before the first report. */
  readonly statistics: Statistics | undefined;
  /** Ends the recording. What was sampled can still be read. */
  stop(): void;
  /**
   * Settles when the recording has ended, whether or not it has been read; a program that {@link spawn} started has
   * ended then, too. Never rejects: a failure is in the result.
   */
  readonly finished: Promise<RecordingResult>;
  /** Ends the recording and drops what has not been read. */
  [Symbol.dispose](): void;
  /** Ends the recording, drops what has not been read, and waits for the end. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Samples a running process, or the first Python below it, and leaves it as it is.
 *
 * @throws SamplerError `ERR_SAMPLER_OPTION`, `ERR_ADDON_LOAD`; and the reason of a signal that is already aborted.
 * Reading throws `ERR_PROCESS_GONE`, `ERR_PERMISSION_PTRACE`, `ERR_NOT_PYTHON`, `ERR_PYTHON_UNSUPPORTED`,
 * `ERR_PYTHON_LAYOUT`, after everything sampled before.
 */
export function attach(pid: number, options: StreamOptions = {}): RecordingStream {
  checkStreamOptions(pid, options);
  return openStream(pid, options);
}

/** What else belongs to a stream. */
export interface StreamHooks {
  /** Somebody asks for the end of the recording. */
  onStop?(): void;
  /** The recording has ended; `finished` waits for this and settles with its answer. */
  onEnd?(result: RecordingResult): Promise<RecordingResult>;
}

/** Starts a recording with options that have been checked, and turns it into a stream. */
export function openStream(pid: number, options: StreamOptions, hooks: StreamHooks = {}): RecordingStream {
  const { signal } = options;
  const queue = new ChunkQueue();
  let target: TargetInfo | undefined;
  let statistics: Statistics | undefined;
  const recording = startRecording({
    ...options,
    pid,
    intervalUs: options.intervalUs ?? DEFAULT_INTERVAL_US,
    ...(options.outputFd === undefined && { onChunk: (chunk: Uint8Array) => queue.push(chunk) }),
    onEnding() {
      queue.letPass();
      options.onEnding?.();
    },
    onAttached(found) {
      if (!options.children) target = found;
      target ??= found;
      options.onAttached?.(found);
    },
    onProgress(counts) {
      statistics = counts;
      options.onProgress?.(counts);
    },
  });

  const stop = (): void => {
    hooks.onStop?.();
    queue.letPass();
    recording.stop();
  };
  const cancel = (failure?: { readonly error: unknown }): void => {
    queue.discard(failure);
    stop();
  };
  const onAbort = () => cancel({ error: signal?.reason });
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();

  const finish = async (): Promise<RecordingResult> => {
    const ended = await recording.finished;
    statistics = ended.statistics;
    const result = (await hooks.onEnd?.(ended)) ?? ended;
    signal?.removeEventListener('abort', onAbort);
    queue.close(result.error && { error: result.error });
    return result;
  };
  const finished = finish();

  const cancelled = async (): Promise<void> => {
    cancel();
    await finished;
  };
  return {
    pid,
    stop,
    flush: () => recording.flush(),
    finished,
    get target() {
      return target;
    },
    get statistics() {
      return statistics;
    },
    [Symbol.dispose]: () => cancel(),
    [Symbol.asyncDispose]: cancelled,
    [Symbol.asyncIterator]() {
      if (options.outputFd !== undefined) throw outputError();
      return {
        next: () => queue.next(),
        async return() {
          await cancelled();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/**
 * @throws SamplerError `ERR_SAMPLER_OPTION`
 * @throws the reason of a signal that is already aborted
 */
export function checkStreamOptions(pid: number, options: StreamOptions): void {
  checkOptions({ ...options, pid, intervalUs: options.intervalUs ?? DEFAULT_INTERVAL_US });
  const { signal } = options;
  if (signal === undefined) return;
  if (typeof signal?.aborted !== 'boolean') {
    throw new SamplerError('ERR_SAMPLER_OPTION', 'signal is not an AbortSignal', { kind: 'usage' });
  }
  if (signal.aborted) throw signal.reason;
}

function outputError(): SamplerError {
  return new SamplerError(
    'ERR_SAMPLER_OPTION',
    'the recording is written to outputFd, and cannot be read here',
    {
      kind: 'usage',
      hint: 'leave out outputFd to read it, or wait for `finished`',
    },
  );
}
