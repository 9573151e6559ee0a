import { AustinError } from '@austin-profiler/profile';

/** The first two bytes of gzip. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** The shape that CompressionStream and DecompressionStream share. */
interface StreamPair {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<BufferSource>;
}

/** Level 1 where it can be chosen: compressing costs more than encoding a profile does. */
const LEVEL = 1;

/** Compresses with gzip, in pieces. The same input gives the same bytes on the same system. */
export function gzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  // In Node, zlib itself: for the level, and for less of a way to it.
  const zlib = nodeModule('node:zlib');
  if (!zlib) return through(new CompressionStream('gzip') as StreamPair, chunks);
  return squeeze(zlib.createGzip({ level: LEVEL }), chunks, DEFLATE_BYTES);
}

/**
 * Unpacks gzip, in pieces.
 *
 * @throws AustinError ERR_GZIP_INVALID when the data is damaged or cut; all that could be unpacked came before
 */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const input = { failed: false };
  const zlib = nodeModule('node:zlib');
  try {
    const source = watched(chunks, input);
    yield* zlib
      ? squeeze(zlib.createGunzip(), source, INFLATE_BYTES)
      : through(new DecompressionStream('gzip') as StreamPair, source);
  } catch (cause) {
    if (input.failed) throw cause;
    throw new AustinError('ERR_GZIP_INVALID', 'The gzip data is damaged or ends too early.', {
      kind: 'data',
      hint: 'Copy the file again, or record anew. Unless reading is strict, what came before the damage is read.',
      cause,
    });
  }
}

/** Notes whether it was the source that failed, not the unpacking. */
async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  input: { failed: boolean },
): AsyncIterable<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    input.failed = true;
    throw error;
  }
}

type BuiltinModule = NodeJS.Process['getBuiltinModule'];

/** A module of Node, or undefined elsewhere; asked for in a way that bundlers for browsers do not follow. */
const nodeModule = ((name: string) =>
  (globalThis.process as Partial<NodeJS.Process> | undefined)?.getBuiltinModule?.(name)) as BuiltinModule;

/** What is given to zlib at a time: what comes out is at most a thousand times as much. */
const INFLATE_BYTES = 1 << 14;
const DEFLATE_BYTES = 1 << 18;

/**
 * Packs or unpacks with zlib itself, which is done with a chunk before it asks for the next. A web stream that fails would drop
 * what was unpacked and not yet read, which are the last samples of a recording that was cut off.
 *
 * @param most bytes that it is given at a time
 */
async function* squeeze(
  zip: import('node:zlib').Gzip | import('node:zlib').Gunzip,
  chunks: AsyncIterable<Uint8Array>,
  most: number,
): AsyncIterable<Uint8Array> {
  let pieces: Uint8Array[] = [];
  zip.on('data', (piece: Uint8Array) => pieces.push(piece));
  const failed = new Promise<never>((_, reject) => zip.once('error', reject));
  failed.catch(() => {});
  const ended = once(zip, 'end');
  const take = (): Uint8Array[] => {
    const taken = pieces;
    pieces = [];
    return taken;
  };
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += most) {
        const part = chunk.subarray(at, at + most);
        await Promise.race([failed, new Promise((resolve) => zip.write(part, resolve))]);
        while (zip.readableLength > 0) await Promise.race([failed, once(zip, 'data')]);
        yield* take();
      }
    }
    zip.end();
    await Promise.race([failed, ended]);
    yield* take();
  } catch (error) {
    yield* take();
    throw error;
  } finally {
    zip.destroy();
  }
}

function once(emitter: NodeJS.EventEmitter, event: string): Promise<void> {
  return new Promise((resolve) => emitter.once(event, () => resolve()));
}

async function* through(pair: StreamPair, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let failure: { error: unknown } | undefined;
  const writer = pair.writable.getWriter();
  const feed = async (): Promise<void> => {
    try {
      for await (const chunk of chunks) await writer.write(chunk as Uint8Array<ArrayBuffer>);
      await writer.close();
    } catch (error) {
      failure ??= { error };
      await writer.abort(error).catch(() => {});
    }
  };
  const fed = feed();
  const reader = pair.readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    await fed;
    if (failure) throw failure.error;
  } catch (error) {
    throw failure?.error ?? error;
  } finally {
    await reader.cancel().catch(() => {});
  }
}
