import type { Format } from './format.js';
import { formatByFileName, formats } from './registry.js';

/** Detection gives up when this many bytes did not decide. */
export const MAX_HEAD_BYTES = 1 << 16;

export interface DetectOptions {
  /** Decides only between formats that content cannot tell apart. */
  readonly fileName?: string | undefined;
  /** The head is the whole input, or all that will be shown. */
  readonly isWhole?: boolean;
}

/**
 * Tells the format of an input from its first bytes, unzipped. `more` means: ask again with a longer head.
 * Formats that can only be written are recognised too, so that a message can name them.
 */
export function detectFormat(head: Uint8Array, options: DetectOptions = {}): Format | 'more' | undefined {
  const isWhole = options.isWhole === true || head.length >= MAX_HEAD_BYTES;
  const answers = formats.map((format) => ({ format, answer: format.detect?.(head, isWhole) ?? 'no' }));
  if (!isWhole && answers.some(({ answer }) => answer === 'more')) return 'more';
  const named = options.fileName === undefined ? undefined : formatByFileName(options.fileName);
  const sure = answers.filter(({ answer }) => answer === 'yes').map(({ format }) => format);
  return sure.find((format) => format === named) ?? sure[0];
}
