import { readProfileFile } from '../converting/reading.js';
import type { Tool } from './tool.js';
import { writeForTool } from './writing.js';

/** `mojo2austin`: MOJO as text, one line per sample. */
export const mojo2austin: Tool = {
  name: 'mojo2austin',
  define(command) {
    command
      .description('Turn a MOJO file into collapsed text, one line per sample.')
      .argument('<input>', 'the MOJO file, or - for standard input')
      .argument('<output>', 'the file to write, or - for standard output')
      .action((input: string, output: string) =>
        writeForTool({ tool: mojo2austin.name, input, output, to: 'collapsed' }, async () => {
          const { profile } = await readProfileFile(input, { from: 'mojo' });
          return profile;
        }),
      );
  },
};
