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
  return through(compressor(), chunks);
}

/**
 * Unpacks gzip, in pieces.
 *
 * @throws AustinError ERR_GZIP_INVALID when the data is damaged or cut; all that could be unpacked came before
 */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const input = { failed: false };
  try {
    yield* through(new DecompressionStream('gzip') as StreamPair, watched(chunks, input));
  } catch (cause) {
    if (input.failed) throw cause;
    throw new AustinError('ERR_GZIP_INVALID', 'The gzip data is damaged or ends too early.', {
      kind: 'data',
      hint: 'If the recording was interrupted, what came before the damage can be read without `strict`.',
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

function compressor(): StreamPair {
  // In Node, zlib itself, for the level; asked for in a way that bundlers for browsers do not follow.
  const node: Pick<NodeJS.Process, 'getBuiltinModule'> | undefined = globalThis.process;
  if (!node?.getBuiltinModule) return new CompressionStream('gzip') as StreamPair;
  const { createGzip } = node.getBuiltinModule('node:zlib');
  const { Duplex } = node.getBuiltinModule('node:stream');
  return Duplex.toWeb(createGzip({ level: LEVEL })) as unknown as StreamPair;
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
