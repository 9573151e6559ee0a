/** The stable codes of the errors this package throws or ends a recording with. */
export type SamplerErrorCode =
  /** No process with that pid, or it ended before it could be read. */
  | 'ERR_PROCESS_GONE'
  /** The operating system refused to let us read the process. */
  | 'ERR_PERMISSION_PTRACE'
  /** No CPython interpreter was found in the process or its children within the time given. */
  | 'ERR_NOT_PYTHON'
  /** CPython, but a version whose memory layout we do not know. */
  | 'ERR_PYTHON_UNSUPPORTED'
  /** The interpreter's memory does not look as its version says. */
  | 'ERR_PYTHON_LAYOUT'
  /** The program to start does not exist. */
  | 'ERR_COMMAND_NOT_FOUND'
  /** The program to start exists, and the operating system refused to start it. */
  | 'ERR_COMMAND_START'
  /** Writing the recording failed: disk full, pipe closed, … */
  | 'ERR_OUTPUT_WRITE'
  /** Native stacks are not to be had on this operating system or processor. */
  | 'ERR_NATIVE_UNSUPPORTED'
  /** The operating system does not tell in which functions of the kernel threads are. */
  | 'ERR_KERNEL_STACKS_PERMISSION'
  /** The operating system does not copy the stacks of threads that run. */
  | 'ERR_PERF_PERMISSION'
  /** The native addon could not be loaded on this machine. */
  | 'ERR_ADDON_LOAD'
  /** An option has a value that makes no sense. */
  | 'ERR_SAMPLER_OPTION';

/**
 * An error of the sampler. It has the shape of every error of this project (`code`, `kind`, `hint`), so
 * `isAustinError` of the profile package recognises it although this package does not import that one.
 */
export class SamplerError extends Error {
  override readonly name = 'SamplerError';
  readonly code: SamplerErrorCode;
  readonly kind: 'usage' | 'environment';
  readonly hint?: string;
  /** The operating system's error number, where one is behind it. */
  readonly errno?: number;

  constructor(
    code: SamplerErrorCode,
    message: string,
    options: { kind?: 'usage' | 'environment'; hint?: string; errno?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = options.kind ?? 'environment';
    if (options.hint !== undefined) this.hint = options.hint;
    if (options.errno !== undefined) this.errno = options.errno;
  }
}
