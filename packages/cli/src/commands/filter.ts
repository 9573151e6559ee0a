import {
  AustinError,
  type FunctionTest,
  filterProfile,
  isOwnFunction,
  type Profile,
  type ProfileFilter,
} from '@austin-profiler/profile';
import type { Command } from 'commander';
import { readProfileFile, requireReadable } from '../converting/reading.js';
import { type ReadAndRewriteFlags, rewrite, withRewriteOptions } from '../converting/rewriting.js';
import { compilePatterns, type TextTest } from '../filtering/pattern.js';
import { chooseThreads } from '../filtering/thread-choice.js';
import { parsePid } from '../options/pid.js';
import { parseMomentUs } from '../options/time.js';
import { shellWords } from '../output/shell-words.js';
import { say } from '../output/stdio.js';

const EXAMPLES = `Examples:
  austin filter app.mojo --own-code               writes app.filtered.mojo
  austin filter app.mojo --thread MainThread --since 10s --until 20s
  austin filter app.mojo --focus 'parse_.*' --hide '^<frozen' -o parse.mojo
  austin filter app.mojo --root-at '^handle$' -o - | austin summary -
`;

const NOTES = `
A PATTERN is a regular expression (RE2) that is looked for in the name of each function, and in that of its file. Given
several times, any may match. Whether a sample stays is decided by its stack as it was recorded.`;

interface Flags extends ReadAndRewriteFlags {
  readonly pid?: readonly string[];
  readonly thread?: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly focus?: readonly string[];
  readonly ignore?: readonly string[];
  readonly hide?: readonly string[];
  readonly rootAt?: readonly string[];
  readonly ownCode?: boolean;
}

/** `austin filter`: a part of a profile. */
export function defineFilter(command: Command): void {
  withRewriteOptions(
    command
      .argument('<input>', 'a profile of any format, or - for standard input')
      .option('-p, --pid <pid>', 'only this process; may be repeated, as the next five', append)
      .option('--thread <id>', 'only threads with this id or name', append)
      .option('--focus <pattern>', 'only samples with such a function in their stack', append)
      .option('--ignore <pattern>', 'no samples with such a function in their stack', append)
      .option('--hide <pattern>', 'no such functions: their time counts for their callers', append)
      .option('--root-at <pattern>', 'only such functions and what they call', append)
      .option('--own-code', 'hide the standard library, installed packages and machine code')
      .option('--since <time>', 'only samples taken this long after the start, or later')
      .option('--until <time>', 'only samples taken earlier than this'),
  )
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(filter);
}

function append(word: string, words: readonly string[] = []): string[] {
  return [...words, word];
}

async function filter(input: string, flags: Flags): Promise<void> {
  const makeFilter = filterMaker(flags);
  if (flags.from !== undefined) requireReadable(flags.from);
  let [before, after] = [0, 0];
  await rewrite(input, '.filtered', flags, async () => {
    const { profile, format } = await readProfileFile(input, flags);
    const part = filterProfile(profile, makeFilter(profile));
    [before, after] = [profile.samples.length, part.samples.length];
    return { profile: part, format };
  });
  if (before > 0 && after === 0) say('austin: no sample is left: nothing in the profile is as asked for');
}

/** Understands the options, before anything is read. */
function filterMaker(flags: Flags): (profile: Profile) => ProfileFilter {
  const pids = (flags.pid ?? []).map(parsePid);
  const tids = flags.thread ?? [];
  const times = {
    ...(flags.since !== undefined && { fromUs: parseMomentUs('--since', flags.since) }),
    ...(flags.until !== undefined && { untilUs: parseMomentUs('--until', flags.until) }),
  };
  const focus = flags.focus && compilePatterns('--focus', flags.focus);
  const ignore = flags.ignore && compilePatterns('--ignore', flags.ignore);
  const rootAt = flags.rootAt && compilePatterns('--root-at', flags.rootAt);
  const hide = flags.hide && compilePatterns('--hide', flags.hide);
  const isAsked = [...pids, ...tids, ...Object.keys(times), focus, ignore, rootAt, hide, flags.ownCode].some(
    Boolean,
  );
  if (!isAsked) {
    throw new AustinError('ERR_USAGE_FILTER', 'nothing is said about which part of the profile to keep', {
      kind: 'usage',
      hint: 'see `austin filter --help`; to write all of it, use `austin convert`',
    });
  }
  const description = descriptionOf(flags);
  return (profile) => {
    const meant = (test: TextTest): FunctionTest => functionTest(profile, test);
    const hidden: FunctionTest[] = [];
    if (hide) hidden.push(meant(hide));
    if (flags.ownCode) hidden.push((fn) => !isOwnFunction(profile.tables, fn));
    return {
      description,
      ...times,
      ...(pids.length + tids.length > 0 && { thread: chooseThreads(profile, pids, tids) }),
      ...(focus && { focus: meant(focus) }),
      ...(ignore && { ignore: meant(ignore) }),
      ...(rootAt && { rootAt: meant(rootAt) }),
      ...(hidden.length > 0 && { hide: (fn) => hidden.some((isHidden) => isHidden(fn)) }),
    };
  };
}

function functionTest({ tables }: Profile, test: TextTest): FunctionTest {
  return (fn) => test(tables.string(tables.functionName(fn))) || test(tables.string(tables.functionFile(fn)));
}

/** The options that made the part, as one would type them. */
function descriptionOf(flags: Flags): string {
  const words: string[] = [];
  const add = (flag: string, values: readonly string[] | undefined) => {
    for (const value of values ?? []) words.push(flag, value);
  };
  add('--pid', flags.pid);
  add('--thread', flags.thread);
  add('--focus', flags.focus);
  add('--ignore', flags.ignore);
  add('--hide', flags.hide);
  add('--root-at', flags.rootAt);
  if (flags.ownCode) words.push('--own-code');
  if (flags.since !== undefined) words.push('--since', flags.since);
  if (flags.until !== undefined) words.push('--until', flags.until);
  return shellWords(words);
}
