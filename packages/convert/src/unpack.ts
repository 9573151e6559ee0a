import { AustinError, type Diagnostic } from '@austin-profiler/profile';
import { gunzip, isGzip } from './gzip.js';
import { type Chunks, PeekedInput } from './peeked-input.js';
import { isZstd, unzstd } from './zstd.js';

export interface UnpackOptions {
  /** Damage in what packs the input is an error. Otherwise it ends the input, and `onDiagnostic` is told. */
  readonly strict?: boolean;
  readonly onDiagnostic?: (diagnostic: Diagnostic) => void;
}

const DAMAGE_CODES: readonly string[] = ['ERR_GZIP_INVALID', 'ERR_ZSTD_INVALID'];

/**
 * The bytes of an input, unpacked if it is packed with gzip or Zstandard, which its content tells.
 *
 * @throws AustinError `ERR_GZIP_INVALID`, `ERR_ZSTD_INVALID` for damage, when strict or if nothing came before it
 */
export async function* unpack(chunks: Chunks, options: UnpackOptions = {}): AsyncIterable<Uint8Array> {
  const input = new PeekedInput(chunks);
  const head = await input.head(4);
  if (isGzip(head)) yield* untilDamage(gunzip(input.all()), options);
  else if (isZstd(head)) yield* untilDamage(unzstd(input.all()), options);
  else for await (const chunk of input.all()) yield plain(chunk);
}

/** The same bytes as an array of the one kind that readers see: their loops are compiled for it. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function* untilDamage(
  chunks: AsyncIterable<Uint8Array>,
  { strict = false, onDiagnostic }: UnpackOptions,
): AsyncIterable<Uint8Array> {
  let size = 0;
  try {
    for await (const chunk of chunks) {
      size += chunk.length;
      yield chunk;
    }
  } catch (error) {
    const isDamage = error instanceof AustinError && DAMAGE_CODES.includes(error.code);
    if (strict || size === 0 || !isDamage) throw error;
    onDiagnostic?.({ code: error.code, message: error.message, offset: size, count: 1 });
  }
}
