import { summaryOptions } from '@austin-profiler/convert';
import { summarize } from '@austin-profiler/profile';
import { type Command, Option } from 'commander';
import { readProfileFile } from '../converting/reading.js';
import { parseTop } from '../options/top.js';
import { colorsFor } from '../output/colors.js';
import { diagnosticText } from '../output/conversion-notes.js';
import { writeStdout } from '../output/standard-output.js';
import { say } from '../output/stdio.js';
import { chooseMetric } from '../summarizing/metric.js';
import { summaryJson } from '../summarizing/summary-json.js';
import { summaryText } from '../summarizing/summary-text.js';

const EXAMPLES = `Examples:
  austin summary app.mojo                     the hottest functions and lines
  austin summary app.mojo --sort total -n 30  by time in calls, too
  austin summary app.mojo --by-thread         of each thread, too
  austin summary app.mojo --json | jq '.functions[0]'
`;

const NOTES = `
self is spent in a function or line itself, total includes what it calls. Shares are of all threads together; behind each
stand the limits between which the true share lies with a confidence of 95 % (Wilson's score interval).`;

interface Flags {
  readonly from?: string;
  readonly strict?: boolean;
  readonly metric?: string;
  readonly sort: 'self' | 'total';
  readonly top: string;
  readonly byThread?: boolean;
  readonly json?: boolean;
}

/** `austin summary`: the hottest functions and lines of a profile. */
export function defineSummary(command: Command): void {
  command
    .argument('<input>', 'a profile of any format, or - for standard input')
    .option('-n, --top <rows>', 'rows of each list; 0 for all', '15')
    .addOption(new Option('--sort <column>', 'what to sort by').choices(['self', 'total']).default('self'))
    .option('--metric <metric>', 'wall, cpu, gil, allocated, deallocated or samples, as the profile has them')
    .option('--by-thread', 'the functions and lines of each thread, too')
    .option('--json', 'print one JSON document')
    .option('-f, --from <format>', 'format of the input (default: its content tells)')
    .option('--strict', 'fail at the first damage instead of reading around it')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(summary);
}

async function summary(input: string, flags: Flags): Promise<void> {
  const top = parseTop(flags.top);
  const { profile } = await readProfileFile(input, flags);
  const metric = chooseMetric(profile, flags.metric);
  const view = { metric, sort: flags.sort, top, byThread: flags.byThread === true };
  const found = summarize(profile, summaryOptions(profile, { metric: metric.id }));
  const text = flags.json
    ? JSON.stringify(summaryJson(profile, found, view), null, 2)
    : summaryText(profile, found, view, colorsFor(1));
  await writeStdout(Buffer.from(`${text}\n`));
  for (const diagnostic of profile.diagnostics) say(`austin: ${diagnosticText(diagnostic)}`);
}
