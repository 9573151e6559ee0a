import type { Command } from 'commander';
import { readProfileFile, requireReadable } from '../converting/reading.js';
import { type ReadAndRewriteFlags, rewrite, withRewriteOptions } from '../converting/rewriting.js';
import { say } from '../output/stdio.js';
import { lookUp } from '../resolving/look-ups.js';
import { resolveProfile } from '../resolving/resolve-profile.js';
import { resolveCounts, resolveReport } from '../resolving/resolve-report.js';

const EXAMPLES = `Examples:
  austin resolve app.mojo                       writes app.resolved.mojo
  austin resolve app.austin -o app.pb.gz        the name tells the format
  austinp -o - python3 app.py | austin resolve - --to collapsed
`;

const NOTES = `
Lines are looked up in the libraries at the paths that the recording names, as they are now, with addr2line (of binutils).`;

/** `austin resolve`: addresses of machine code become lines of source files. */
export function defineResolve(command: Command): void {
  withRewriteOptions(command.argument('<input>', 'a recording with native stacks, or - for standard input'))
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(resolve);
}

async function resolve(input: string, flags: ReadAndRewriteFlags): Promise<void> {
  if (flags.from !== undefined) requireReadable(flags.from);
  const report: string[] = [];
  await rewrite(input, '.resolved', flags, async () => {
    const { profile, format } = await readProfileFile(input, flags);
    const lookUps = await lookUp(profile);
    report.push(...resolveReport(lookUps), resolveCounts(lookUps));
    return { profile: resolveProfile(profile, lookUps), format };
  });
  for (const line of report) say(`austin: ${line}`);
}
