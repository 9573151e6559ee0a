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
  const help: string[] = [];
  let exitCode: number = ExitCode.Ok;
  try {
    const program = await createProgram(words[0], subcommands, {
      writeHelp: (text) => help.push(text),
      setExitCode: (code) => {
        exitCode = code;
      },
    });
    await parse(program, words);
    await writeStdout(Buffer.from(help.join('')));
    return exitCode;
  } catch (error) {
    return reportError(error);
  }
}

async function parse(program: Command, words: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error, words);
  }
}

/** The options of a command are defined only when it is the one that runs. */
async function createProgram(
  name: string | undefined,
  subcommands: readonly Subcommand[],
  io: { writeHelp: (text: string) => void; setExitCode: (code: number) => void },
): Promise<Command> {
  const program = new Command('austin')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: io.writeHelp, writeErr() {}, outputError() {} });
  for (const { name: known, summary, load } of subcommands) {
    const command = program.command(known).description(summary);
    if (known === name) (await load())(command, io.setExitCode);
  }
  return program;
}

/** Commander's complaint as an error of ours. */
function usageError(error: CommanderError, words: readonly string[]): AustinError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const meant = /^\(Did you mean (.*)\?\)$/.exec(suggestion ?? '')?.[1];
  return new AustinError('ERR_USAGE_ARGUMENT', printable(message), {
    kind: 'usage',
    hint: meant
      ? `did you mean \`${meant}\`?`
      : `see \`${shellWords(['austin', words[0] ?? '', '--help'])}\``,
  });
}
