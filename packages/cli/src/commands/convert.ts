import { basename } from 'node:path';
import { formats } from '@austin-profiler/convert';
import { AustinError } from '@austin-profiler/profile';
import { type Command, Option } from 'commander';
import { convertInto } from '../converting/convert-into.js';
import { openOutput } from '../converting/output.js';
import { requireReadable } from '../converting/reading.js';
import { SourceReader } from '../converting/source-reader.js';
import { targetFormat, type WritableFormat } from '../converting/target-format.js';
import { completely, sayWritten } from '../converting/writing.js';
import { countsText } from '../output/conversion-notes.js';

const EXAMPLES = `Examples:
  austin convert app.mojo --to speedscope        writes app.speedscope.json
  austin convert app.mojo -o app.collapsed       the name tells the format
  austin convert app.mojo --to collapsed -o -    to standard output
  austin convert app.mojo --to html --sources    a page with the text of the files in it
  zcat app.mojo.gz | austin convert - --to pprof -o app.pb.gz
`;

interface Flags {
  readonly to?: string;
  readonly from?: string;
  readonly output?: string;
  readonly frames?: 'function' | 'line';
  readonly sources?: boolean;
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
    .option('--sources', 'embed the source files that the profile names, for formats that show them (html)')
    .option('--strict', 'fail at the first damage instead of reading around it')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', () => `\nFormats:\n${formatTable()}`)
    .action(convert);
}

async function convert(input: string, flags: Flags): Promise<void> {
  const target = targetFormat(flags.to, flags.output);
  if (flags.from !== undefined) requireReadable(flags.from);
  if (flags.sources) requireSources(target);
  await completely(
    () => openOutput(input, flags.output, target),
    async (output) => {
      const sources = flags.sources ? new SourceReader() : undefined;
      const { notices, sampleCount, threadCount, ...converted } = await convertInto(output, input, target, {
        input: { ...(flags.from !== undefined && { format: flags.from }), strict: flags.strict === true },
        ...(sources && { readSource: sources.read }),
        ...(flags.frames && { frames: flags.frames }),
        ...(input !== '-' && { name: basename(input) }),
      });
      return () =>
        sayWritten({
          ...converted,
          target,
          notices: [...notices, ...(sources?.report() ?? [])],
          counts: countsText(sampleCount, threadCount),
          path: output.path,
        });
    },
  );
}

function requireSources(target: WritableFormat): void {
  if (target.embedsSources) return;
  const ids = formats.filter((format) => format.embedsSources).map((format) => format.id);
  throw new AustinError('ERR_USAGE_SOURCES', `${target.title} has no room for source files`, {
    kind: 'usage',
    hint: `leave \`--sources\` out, or write one of: ${ids.join(', ')}`,
  });
}

function formatTable(): string {
  return formats
    .map(({ id, title, read, write }) => {
      const able = [...(read ? ['read'] : []), ...(write ? ['write'] : [])].join(', ');
      return `  ${id.padEnd(12)}${title} (${able})`;
    })
    .join('\n');
}
