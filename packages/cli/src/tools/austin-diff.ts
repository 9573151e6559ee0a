import { diffStacks, type Profile } from '@austin-profiler/profile';
import { namedOutput, standardOutput } from '../converting/output.js';
import { readProfileFiles } from '../converting/reading.js';
import { requireStandardInputOnce } from '../converting/standard-input-once.js';
import { completely, writeChunks } from '../converting/writing.js';
import { commonMetric } from '../diffing/both-sides.js';
import { foldedLines, lineChunks } from '../diffing/folded.js';
import type { Tool } from './tool.js';
import { sayDiagnostics } from './writing.js';

/** `austin-diff`: one profile minus another, stack by stack. */
export const austinDiff: Tool = {
  name: 'austin-diff',
  define(command) {
    command
      .description('Take one profile from another, stack by stack: what is positive, the first has more of.')
      .argument('<a>', 'the profile to take from, text or MOJO, or - for standard input')
      .argument('<b>', 'the profile to take away')
      .option('-o, --output <file>', 'the file to write (default: standard output)', '-')
      .action(async (a: string, b: string, flags: { output: string }) => {
        requireStandardInputOnce([a, b]);
        await completely(
          () => (flags.output === '-' ? standardOutput() : namedOutput(flags.output)),
          async (output) => {
            const read = await readProfileFiles([a, b]);
            const [minuend, subtrahend] = read.map(({ profile }) => profile) as [Profile, Profile];
            const { metric } = commonMetric(minuend, subtrahend, undefined);
            const differences = diffStacks(minuend, subtrahend, metric);
            const lines = foldedLines(differences, (of, without) =>
              of === without ? null : String(of - without),
            );
            await writeChunks(output, lineChunks(lines));
            return () => {
              for (const profile of [minuend, subtrahend]) sayDiagnostics(austinDiff.name, profile);
            };
          },
        );
      });
  },
};
