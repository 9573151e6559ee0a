import { basename } from 'node:path';
import { type Conversion, convertProfile, formats } from '@austin-profiler/convert';
import { type Command, Option } from 'commander';
import { openOutput } from '../converting/output.js';
import { requireReadable, shownReading } from '../converting/reading.js';
import { targetFormat, type WritableFormat } from '../converting/target-format.js';
import { completely } from '../converting/writing.js';
import { countsText, diagnosticText, lossText } from '../output/conversion-notes.js';
import { bytes } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import { say } from '../output/stdio.js';
import { readVersion } from '../version.js';

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
  await completely(
    () => openOutput(input, flags.output, target),
    async (output) => {
      const notices: string[] = [];
      let conversion: Conversion | undefined;
      let size = 0;
      const chunks = convertProfile(shownReading(input), target.id, {
        input: {
          ...(flags.from !== undefined && { format: flags.from }),
          ...(input !== '-' && { fileName: basename(input) }),
          strict: flags.strict === true,
        },
        ...(flags.frames && { frames: flags.frames }),
        ...(input !== '-' && { name: basename(input) }),
        ...(output.path?.toLowerCase().endsWith('.gz') && { gzip: true }),
        exporter: `austin-profiler@${readVersion()}`,
        onNotice: (notice) => notices.push(notice),
        onEnd: (end) => {
          conversion = end;
        },
      });
      for await (const chunk of chunks) {
        await output.write(chunk);
        size += chunk.length;
      }
      return () => report(conversion!, notices, target, output.path, size);
    },
  );
}

function report(
  { source, sampleCount, threadCount, diagnostics }: Conversion,
  notices: readonly string[],
  target: WritableFormat,
  path: string | undefined,
  size: number,
): void {
  for (const diagnostic of diagnostics) say(`austin: ${diagnosticText(diagnostic)}`);
  for (const notice of notices) say(`austin: ${notice}`);
  const loss = lossText(source, target);
  if (loss !== undefined) say(`austin: ${loss}`);
  if (path === undefined) return;
  const counts = countsText(sampleCount, threadCount);
  say(`austin: wrote ${printable(path)}, ${target.id}, ${bytes(size)}: ${counts}`);
}

function formatTable(): string {
  return formats
    .map(({ id, title, read, write }) => {
      const able = [...(read ? ['read'] : []), ...(write ? ['write'] : [])].join(', ');
      return `  ${id.padEnd(12)}${title} (${able})`;
    })
    .join('\n');
}
