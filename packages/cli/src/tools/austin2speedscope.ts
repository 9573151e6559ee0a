import { basename } from 'node:path';
import { AustinError } from '@austin-profiler/profile';
import type { Tool } from './tool.js';
import { convertForTool } from './writing.js';

/** More is no indentation, but a mistake that fills the disk. */
const MAX_INDENT = 10;

/** `austin2speedscope`: any profile for https://www.speedscope.app. */
export const austin2speedscope: Tool = {
  name: 'austin2speedscope',
  define(command) {
    command
      .description('Turn a profile into the JSON of speedscope, with a profile for each thread and metric.')
      .argument('<input>', 'the profile, MOJO or text, or - for standard input')
      .argument('<output>', 'the file to write, or - for standard output')
      .option('--indent <spaces>', 'indent the JSON')
      .action((input: string, output: string, flags: { indent?: string }) => {
        const indent = flags.indent === undefined ? undefined : parseIndent(flags.indent);
        const options = {
          frames: 'line',
          ...(input !== '-' && { name: basename(input) }),
          ...(indent !== undefined && { indent }),
        } as const;
        return convertForTool({ tool: austin2speedscope.name, input, output, to: 'speedscope' }, options);
      });
  },
};

function parseIndent(text: string): number {
  const spaces = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (spaces <= MAX_INDENT) return spaces;
  throw new AustinError('ERR_USAGE_INDENT', `\`--indent ${text}\` cannot be used`, {
    kind: 'usage',
    hint: `write a number of spaces from 0 to ${MAX_INDENT}`,
  });
}
