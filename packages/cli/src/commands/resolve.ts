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
  austin resolve app.mojo --search ./symbols    binaries or debug information from elsewhere
  austinp -o - python3 app.py | austin resolve - --to collapsed
`;

const NOTES = `
Lines are looked up with addr2line (of binutils), in the libraries at the paths that the recording names, or in other files of the
same build id: a file of another build is not taken. docs/native-stacks.md tells more.`;

/** `austin resolve`: addresses of machine code become lines of source files. */
export function defineResolve(command: Command): void {
  withRewriteOptions(command.argument('<input>', 'a recording with native stacks, or - for standard input'))
    .option(
      '--search <folder>',
      'look there first for libraries and debug information; may be given several times',
      (folder: string, folders: readonly string[] | undefined) => [...(folders ?? []), folder],
    )
    .option('--inlines', 'show functions that were compiled into others as frames of their own')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(resolve);
}

interface Flags extends ReadAndRewriteFlags {
  readonly search?: readonly string[];
  readonly inlines?: boolean;
}

async function resolve(input: string, flags: Flags): Promise<void> {
  if (flags.from !== undefined) requireReadable(flags.from);
  const report: string[] = [];
  await rewrite(input, '.resolved', flags, async () => {
    const { profile, format } = await readProfileFile(input, flags);
    const lookUps = await lookUp(profile, flags.search);
    report.push(...resolveReport(lookUps), resolveCounts(lookUps));
    return { profile: resolveProfile(profile, lookUps, { inlines: flags.inlines ?? false }), format };
  });
  for (const line of report) say(`austin: ${line}`);
}
