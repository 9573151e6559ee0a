/** What kind of trouble an error tells of; `austin` maps it to an exit code. */
export type AustinErrorKind = 'usage' | 'environment' | 'data';

export interface AustinErrorOptions {
  readonly kind: AustinErrorKind;
  /** Byte offset in the input at which the trouble starts, counted from 0. */
  readonly offset?: number;
  /** Line of the input, counted from 1. */
  readonly line?: number;
  /** What to do next, one sentence for the person at the terminal. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The base of every error that these packages throw on purpose. `code` is stable and meant for
 * programs; `message` says what happened and what was expected; `hint` says what to do next.
 */
export class AustinError extends Error {
  override readonly name: string = 'AustinError';
  readonly code: string;
  readonly kind: AustinErrorKind;
  readonly offset?: number;
  readonly line?: number;
  readonly hint?: string;

  constructor(code: string, message: string, options: AustinErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = options.kind;
    if (options.offset !== undefined) this.offset = options.offset;
    if (options.line !== undefined) this.line = options.line;
    if (options.hint !== undefined) this.hint = options.hint;
  }
}

/**
 * Tells whether a value is an error of ours, by its shape: two copies of this package may be
 * loaded, and `instanceof` would then say no.
 */
export function isAustinError(value: unknown, code?: string): value is AustinError {
  if (!(value instanceof Error) || !('code' in value) || !('kind' in value)) return false;
  if (typeof value.code !== 'string' || !value.code.startsWith('ERR_')) return false;
  return code === undefined || value.code === code;
}
