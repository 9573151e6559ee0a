import { basename } from 'node:path';
import { formats } from '@austin-profiler/convert';
import { type Command, Option } from 'commander';
import { openOutput } from '../converting/output.js';
import { readProfileFile, requireReadable } from '../converting/reading.js';
import { targetFormat } from '../converting/target-format.js';
import { writeInto } from '../converting/writing.js';

const EXAMPLES = `Examples:
  austin convert app.mojo --to speedscope        writes app.speedscope.json
  austin convert app.mojo -o app.collapsed       the name tells the format
  austin convert app.mojo --to collapsed -o -    to standard output
  zcat app.mojo.gz | austin convert - --to pprof -o app.pb.gz
`;

interface Flags {
  readonly to?: string;
  readonly from?: string;
  readonly output?: string;
  readonly frames?: 'function' | 'line';
  readonly strict?: boolean;
}

/** `austin convert`: a profile of any format into any other. */
export function defineConvert(command: Command): void {
  command
    .argument('<input>', 'file to read, gzipped or not, or - for standard input')
    .option('-t, --to <format>', 'format to write')
    .option('-o, --output <file>', 'file to write, or - for standard output (default: beside the input)')
    .option('-f, --from <format>', 'format of the input (default: its content tells)')
    .addOption(
      new Option('--frames <kind>', 'what viewers count as one row (default: function)').choices([
        'function',
        'line',
      ]),
    )
    .option('--strict', 'fail at the first damage instead of reading around it')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', () => `\nFormats:\n${formatTable()}`)
    .action(convert);
}

async function convert(input: string, flags: Flags): Promise<void> {
  const target = targetFormat(flags.to, flags.output);
  if (flags.from !== undefined) requireReadable(flags.from);
  await writeInto(
    () => openOutput(input, flags.output, target),
    async () => {
      const { profile, format } = await readProfileFile(input, flags);
      const options = {
        ...(flags.frames && { frames: flags.frames }),
        ...(input !== '-' && { name: basename(input) }),
      };
      return { profile, source: format, target, options };
    },
  );
}

function formatTable(): string {
  return formats
    .map(({ id, title, read, write }) => {
      const able = [...(read ? ['read'] : []), ...(write ? ['write'] : [])].join(', ');
      return `  ${id.padEnd(12)}${title} (${able})`;
    })
    .join('\n');
}
