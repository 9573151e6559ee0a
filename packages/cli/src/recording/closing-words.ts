import { fstatSync } from 'node:fs';
import { constants } from 'node:os';
import { AustinError } from '@austin-profiler/profile';
import type { RecordingResult, SamplerError } from '@austin-profiler/sampler';
import { colorsFor } from '../output/colors.js';
import { bytes, count } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import { shellWords } from '../output/shell-words.js';
import { type ClosingOptions, closingText } from '../output/statistics.js';
import { say } from '../output/stdio.js';
import type { OutputFile } from './output-file.js';

/** Says what was recorded, how true it is, and what to type next. */
export function sayClosing(
  result: RecordingResult,
  output: OutputFile,
  options: Omit<ClosingOptions, 'where'>,
): void {
  const isFile = output.path !== '-';
  const where = isFile ? printable(output.path) : 'standard output';
  say(closingText(result.statistics, { ...options, where: `austin: wrote ${where}` }));
  if (!isFile || result.statistics.samples === 0) return;
  const html = `${output.path.replace(/\.mojo$/, '')}.html`;
  const next = shellWords(['austin', 'convert', output.path, '--to', 'html', '-o', html]);
  say(`${colorsFor(2).dim('next:')} ${next}`);
}

/** The error of an output that failed, told with what of the recording is safe. */
export function outputError(error: SamplerError, result: RecordingResult, output: OutputFile): AustinError {
  const taken = `${count(result.statistics.samples)} samples were taken`;
  if (output.path === '-') {
    const isClosed = error.errno === constants.errno.EPIPE;
    const what = isClosed ? 'standard output was closed by its reader' : error.message;
    return new AustinError(error.code, `${what}; ${taken} until then`, { kind: 'environment', cause: error });
  }
  const saved = `${printable(output.path)} holds the first ${bytes(fstatSync(output.fd).size)}`;
  return new AustinError(error.code, `${error.message}; ${taken}, ${saved}`, {
    kind: 'environment',
    ...(error.hint !== undefined && { hint: error.hint }),
    cause: error,
  });
}
