import type { Tool } from './tool.js';
import { convertForTool } from './writing.js';

/** `mojo2austin`: MOJO as text, one line per sample. */
export const mojo2austin: Tool = {
  name: 'mojo2austin',
  define(command) {
    command
      .description('Turn a MOJO file into collapsed text, one line per sample.')
      .argument('<input>', 'the MOJO file, or - for standard input')
      .argument('<output>', 'the file to write, or - for standard output')
      .action((input: string, output: string) =>
        convertForTool(
          { tool: mojo2austin.name, input, output, to: 'collapsed' },
          { input: { format: 'mojo' } },
        ),
      );
  },
};
