import { compressProfile } from '@austin-profiler/profile';
import { readProfileFile } from '../converting/reading.js';
import type { Tool } from './tool.js';
import { writeForTool } from './writing.js';

/** `mojo-compress`: equal samples of MOJO added up. */
export const mojoCompress: Tool = {
  name: 'mojo-compress',
  define(command) {
    command
      .description('Add up the equal samples of a MOJO file.')
      .argument('<input>', 'the MOJO file, or - for standard input')
      .argument('[output]', 'the file to write, or - for standard output (default: the input)')
      .action((input: string, output: string = input) =>
        writeForTool({ tool: mojoCompress.name, input, output, to: 'mojo' }, async () => {
          const { profile } = await readProfileFile(input, { from: 'mojo' });
          return compressProfile(profile);
        }),
      );
  },
};
