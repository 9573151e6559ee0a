import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { formatById, formats, readInto, writeProfile } from '@austin-profiler/convert';
import { AustinError, ProfileBuilder } from '@austin-profiler/profile';
import { type Command, Option } from 'commander';
import { readInput } from '../converting/input.js';
import { extensionOf, withoutExtension } from '../converting/names.js';
import { type ConvertOutput, freeOutput, namedOutput, standardOutput } from '../converting/output.js';
import { isText, targetFormat, type WritableFormat } from '../converting/target-format.js';
import { exitCodeOf } from '../exit-codes.js';
import { diagnosticText, lossText, profileText } from '../output/conversion-notes.js';
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
  const output = openOutput(input, flags.output, target);
  const stopListening = abortOnSignals(output);
  try {
    const builder = new ProfileBuilder();
    const source = await readInto(readInput(input), builder, {
      ...(flags.from !== undefined && { format: flags.from }),
      ...(input !== '-' && { fileName: basename(input) }),
      strict: flags.strict === true,
    });
    const profile = builder.build();
    const pieces = writeProfile(profile, target.id, {
      ...(flags.frames && { frames: flags.frames }),
      ...(input !== '-' && { name: basename(input) }),
      ...(output.path?.toLowerCase().endsWith('.gz') && { gzip: true }),
      exporter: `austin-profiler@${readVersion()}`,
    });
    let size = 0;
    for await (const piece of pieces) {
      await output.write(piece);
      size += piece.length;
    }
    output.commit();
    for (const diagnostic of profile.diagnostics) say(`austin: ${diagnosticText(diagnostic)}`);
    const loss = lossText(source, target);
    if (loss !== undefined) say(`austin: ${loss}`);
    if (output.path === undefined) return;
    say(`austin: wrote ${printable(output.path)}, ${target.id}, ${bytes(size)}: ${profileText(profile)}`);
  } catch (error) {
    output.abort();
    throw error;
  } finally {
    stopListening();
  }
}

function openOutput(input: string, path: string | undefined, target: WritableFormat): ConvertOutput {
  if (path !== '-' && path !== undefined) return namedOutput(path);
  if (path === undefined && input !== '-') return freeOutput(withoutExtension(input), extensionOf(target));
  if (isText(target) || !isatty(1)) return standardOutput();
  throw new AustinError('ERR_USAGE_TERMINAL', `${target.title} is binary and is not written to a terminal`, {
    kind: 'usage',
    hint: 'name a file with `-o`',
  });
}

function requireReadable(id: string): void {
  if (formatById(id)?.read) return;
  const ids = formats.filter((format) => format.read).map((format) => format.id);
  throw new AustinError('ERR_USAGE_FORMAT', `\`--from ${printable(id)}\` is not a format that can be read`, {
    kind: 'usage',
    hint: `these can: ${ids.join(', ')}`,
  });
}

/** An interrupted conversion leaves no half-written file. */
function abortOnSignals(output: ConvertOutput): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (signal: NodeJS.Signals) => {
    output.abort();
    process.exit(exitCodeOf({ signal }));
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

function formatTable(): string {
  return formats
    .map(({ id, title, read, write }) => {
      const able = [...(read ? ['read'] : []), ...(write ? ['write'] : [])].join(', ');
      return `  ${id.padEnd(12)}${title} (${able})`;
    })
    .join('\n');
}
