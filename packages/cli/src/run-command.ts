import { AustinError } from '@austin-profiler/profile';
import { Command, CommanderError } from 'commander';
import { ExitCode } from './exit-codes.js';
import { reportError } from './output/errors.js';
import { printable } from './output/printable.js';
import { shellWords } from './output/shell-words.js';
import { writeStdout } from './output/standard-output.js';

export type Define = (command: Command, setExitCode: (code: number) => void) => void;

export interface Subcommand {
  readonly name: string;
  readonly summary: string;
  /** Imports only what this command needs: `convert` works where there is no sampler. */
  readonly load: () => Promise<Define>;
}

/** Runs a command line that begins with the name of a subcommand. Answers with the exit code. */
export async function runCommand(
  words: readonly string[],
  subcommands: readonly Subcommand[],
): Promise<number> {
  const help = ['austin', words[0] ?? '', '--help'];
  return runProgram('austin', words, help, async (program, setExitCode) => {
    program.enablePositionalOptions();
    for (const { name, summary, load } of subcommands) {
      const command = program.command(name).description(summary);
      // The options of a command are defined only when it is the one that runs.
      if (name === words[0]) (await load())(command, setExitCode);
    }
  });
}

/**
 * Runs a command line of the program that `define` describes. Answers with the exit code.
 *
 * @param help the command that explains it, for errors
 */
export async function runProgram(
  name: string,
  words: readonly string[],
  help: readonly string[],
  define: (program: Command, setExitCode: (code: number) => void) => void | Promise<void>,
): Promise<number> {
  const shown: string[] = [];
  let exitCode: number = ExitCode.Ok;
  try {
    const program = new Command(name)
      .exitOverride()
      .configureOutput({ writeOut: (text) => shown.push(text), writeErr() {}, outputError() {} });
    await define(program, (code) => {
      exitCode = code;
    });
    await parse(program, words, help);
    await writeStdout(Buffer.from(shown.join('')));
    return exitCode;
  } catch (error) {
    return reportError(error, name);
  }
}

async function parse(program: Command, words: readonly string[], help: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error, help);
  }
}

/** Commander's complaint as an error of ours. */
function usageError(error: CommanderError, help: readonly string[]): AustinError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const meant = /^\(Did you mean (.*)\?\)$/.exec(suggestion ?? '')?.[1];
  return new AustinError('ERR_USAGE_ARGUMENT', printable(message), {
    kind: 'usage',
    hint: meant ? `did you mean \`${meant}\`?` : `see \`${shellWords(help)}\``,
  });
}
