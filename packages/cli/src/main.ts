import type { ClassicProgram, Generation } from './classic/generation.js';
import type { Subcommand } from './run-command.js';

/** What runs only when it is asked for is imported only then: front ends often ask for nothing but the version. */
const SUBCOMMANDS: readonly Subcommand[] = [
  {
    name: 'record',
    summary: 'start a program, or find a running one, and record its stacks',
    load: async () => (await import('./commands/record.js')).defineRecord,
  },
  {
    name: 'top',
    summary: 'watch a program, a process or a recording in the terminal',
    load: async () => (await import('./commands/top.js')).defineTop,
  },
  {
    name: 'web',
    summary: 'show a recording in the browser while it is made',
    load: async () => (await import('./commands/web.js')).defineWeb,
  },
  {
    name: 'view',
    summary: 'show a profile in the browser',
    load: async () => (await import('./commands/view.js')).defineView,
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
    name: 'summary',
    summary: 'show the hottest functions and lines of a profile',
    load: async () => (await import('./commands/summary.js')).defineSummary,
  },
  {
    name: 'diff',
    summary: 'show what has changed from one profile to another',
    load: async () => (await import('./commands/diff.js')).defineDiff,
  },
  {
    name: 'filter',
    summary: 'write a part of a profile',
    load: async () => (await import('./commands/filter.js')).defineFilter,
  },
  {
    name: 'merge',
    summary: 'write several profiles as one',
    load: async () => (await import('./commands/merge.js')).defineMerge,
  },
  {
    name: 'resolve',
    summary: 'turn addresses in native stacks into lines of source files',
    load: async () => (await import('./commands/resolve.js')).defineResolve,
  },
  {
    name: 'inspect',
    summary: 'show what a MOJO file is made of, and where it is damaged',
    load: async () => (await import('./commands/inspect.js')).defineInspect,
  },
  {
    name: 'doctor',
    summary: 'find out what can be profiled here, and what to do if not',
    load: async () => (await import('./commands/doctor.js')).defineDoctor,
  },
];

/**
 * Runs one command line, given without the name of the program. Answers with the exit code.
 *
 * A line that begins with one of our subcommands is ours; every other one is a command line of Austin.
 */
export async function main(
  words: readonly string[],
  generation: Generation,
  program: ClassicProgram = 'austin',
): Promise<number> {
  const [first, second] = words;
  const line =
    first === 'help' && program === 'austin'
      ? second === undefined
        ? ['--help']
        : [second, '--help']
      : words;
  if (program === 'austin' && SUBCOMMANDS.some(({ name }) => name === line[0])) {
    return (await import('./run-command.js')).runCommand(line, SUBCOMMANDS);
  }
  return (await import('./classic/classic.js')).classic(
    line,
    generation,
    program === 'austin' ? SUBCOMMANDS.map(({ name }) => name) : [],
    program,
  );
}
