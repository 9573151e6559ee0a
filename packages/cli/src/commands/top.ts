import { AustinError } from '@austin-profiler/profile';
import type { Command } from 'commander';
import { addSamplingOptions, type SamplingFlags, samplingOf, subjectOf } from '../options/sampling.js';

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
  readonly play?: number;
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
    .option(
      '--play <speed>',
      'play a recording from its beginning, so many times as fast as it was made',
      parseSpeed,
    )
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(async (words: string[], flags: Flags) => {
      setExitCode(await top(words, flags));
    });
}

async function top(words: string[], { programOutput, play, ...flags }: Flags): Promise<number> {
  // What reads files is loaded where there may be one: a view of a program is there the sooner.
  if (flags.pid === undefined && words.length === 1) {
    const { isProfile } = await import('../converting/profile-words.js');
    if (await isProfile(words)) return (await import('../top/top-of-file.js')).topOfFile(words[0]!, play);
  }
  if (play !== undefined) {
    throw new AustinError('ERR_USAGE_PLAY', '`--play` plays a recording, and none was named', {
      kind: 'usage',
      hint: 'name a file, or leave `--play` out to watch what runs now',
    });
  }
  const subject = subjectOf('top', words, flags.pid);
  const { topOfSubject } = await import('../top/top-of-subject.js');
  return topOfSubject(subject, {
    ...samplingOf(flags),
    gilHolders: true,
    ...(programOutput !== undefined && { programOutput }),
  });
}

/** @throws AustinError `ERR_USAGE_PLAY` */
function parseSpeed(text: string): number {
  const speed = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (speed > 0) return speed;
  throw new AustinError('ERR_USAGE_PLAY', `\`${text}\` is not a speed: expected a number above 0`, {
    kind: 'usage',
    hint: 'write `1` for the pace of the recording, `2` for twice as fast',
  });
}
