import { readProfileFile } from '../converting/reading.js';
import { isWritable } from '../converting/target-format.js';
import { say } from '../output/stdio.js';
import { lookUp } from '../resolving/look-ups.js';
import { resolveProfile } from '../resolving/resolve-profile.js';
import { resolveReport } from '../resolving/resolve-report.js';
import type { Tool } from './tool.js';
import { writeForTool } from './writing.js';

/** `austinp-resolve`: a recording of austinp with lines of source files in place of addresses. */
export const austinpResolve: Tool = {
  name: 'austinp-resolve',
  define(command) {
    command
      .description(
        'Turn the addresses in the native stacks of a recording into lines of source files, with addr2line.',
      )
      .argument('<input>', 'the recording, MOJO or text, or - for standard input')
      .argument('<output>', 'the file to write, in the same format, or - for standard output')
      .action(async (input: string, output: string) => {
        const { profile, format } = await readProfileFile(input);
        const to = isWritable(format) ? format.id : 'collapsed';
        const report: string[] = [];
        await writeForTool({ tool: austinpResolve.name, input, output, to }, async () => {
          const lookUps = await lookUp(profile);
          report.push(...resolveReport(lookUps));
          return resolveProfile(profile, lookUps);
        });
        for (const line of report) say(`${austinpResolve.name}: ${line}`);
      });
  },
};
