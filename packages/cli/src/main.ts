import { AustinError } from '@austin-profiler/profile';
import { Command, CommanderError } from 'commander';
import { ExitCode } from './exit-codes.js';
import { classicUsage } from './first-word.js';
import { reportError } from './output/errors.js';
import { printable } from './output/printable.js';
import { shellWords } from './output/shell-words.js';
import { writeStdout } from './output/standard-output.js';
import { readVersion } from './version.js';

type Define = (command: Command, setExitCode: (code: number) => void) => void;

interface Subcommand {
  readonly name: string;
  readonly summary: string;
  /** Imports only what this command needs: `convert` works where there is no sampler. */
  readonly load: () => Promise<Define>;
}

const SUBCOMMANDS: readonly Subcommand[] = [
  {
    name: 'record',
    summary: 'start a program, or find a running one, and record its stacks',
    load: async () => (await import('./commands/record.js')).defineRecord,
  },
  {
    name: 'where',
    summary: 'show every stack of a process, right now',
    load: async () => (await import('./commands/where.js')).defineWhere,
  },
  {
    name: 'convert',
    summary: 'turn a profile into another format',
    load: async () => (await import('./commands/convert.js')).defineConvert,
  },
  {
    name: 'doctor',
    summary: 'find out what can be profiled here, and what to do if not',
    load: async () => (await import('./commands/doctor.js')).defineDoctor,
  },
];

const EXAMPLES = `Examples:
  austin record -- python3 app.py                  record a program from start to end
  austin record -p 1234 -x 30 -o app.mojo          record a running process for 30 s
  austin where 1234                                what is it doing now?
  austin doctor 1234                               why can it not be profiled?
  austin convert app.mojo --to speedscope          for https://www.speedscope.app
  austin convert app.mojo --to collapsed -o - | sort -k2 -nr
`;

/** Runs one command line, given without the name of the program. Answers with the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const argv = words[0] === 'help' ? [...words.slice(1, 2), '--help'] : [...words];
  const help: string[] = [];
  let exitCode: number = ExitCode.Ok;
  try {
    const program = await createProgram(argv[0], {
      writeHelp: (text) => help.push(text),
      setExitCode: (code) => {
        exitCode = code;
      },
    });
    await run(program, argv);
    await writeStdout(Buffer.from(help.join('')));
    return exitCode;
  } catch (error) {
    return reportError(error);
  }
}

async function run(program: Command, argv: readonly string[]): Promise<void> {
  if (argv.length === 0) return program.outputHelp();
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error, argv);
  }
}

/** The options of a command are defined only when it is the one that runs. */
async function createProgram(
  name: string | undefined,
  io: { writeHelp: (text: string) => void; setExitCode: (code: number) => void },
): Promise<Command> {
  const program = new Command('austin')
    .description('A profiler for CPython: samples the stacks of a running program and never stops it.')
    .version(`austin ${readVersion()}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: io.writeHelp, writeErr() {}, outputError() {} })
    .addHelpText('before', EXAMPLES);
  for (const { name: known, summary, load } of SUBCOMMANDS) {
    const command = program.command(known).description(summary);
    if (known === name) (await load())(command, io.setExitCode);
  }
  return program;
}

/** Commander's complaint as an error of ours. */
function usageError(error: CommanderError, argv: readonly string[]): AustinError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const command = SUBCOMMANDS.find(({ name }) => name === argv[0])?.name;
  const meant = /^\(Did you mean (.*)\?\)$/.exec(suggestion ?? '')?.[1];
  if (command === undefined && meant === undefined) return classicUsage(argv);
  return new AustinError('ERR_USAGE_ARGUMENT', printable(message), {
    kind: 'usage',
    hint: meant ? `did you mean \`${meant}\`?` : `see \`${shellWords(['austin', command ?? '', '--help'])}\``,
  });
}
