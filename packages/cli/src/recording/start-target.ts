import { AustinError } from '@austin-profiler/profile';
import type { Program } from '@austin-profiler/sampler';
import { ExitCode } from '../exit-codes.js';
import { printable } from '../output/printable.js';
import { systemReason } from '../output/system-errors.js';

type Sampler = typeof import('@austin-profiler/sampler');

/** What becomes the program's standard output: a descriptor of ours, or `/dev/null`. */
export type StdoutTo = number | 'ignore';

/** What a program has as its standard streams. */
export interface TargetStreams {
  readonly stdoutTo: StdoutTo;
  /** Whether it reads from our standard input. Default: true. */
  readonly hasStdin?: boolean;
  /** Default: our standard error. */
  readonly stderrTo?: StdoutTo;
}

/** A command that could not be started; `exitCode` is what a shell would answer. */
export class StartError extends AustinError {
  readonly exitCode: number;

  /** @param cause what the system said; without it, that there is no such command */
  constructor(command: string, cause?: NodeJS.ErrnoException) {
    const isMissing = cause === undefined || cause.code === 'ENOENT';
    const what = isMissing ? 'command not found' : systemReason(cause);
    super(
      isMissing ? 'ERR_COMMAND_NOT_FOUND' : 'ERR_COMMAND_START',
      `cannot start ${printable(command) || "''"}: ${what}`,
      {
        kind: 'environment',
        ...(cause?.code === 'EACCES' && { hint: 'if it is a Python script, write `python3` before it' }),
        cause,
      },
    );
    this.exitCode = isMissing ? ExitCode.NotFound : ExitCode.NotExecutable;
  }
}

/**
 * Starts a program in our own process group, environment and folder.
 *
 * @throws StartError
 */
export async function startTarget(
  sampler: Pick<Sampler, 'SamplerError' | 'startProgram'>,
  [program = '', ...args]: readonly string[],
  { stdoutTo, hasStdin = true, stderrTo = 2 }: TargetStreams,
): Promise<Program> {
  if (program === '') throw new StartError(program);
  try {
    return await sampler.startProgram(program, args, {
      stdio: [hasStdin ? 0 : 'ignore', stdoutTo, stderrTo],
    });
  } catch (error) {
    if (!(error instanceof sampler.SamplerError) || !error.code.startsWith('ERR_COMMAND')) throw error;
    throw new StartError(program, error.cause as NodeJS.ErrnoException);
  }
}
