import { basename } from 'node:path';
import { type Conversion, type ConvertOptions, convertProfile } from '@austin-profiler/convert';
import { readVersion } from '../version.js';
import type { ConvertOutput } from './output.js';
import { ShownReading } from './reading.js';
import type { WritableFormat } from './target-format.js';
import { writeChunks } from './writing.js';

/** What was read and written. */
export interface Converted extends Conversion {
  /** What is less in the output than its format could hold, and why: a line each. */
  readonly notices: readonly string[];
  /** In bytes. */
  readonly size: number;
}

/**
 * Writes an input in another format while it is read. How far it has come is shown on a terminal.
 *
 * @throws AustinError what reading the input, its format, and writing the output throw
 */
export async function convertInto(
  output: ConvertOutput,
  input: string,
  target: WritableFormat,
  options: ConvertOptions,
): Promise<Converted> {
  const notices: string[] = [];
  let conversion: Conversion | undefined;
  const reading = new ShownReading(input);
  const chunks = convertProfile(reading, target.id, {
    ...options,
    input: { ...options.input, ...(input !== '-' && { fileName: basename(input) }) },
    ...(output.path?.toLowerCase().endsWith('.gz') && { gzip: true }),
    reuseChunks: true,
    exporter: `austin-profiler@${readVersion()}`,
    onNotice: (notice) => notices.push(notice),
    onEnd: (end) => {
      conversion = end;
    },
  });
  // One line has room for one of the two.
  const size = await writeChunks(output, chunks, () => reading.isOver);
  return { ...conversion!, notices, size };
}
