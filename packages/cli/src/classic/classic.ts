import { AustinError } from '@austin-profiler/profile';
import { closest } from '../output/closest.js';
import { writeStdout } from '../output/standard-output.js';
import { readVersion } from '../version.js';
import { type ClassicOptions, type ClassicRequest, readCommandLine } from './command-line.js';
import { exitCodeOfError, NOTHING_TO_SAMPLE, OK } from './exit-codes.js';
import { type ClassicProgram, COMPATIBLE_VERSION, type Generation } from './generation.js';
import { helpText, usageText } from './help.js';
import type { Sampling } from './sampling.js';
import { classicUsage } from './usage-error.js';
import { type ClassicWords, classicWords } from './words.js';

/**
 * Runs a command line as Austin would. Answers with the exit code.
 *
 * @param program the name that it was called by: `austinp` takes native stacks
 * @param subcommands what the first word was perhaps meant to be, if there is no such program
 */
export async function classic(
  words: readonly string[],
  generation: Generation,
  subcommands: readonly string[],
  program: ClassicProgram = 'austin',
): Promise<number> {
  let spoken = classicWords(generation, { pipe: true, program });
  let children = false;
  try {
    const request = readCommandLine(words, generation, program === 'austinp');
    if ('options' in request) {
      children = request.options.children;
      spoken = classicWords(generation, { pipe: request.options.pipe, program });
    }
    return await run(request, { generation, program, words: spoken, subcommands });
  } catch (error) {
    spoken.error(error, children);
    return exitCodeOfError(error, generation, children);
  }
}

async function run(
  request: ClassicRequest,
  context: {
    generation: Generation;
    program: ClassicProgram;
    words: ClassicWords;
    subcommands: readonly string[];
  },
): Promise<number> {
  const { generation, program, words } = context;
  switch (request.kind) {
    case 'help':
      return print(helpText(generation, readVersion(), program));
    case 'usage':
      return print(usageText(program));
    case 'version':
      return print(`${program} ${COMPATIBLE_VERSION[generation]}\n`);
    case 'nothing':
      words.error(classicUsage('ERR_USAGE_TARGET', 'neither a command nor a process was given'), false);
      return NOTHING_TO_SAMPLE[generation];
    case 'where': {
      const { where } = await import('./where.js');
      return where(request.pid, { generation, options: request.options, words });
    }
    case 'attach': {
      const { sampleProcess } = await import('./sampling.js');
      return sampleProcess(request.pid, samplingOf(request.options, context));
    }
    case 'start': {
      const { sampleCommand } = await import('./sampling.js');
      const sampling = samplingOf(request.options, context);
      const meant = closest(request.command[0] ?? '', context.subcommands);
      return sampleCommand(request.command, { ...sampling, ...(meant !== undefined && { meant }) });
    }
  }
}

function samplingOf(
  options: ClassicOptions,
  { generation, words }: { generation: Generation; words: ClassicWords },
): Sampling {
  if (generation === 4) checkEnvironment(process.env);
  return { generation, options, words };
}

async function print(text: string): Promise<number> {
  await writeStdout(Buffer.from(text));
  return OK;
}

/** A setting of Austin 4 that is not needed here, and is checked all the same. */
function checkEnvironment(env: NodeJS.ProcessEnv): void {
  const cap = env.AUSTIN_PAGE_SIZE_CAP;
  if (cap === undefined || /^\d+$/.test(cap)) return;
  throw new AustinError('ERR_ENVIRONMENT', 'AUSTIN_PAGE_SIZE_CAP is not a number', { kind: 'usage' });
}
