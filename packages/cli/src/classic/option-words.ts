import { closest } from '../output/closest.js';
import { classicUsage } from './usage-error.js';

/** One option as it is typed. */
export interface OptionSpec<Name extends string = string> {
  readonly name: Name;
  /** One-letter forms, without the dash. */
  readonly letters: string;
  /** Long forms, without the dashes. */
  readonly words: readonly string[];
  readonly takesValue: boolean;
}

export interface GivenOption<Name extends string = string> {
  readonly name: Name;
  /** As the user typed it, without its value. */
  readonly typed: string;
  /** Empty for an option that takes none. */
  readonly value: string;
}

/**
 * Reads options as getopt does, and as newer releases of Austin do: `-i10ms`, `-i 10ms`, `-i=10ms`, `--interval=10ms`,
 * `--interval 10ms`, `--int 10ms`, and letters in a bundle, of which the last may take a value. Options end at `--`
 * or at the first word that is none; what follows belongs to the command, even if it looks like options.
 *
 * @returns the words that follow
 * @throws AustinError `ERR_USAGE_OPTION` when it comes to the word that is wrong
 */
export function* readOptions<Name extends string>(
  words: readonly string[],
  specs: readonly OptionSpec<Name>[],
): Generator<GivenOption<Name>, string[]> {
  let at = 0;
  const valueAfter = (typed: string): string => {
    const value = words[at];
    if (value === undefined || (value.startsWith('-') && value !== '-')) {
      throw classicUsage('ERR_USAGE_OPTION', `option \`${typed}\` requires a value`);
    }
    at++;
    return value;
  };

  while (at < words.length) {
    const word = words[at]!;
    if (word === '--') return words.slice(at + 1);
    if (!word.startsWith('-') || word === '-') break;
    at++;
    if (word.startsWith('--')) {
      yield longOption(word, specs, valueAfter);
      continue;
    }
    for (let index = 1; index < word.length; index++) {
      const spec = letterOption(word[index]!, specs);
      const typed = `-${word[index]!}`;
      if (!spec.takesValue) {
        yield { name: spec.name, typed, value: '' };
        continue;
      }
      const attached = word.slice(index + 1);
      const value = attached === '' ? valueAfter(typed) : attached.replace(/^=/, '');
      yield { name: spec.name, typed, value };
      break;
    }
  }
  return words.slice(at);
}

function letterOption<Name extends string>(
  letter: string,
  specs: readonly OptionSpec<Name>[],
): OptionSpec<Name> {
  const spec = specs.find(({ letters }) => letters.includes(letter));
  if (spec) return spec;
  throw classicUsage('ERR_USAGE_OPTION', `invalid option \`-${letter}\``);
}

function longOption<Name extends string>(
  word: string,
  specs: readonly OptionSpec<Name>[],
  valueAfter: (typed: string) => string,
): GivenOption<Name> {
  const equals = word.indexOf('=');
  const typed = equals === -1 ? word : word.slice(0, equals);
  const spec = longSpec(typed, specs);
  if (spec.takesValue) {
    return { name: spec.name, typed, value: equals === -1 ? valueAfter(typed) : word.slice(equals + 1) };
  }
  if (equals === -1) return { name: spec.name, typed, value: '' };
  throw classicUsage('ERR_USAGE_OPTION', `option \`${typed}\` takes no value`);
}

/** A long form may be cut as long as only one is meant. */
function longSpec<Name extends string>(typed: string, specs: readonly OptionSpec<Name>[]): OptionSpec<Name> {
  const text = typed.slice(2);
  const exact = specs.find(({ words }) => words.includes(text));
  if (exact) return exact;
  const possible = specs.filter(({ words }) => words.some((known) => known.startsWith(text)));
  if (possible.length === 1) return possible[0]!;
  if (possible.length === 0) {
    const meant = closest(
      text,
      specs.flatMap(({ words }) => words),
    );
    const question = meant === undefined ? '' : `: did you mean \`--${meant}\`?`;
    throw classicUsage('ERR_USAGE_OPTION', `unrecognized option \`${typed}\`${question}`);
  }
  const names = possible.flatMap(({ words }) => words.filter((known) => known.startsWith(text)));
  throw classicUsage(
    'ERR_USAGE_OPTION',
    `option \`${typed}\` is ambiguous: ${names.map((name) => `--${name}`).join(', ')}`,
  );
}
