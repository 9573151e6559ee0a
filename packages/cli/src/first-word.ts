import { AustinError } from '@austin-profiler/profile';
import { shellWords } from './output/shell-words.js';

/**
 * The refusal of a command line that is written for the classic `austin`, which took the program to profile
 * without a subcommand: it names the line to type instead.
 *
 * @param words the whole command line, without `austin`
 */
export function classicUsage(words: readonly string[]): AustinError {
  const line = shellWords(['austin', ...modernWords(words)]);
  const kind = words[0]?.startsWith('-') ? 'an option' : 'a command';
  return new AustinError(
    'ERR_USAGE_COMMAND',
    `\`${shellWords(words.slice(0, 1))}\` is not ${kind} of austin`,
    {
      kind: 'usage',
      hint: `type instead: ${line}`,
    },
  );
}

function modernWords(words: readonly string[]): string[] {
  const [first = '', second] = words;
  if ((first === '-w' || first === '--where') && second !== undefined) return ['where', second];
  return first.startsWith('-') ? ['record', ...words] : ['record', '--', ...words];
}
