export interface ChunkInfo {
  /** Whether a file begins with this chunk: the first one, and the first after each `rotate` of the recording. */
  readonly startsFile: boolean;
}

/** Receives the stream. Where it answers with a promise, the chunk has been dealt with when that settles. */
export type ChunkListener = (chunk: Uint8Array, info: ChunkInfo) => unknown;

/** Hands the chunks of a recording to its listener, and keeps account of those that are under way. */
export interface ChunkFeed {
  push(bytes: Uint8Array, startsFile: boolean): void;
  /** Settles when all chunks pushed so far have been dealt with. Rejects with the listener's first error. */
  settled(): Promise<void>;
}

/**
 * @param done   called once for each chunk with its length, whatever became of it
 * @param failed called at the listener's first error, after which it gets nothing any more
 */
export function createChunkFeed(
  listener: ChunkListener | undefined,
  { done, failed }: { readonly done: (bytes: number) => void; readonly failed: () => void },
): ChunkFeed {
  let last: Promise<void> = Promise.resolve();
  let hasFailed = false;
  const fail = (): void => {
    if (!hasFailed) failed();
    hasFailed = true;
  };
  const call = (bytes: Uint8Array, startsFile: boolean): Promise<unknown> | undefined => {
    if (listener === undefined || hasFailed) return undefined;
    try {
      const answer = listener(bytes, { startsFile });
      return isPromise(answer) ? Promise.resolve(answer) : undefined;
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return {
    push(bytes, startsFile) {
      const { length } = bytes; // the listener may hand the memory on
      const result = call(bytes, startsFile);
      if (result === undefined) {
        done(length);
        return;
      }
      const handled = result.catch((error: unknown) => {
        fail();
        throw error;
      });
      const before = last;
      last = Promise.all([before, handled]).then(() => {});
      last.catch(() => {}); // whoever asks for `settled` is told
      const finished = () => done(length);
      handled.then(finished, finished);
    },
    settled: () => last,
  };
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
