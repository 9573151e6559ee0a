import { type Format, formatByFileName, formatById, formats } from '@austin-profiler/convert';
import { AustinError } from '@austin-profiler/profile';
import { printable } from '../output/printable.js';

export type WritableFormat = Format & Required<Pick<Format, 'write'>>;

/** The formats that can be written. */
export function writableFormats(): WritableFormat[] {
  return formats.filter(isWritable);
}

/**
 * The format to write: what `--to` says, or else what the name given with `-o` means.
 *
 * @throws AustinError `ERR_USAGE_FORMAT`
 */
export function targetFormat(to: string | undefined, output: string | undefined): WritableFormat {
  const ids = writableFormats().map((format) => format.id);
  const hint = `write \`--to\` and one of: ${ids.join(', ')}`;
  if (to !== undefined) {
    const format = formatById(to);
    if (format && isWritable(format)) return format;
    const reason = format ? `${format.title} can only be read` : `there is no format \`${printable(to)}\``;
    throw new AustinError('ERR_USAGE_FORMAT', reason, { kind: 'usage', hint });
  }
  const named = output === undefined || output === '-' ? undefined : formatByFileName(output);
  if (named && isWritable(named)) return named;
  const reason =
    output === undefined || output === '-'
      ? 'no format to convert to is given'
      : `the name ${printable(output)} does not tell the format to convert to`;
  throw new AustinError('ERR_USAGE_FORMAT', reason, { kind: 'usage', hint });
}

/** Whether a terminal would show this format as text. */
export function isText(format: Format): boolean {
  return !format.gzip && /^text\/|json|xml/.test(format.mediaType);
}

/** Whether a format can be written. */
export function isWritable(format: Format): format is WritableFormat {
  return format.write !== undefined;
}
