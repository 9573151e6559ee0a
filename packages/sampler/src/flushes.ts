import type { SamplerError } from './errors.js';
import type { Flushed, Statistics } from './native.js';

/** The end of a recording. */
interface End {
  readonly statistics: Pick<Statistics, 'bytes'>;
  readonly error?: SamplerError;
}

/** The calls of `flush` that wait for their answer. */
export interface Flushes {
  /** @param request asks the native side for the `flushed` event of this id */
  ask(request: (id: number) => void): Promise<Flushed>;
  /** The native side has handed over all that was sampled before this call; `chunks` says when that is dealt with. */
  reached(id: number, flushed: Flushed, chunks: Promise<void>): void;
  /** The recording has ended. Nothing of it is left to be written. */
  over(result: End): void;
}

interface Waiting {
  readonly resolve: (flushed: Flushed | Promise<Flushed>) => void;
  readonly reject: (error: unknown) => void;
}

export function createFlushes(): Flushes {
  const waiting = new Map<number, Waiting>();
  let end: End | undefined;
  let lastId = 0;
  const answer = ({ resolve, reject }: Waiting, result: End): void => {
    if (result.error) reject(result.error);
    // The file has its footer.
    else resolve({ bytes: result.statistics.bytes, footer: new Uint8Array(0) });
  };
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (end) return answer({ resolve, reject }, end);
        waiting.set(++lastId, { resolve, reject });
        request(lastId);
      }),
    reached(id, { bytes, footer }, chunks) {
      // A later request answers the earlier ones: they may have been asked for in one go.
      for (const [asked, { resolve }] of waiting) {
        if (asked > id) continue;
        waiting.delete(asked);
        resolve(chunks.then(() => ({ bytes, footer })));
      }
    },
    over(result) {
      end = result;
      for (const each of waiting.values()) answer(each, result);
      waiting.clear();
    },
  };
}
