import { AustinError, compressProfile } from '@austin-profiler/profile';
import { readProfileFile } from '../converting/reading.js';
import type { Tool } from './tool.js';
import { writeForTool } from './writing.js';

/** `austin-compress`: equal samples of collapsed text added up. */
export const austinCompress: Tool = {
  name: 'austin-compress',
  define(command) {
    command
      .description('Add up the equal samples of a profile, and write it as collapsed text.')
      .argument('<input>', 'the profile, text or MOJO, or - for standard input')
      .argument('[output]', 'the file to write, or - for standard output (default: the input, if it is text)')
      .option('-c, --counts', 'count samples instead of adding up their weights')
      .action(async (input: string, output: string | undefined, flags: { counts?: boolean }) => {
        const conversion = { tool: austinCompress.name, input, output: output ?? input, to: 'collapsed' };
        await writeForTool(conversion, async () => {
          const { profile, format } = await readProfileFile(input);
          if (output === undefined && input !== '-' && format.id !== 'collapsed')
            throw notInPlace(format.title);
          return compressProfile(profile, flags.counts ? { weights: 'count' } : {});
        });
      });
  },
};

function notInPlace(title: string): AustinError {
  return new AustinError('ERR_USAGE_IN_PLACE', `the input is ${title} and would be replaced by text`, {
    kind: 'usage',
    hint: 'name an output, or use `mojo-compress` for MOJO',
  });
}
