import { constants } from 'node:os';
import { AustinError } from '@austin-profiler/profile';
import type { RecordingResult, SamplerError } from '@austin-profiler/sampler';
import { colorsFor } from '../output/colors.js';
import { bytes, count } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import { shellWords } from '../output/shell-words.js';
import { type ClosingOptions, closingText } from '../output/statistics.js';
import { say } from '../output/stdio.js';
import type { RecordingOutput } from './recording-output.js';

/** Says what was recorded, how true it is, and what to type next. */
export function sayClosing(
  result: RecordingResult,
  output: RecordingOutput,
  options: Omit<ClosingOptions, 'where'>,
): void {
  const isFile = output.path !== '-';
  const where = `austin: wrote ${isFile ? fileNames(output) : 'standard output'}`;
  const size = isFile ? output.size() : result.statistics.bytes;
  say(closingText(result.statistics, { ...options, where, size }));
  if (!isFile || result.statistics.samples === 0) return;
  const html = `${output.path.replace(/(\.mojo)?(\.gz)?$/, '')}.html`;
  const next = shellWords(['austin', 'convert', output.path, '--to', 'html', '-o', html]);
  say(`${colorsFor(2).dim('next:')} ${next}`);
}

/** Says why there is no sample. */
export function sayNothingSampled(result: RecordingResult, isStopAsked: boolean): void {
  const when = isStopAsked ? 'the recording was stopped' : 'the program ended';
  const what = result.target ? 'its first sample' : 'a Python interpreter was found in it';
  say(`austin: nothing was sampled: ${when} before ${what}`);
}

function fileNames({ path, firstPath, fileCount }: RecordingOutput): string {
  if (fileCount === 1) return printable(path);
  return `${count(fileCount)} files, ${printable(firstPath)} to ${printable(path)}`;
}

/** The error of an output that failed, told with what of the recording is safe. */
export function outputError(
  error: SamplerError,
  result: RecordingResult,
  output: RecordingOutput,
): AustinError {
  const taken = `${count(result.statistics.samples)} samples were taken`;
  if (output.path === '-') {
    const isClosed = error.errno === constants.errno.EPIPE;
    const what = isClosed ? 'standard output was closed by its reader' : error.message;
    return new AustinError(error.code, `${what}; ${taken} until then`, { kind: 'environment', cause: error });
  }
  const holds = output.fileCount === 1 ? 'holds' : 'hold';
  const saved = `${fileNames(output)} ${holds} the first ${bytes(output.size())}`;
  return new AustinError(error.code, `${error.message}; ${taken}, ${saved}`, {
    kind: 'environment',
    ...(error.hint !== undefined && { hint: error.hint }),
    cause: error,
  });
}
