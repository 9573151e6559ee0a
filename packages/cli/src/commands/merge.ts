import { withHexThreadIds } from '@austin-profiler/convert';
import { compressProfile, mergeProfiles, type Profile } from '@austin-profiler/profile';
import type { Command } from 'commander';
import { readProfileFiles, requireReadable } from '../converting/reading.js';
import { type ReadAndRewriteFlags, rewrite } from '../converting/rewriting.js';
import { requireStandardInputOnce } from '../converting/standard-input-once.js';
import { count } from '../output/numbers.js';
import { say } from '../output/stdio.js';

const EXAMPLES = `Examples:
  austin merge app.0001.mojo app.0002.mojo -o app.mojo
  austin merge worker*.mojo --apart -o all.speedscope.json
  austin merge monday.mojo tuesday.mojo --compress -o week.mojo
`;

const NOTES = `
Only profiles that measure the same can be merged. Samples stand one profile behind the other.`;

/** So many processes are named. */
const MAX_NAMED = 5;

interface Flags extends ReadAndRewriteFlags {
  readonly apart?: boolean;
  readonly compress?: boolean;
}

/** `austin merge`: several profiles as one. */
export function defineMerge(command: Command): void {
  command
    .argument('<inputs...>', 'profiles of any formats; one may be - for standard input')
    .option('--apart', 'a process id means another process in each profile')
    .option('--compress', 'add up equal samples; their order is lost')
    .option(
      '-o, --output <file>',
      'file to write, or - for standard output (default: beside the first input)',
    )
    .option('-t, --to <format>', 'format to write (default: as the name given with -o, or the first input)')
    .option('-f, --from <format>', 'format of all inputs (default: their content tells)')
    .option('--strict', 'fail at the first damage instead of reading around it')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(merge);
}

async function merge(inputs: readonly string[], flags: Flags): Promise<void> {
  if (flags.from !== undefined) requireReadable(flags.from);
  requireStandardInputOnce(inputs);
  let shared: readonly number[] = [];
  await rewrite(inputs[0]!, '.merged', flags, async () => {
    const read = await readProfileFiles(inputs, flags);
    // Text has ids in decimal, MOJO in hex: a thread of both is one thread.
    const profiles = read.map(({ profile }) => withHexThreadIds(profile));
    shared = flags.apart ? [] : sharedPids(profiles);
    const merged = mergeProfiles(profiles, { processes: flags.apart ? 'apart' : 'same' });
    return { profile: flags.compress ? compressProfile(merged) : merged, format: read[0]!.format };
  });
  if (shared.length === 0) return;
  const named = shared.slice(0, MAX_NAMED).join(', ');
  const more = shared.length > MAX_NAMED ? ` and ${count(shared.length - MAX_NAMED)} more` : '';
  say(
    `austin: in several of the profiles, and taken for the same: process ${named}${more}; \`--apart\` keeps them apart`,
  );
}

/** Processes that are in more than one profile. */
function sharedPids(profiles: readonly Profile[]): number[] {
  const seen = new Set<number>();
  const shared = new Set<number>();
  for (const { tables } of profiles) {
    const own = new Set<number>();
    for (let id = 0; id < tables.threadCount; id++) own.add(tables.thread(id as never).pid);
    for (const pid of own) (seen.has(pid) ? shared : seen).add(pid);
  }
  return [...shared];
}
