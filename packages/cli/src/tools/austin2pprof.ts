import { basename } from 'node:path';
import type { Tool } from './tool.js';
import { convertForTool } from './writing.js';

/** `austin2pprof`: any profile for pprof. */
export const austin2pprof: Tool = {
  name: 'austin2pprof',
  define(command) {
    command
      .description('Turn a profile into the format of pprof (https://github.com/google/pprof), gzipped.')
      .argument('<input>', 'the profile, MOJO or text, or - for standard input')
      .argument('<output>', 'the file to write, or - for standard output')
      .action((input: string, output: string) => {
        const options = input === '-' ? {} : { name: basename(input) };
        return convertForTool({ tool: austin2pprof.name, input, output, to: 'pprof' }, options);
      });
  },
};
