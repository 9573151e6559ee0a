import { type Format, formatByFileName } from '@austin-profiler/convert';
import type { Profile } from '@austin-profiler/profile';
import type { Command } from 'commander';
import { openOutput } from './output.js';
import { isWritable, targetFormat, type WritableFormat } from './target-format.js';
import { writeInto } from './writing.js';

export interface RewriteFlags {
  readonly to?: string;
  readonly output?: string;
}

/** What every command has that makes one profile from another. */
export interface ReadAndRewriteFlags extends RewriteFlags {
  readonly from?: string;
  readonly strict?: boolean;
}

/** Adds the options of {@link ReadAndRewriteFlags} to a command. */
export function withRewriteOptions(command: Command): Command {
  return command
    .option('-o, --output <file>', 'file to write, or - for standard output (default: beside the input)')
    .option('-t, --to <format>', 'format to write (default: as the name given with -o, or the input)')
    .option('-f, --from <format>', 'format of the input (default: its content tells)')
    .option('--strict', 'fail at the first damage instead of reading around it');
}

/** What a command makes of the profiles it reads. */
export interface Made {
  readonly profile: Profile;
  /** That of the input, or of the first one. */
  readonly format: Format;
}

/**
 * Writes a profile made from others: in the format asked for, or else in that of the input. Without `-o` into a new file
 * beside the input, with `addition` in its name, or to standard output if the input is standard input.
 *
 * @throws AustinError `ERR_USAGE_FORMAT`, `ERR_USAGE_TERMINAL`, `ERR_OUTPUT_OPEN`, what `make` throws, and of writing
 */
export async function rewrite(
  input: string,
  addition: string,
  flags: RewriteFlags,
  make: () => Promise<Made>,
): Promise<void> {
  if (flags.to !== undefined || (flags.output !== undefined && formatByFileName(flags.output))) {
    const target = targetFormat(flags.to, flags.output);
    // Before the work: an output that cannot be written should be known at once.
    await writeInto(
      () => openOutput(input, flags.output, target, addition),
      async () => {
        const { profile, format } = await make();
        return { profile, source: format, target };
      },
    );
    return;
  }
  const { profile, format } = await make();
  const target: WritableFormat = isWritable(format) ? format : targetFormat(undefined, flags.output);
  await writeInto(
    () => openOutput(input, flags.output, target, addition),
    async () => ({
      profile,
      source: format,
      target,
    }),
  );
}
