import { summaryOptions } from '@austin-profiler/convert';
import { diffFunctions, diffStacks, type Profile } from '@austin-profiler/profile';
import { type Command, Option } from 'commander';
import { readProfileFiles } from '../converting/reading.js';
import { requireStandardInputOnce } from '../converting/standard-input-once.js';
import { commonMetric } from '../diffing/both-sides.js';
import { diffJson } from '../diffing/diff-json.js';
import { diffText } from '../diffing/diff-text.js';
import { foldedLines, lineChunks } from '../diffing/folded.js';
import { parseTop } from '../options/top.js';
import { colorsFor } from '../output/colors.js';
import { diagnosticText } from '../output/conversion-notes.js';
import { writeStdout } from '../output/standard-output.js';
import { say } from '../output/stdio.js';
import type { ChosenMetric } from '../summarizing/metric.js';

const EXAMPLES = `Examples:
  austin diff old.mojo new.mojo                     functions whose share has changed most
  austin diff old.mojo new.mojo --by total --json
  austin diff old.mojo new.mojo --folded | flamegraph.pl > diff.svg
`;

const NOTES = `
Shares are of all threads together. Behind each change stand the limits between which the true change lies with a confidence
of 95 % (Newcombe). --folded prints each stack with its weight in both profiles.`;

interface Flags {
  readonly metric?: string;
  readonly by: 'self' | 'total';
  readonly top: string;
  readonly json?: boolean;
  readonly folded?: boolean;
  readonly from?: string;
  readonly strict?: boolean;
}

/** `austin diff`: what has changed from one profile to another. */
export function defineDiff(command: Command): void {
  command
    .argument('<before>', 'a profile of any format, or - for standard input')
    .argument('<after>', 'another one')
    .addOption(new Option('--by <weight>', 'what to compare').choices(['self', 'total']).default('self'))
    .option('-n, --top <rows>', 'rows to show; 0 for all', '15')
    .option(
      '--metric <metric>',
      'wall, cpu, gil, allocated, deallocated or samples, as the profiles have them',
    )
    .addOption(new Option('--json', 'print one JSON document').conflicts('folded'))
    .option('--folded', 'print stacks with both weights, as differential flame graphs want them')
    .option('-f, --from <format>', 'format of both inputs (default: their content tells)')
    .option('--strict', 'fail at the first damage instead of reading around it')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(diff);
}

async function diff(inputBefore: string, inputAfter: string, flags: Flags): Promise<void> {
  const top = parseTop(flags.top);
  requireStandardInputOnce([inputBefore, inputAfter]);
  const read = await readProfileFiles([inputBefore, inputAfter], flags);
  const [before, after] = read.map(({ profile }) => profile) as [Profile, Profile];
  const metric = commonMetric(before, after, flags.metric);
  if (flags.folded) {
    const lines = foldedLines(diffStacks(before, after, metric.metric), (a, b) => `${a} ${b}`);
    for (const chunk of lineChunks(lines)) await writeStdout(chunk);
  } else {
    const found = diffFunctions(side(before, metric), side(after, metric));
    const view = { metric, by: flags.by, top };
    const text = flags.json
      ? JSON.stringify(diffJson(found, view), null, 2)
      : diffText(found, view, colorsFor(1));
    await writeStdout(Buffer.from(`${text}\n`));
  }
  for (const { diagnostics } of [before, after]) {
    for (const diagnostic of diagnostics) say(`austin: ${diagnosticText(diagnostic)}`);
  }
}

function side(profile: Profile, metric: ChosenMetric) {
  return { profile, options: summaryOptions(profile, { metric: metric.id }) };
}
