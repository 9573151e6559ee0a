import { fstatSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { type Format, formatById, formats, readInto } from '@austin-profiler/convert';
import { AustinError, isAustinError, type Profile, ProfileBuilder } from '@austin-profiler/profile';
import { printable } from '../output/printable.js';
import { createWorkProgress } from '../output/work-progress.js';
import { readInput } from './input.js';

export interface ReadFlags {
  /** Id of the format; without it, content decides. */
  readonly from?: string;
  readonly strict?: boolean;
}

export interface ReadProfileFile {
  readonly profile: Profile;
  readonly format: Format;
}

/**
 * Reads a profile from a file, or from standard input for `-`. A long reading is shown on a terminal.
 *
 * @throws AustinError `ERR_INPUT_READ`, `ERR_USAGE_TERMINAL`, `ERR_USAGE_FORMAT`, or what the format's reader throws
 */
export async function readProfileFile(input: string, flags: ReadFlags = {}): Promise<ReadProfileFile> {
  if (flags.from !== undefined) requireReadable(flags.from);
  const builder = new ProfileBuilder();
  const format = await readInto(new ShownReading(input), builder, {
    ...(flags.from !== undefined && { format: flags.from }),
    ...(input !== '-' && { fileName: basename(input) }),
    strict: flags.strict === true,
  });
  return { profile: builder.build(), format };
}

/**
 * Reads several profiles, as {@link readProfileFile} does. What is said of one of them names it.
 *
 * @throws AustinError as {@link readProfileFile} does
 */
export async function readProfileFiles(
  inputs: readonly string[],
  flags: ReadFlags = {},
): Promise<ReadProfileFile[]> {
  const read: ReadProfileFile[] = [];
  for (const input of inputs) {
    const file = await readProfileFile(input, flags).catch((error: unknown) => {
      throw isAustinError(error) && error.kind === 'data' ? saidOf(input, error) : error;
    });
    const diagnostics = file.profile.diagnostics.map((one) => ({
      ...one,
      message: said(input, one.message),
    }));
    read.push({ ...file, profile: { ...file.profile, diagnostics } });
  }
  return read;
}

function said(input: string, message: string): string {
  return `${input === '-' ? 'standard input' : printable(input)}: ${message}`;
}

function saidOf(input: string, error: AustinError): AustinError {
  const { code, kind, message, offset, line, hint } = error;
  return new AustinError(code, said(input, message), {
    kind,
    ...(offset !== undefined && { offset }),
    ...(line !== undefined && { line }),
    ...(hint !== undefined && { hint }),
    cause: error,
  });
}

/** @throws AustinError `ERR_USAGE_FORMAT` */
export function requireReadable(id: string): void {
  if (formatById(id)?.read) return;
  const ids = formats.filter((format) => format.read).map((format) => format.id);
  throw new AustinError('ERR_USAGE_FORMAT', `\`--from ${printable(id)}\` is not a format that can be read`, {
    kind: 'usage',
    hint: `these can: ${ids.join(', ')}`,
  });
}

/** The bytes of an input. How far they have been read is shown while that takes long. */
export class ShownReading implements AsyncIterable<Uint8Array> {
  readonly #input: string;
  /** Everything has been read, or nobody wants the rest. */
  isOver = false;

  constructor(input: string) {
    this.#input = input;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const input = this.#input;
    const what = input === '-' ? 'standard input' : printable(basename(input));
    const progress = createWorkProgress(`reading ${what}`, sizeOf(input));
    try {
      for await (const chunk of readInput(input)) {
        yield chunk;
        progress.advance(chunk.length);
      }
    } finally {
      progress.end();
      this.isOver = true;
    }
  }
}

/** Undefined for a pipe, and for what cannot be asked: reading it says why. */
function sizeOf(input: string): number | undefined {
  if (!isatty(2)) return undefined;
  try {
    const status = input === '-' ? fstatSync(0) : statSync(input);
    return status.isFile() ? status.size : undefined;
  } catch {
    return undefined;
  }
}
