import type { Command } from 'commander';
import { isProfile } from '../converting/profile-words.js';
import { addSamplingOptions, type SamplingFlags, samplingOf, subjectOf } from '../options/sampling.js';
import { topOfFile } from '../top/top-of-file.js';
import { topOfSubject } from '../top/top-of-subject.js';

const EXAMPLES = `Examples:
  austin top python3 app.py        start a program and watch it
  austin top -p 1234               watch a running process, which goes on when you leave
  austin top app.mojo              look at a recording, or a profile of any other format
`;

const NOTES = `
Options end at the first word that is not one; what follows is the command. A single word that names a file which
cannot be executed is a profile to look at. ? in the view shows its keys; docs/top.md tells the rest.`;

interface Flags extends SamplingFlags {
  readonly programOutput?: string;
}

/** `austin top`: a live view of a program, a process, or a recording. */
export function defineTop(command: Command, setExitCode: (code: number) => void): void {
  command
    .argument('[command...]', 'the program to start, and its arguments; or a profile')
    .passThroughOptions();
  addSamplingOptions(command)
    .option(
      '--program-output <file>',
      'append what the program prints to this file (default: it is thrown away)',
    )
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(async (words: string[], { programOutput, ...flags }: Flags) => {
      setExitCode(await top(words, flags, programOutput));
    });
}

async function top(
  words: string[],
  flags: SamplingFlags,
  programOutput: string | undefined,
): Promise<number> {
  if (flags.pid === undefined && (await isProfile(words))) return topOfFile(words[0]!);
  const subject = subjectOf('top', words, flags.pid);
  return topOfSubject(subject, {
    ...samplingOf(flags),
    ...(programOutput !== undefined && { programOutput }),
  });
}
