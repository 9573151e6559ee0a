import { convertProfile } from '@austin-profiler/convert';
import type { SaveFormat } from '@austin-profiler/tui';
import { extensionOf } from '../converting/names.js';
import { freeOutput } from '../converting/output.js';
import { targetFormat } from '../converting/target-format.js';
import { bytes } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import { readVersion } from '../version.js';

/** A recording as it was made. */
export interface Recorded {
  /** Without its ending, the name of the file that it is saved in. */
  readonly base: string;
  readonly isMojo: boolean;
  /** For hints of what format it is. */
  readonly fileName?: string;
  readonly chunks: () => AsyncIterable<Uint8Array>;
}

/**
 * Writes a recording into a file that does not exist yet. MOJO stays what it was, to the byte.
 *
 * @returns what to say of it
 * @throws AustinError `ERR_OUTPUT_OPEN`, `ERR_OUTPUT_WRITE`, and what reading the recording throws
 */
export async function save(recorded: Recorded, format: SaveFormat): Promise<string> {
  const target = targetFormat(format, undefined);
  const output = freeOutput(recorded.base, extensionOf(target));
  let size = 0;
  try {
    for await (const chunk of format === 'mojo' && recorded.isMojo
      ? recorded.chunks()
      : converted(recorded, format)) {
      await output.write(chunk);
      size += chunk.length;
    }
    output.commit();
  } catch (error) {
    output.abort();
    throw error;
  }
  return `wrote ${printable(output.path ?? '')}, ${bytes(size)}`;
}

function converted({ base, fileName, chunks }: Recorded, format: SaveFormat): AsyncIterable<Uint8Array> {
  return convertProfile(chunks(), format, {
    name: base,
    exporter: `austin-profiler@${readVersion()}`,
    ...(fileName !== undefined && { input: { fileName } }),
  });
}
