import { AustinError } from '@austin-profiler/profile';
import { type Command, Option } from 'commander';
import { LOG_LEVELS, type Logger, type LogLevel, openLog } from '../logging/logger.js';
import { combineModes } from '../options/mode.js';
import { parseMaxCpu } from '../options/percent.js';
import { parsePid } from '../options/pid.js';
import { parseRotation } from '../options/rotate.js';
import { parseExposureUs, parseIntervalUs, parseTimeoutMs } from '../options/time.js';
import { shellWords } from '../output/shell-words.js';
import { say } from '../output/stdio.js';
import { type RecordOptions, recordCommand, recordProcess } from '../recording/record.js';
import type { RotationLimit } from '../recording/rotating-output.js';
import { readVersion } from '../version.js';

const EXAMPLES = `Examples:
  austin record -- python3 app.py               record a program from its start to its end
  austin record -i 100us -o app.mojo python3 app.py
  austin record -p 1234 -x 30                   record a running process for 30 seconds
  austin record -o - python3 app.py | austin convert - --to collapsed
`;

const NOTES = `
Options end at the first word that is not one; what follows is the command. The exit
code is that of the command. docs/cli.md tells about signals, file names and exit codes.`;

interface Flags {
  readonly interval: number;
  readonly output?: string;
  readonly exposure?: number;
  readonly timeout?: number;
  readonly pid?: number;
  readonly progress?: boolean;
  readonly cpu?: boolean;
  readonly memory?: boolean;
  readonly full?: boolean;
  readonly children?: boolean;
  readonly gc?: boolean;
  readonly gil?: boolean;
  readonly tasks?: boolean;
  readonly rotate?: RotationLimit;
  readonly jitter?: boolean;
  readonly maxCpu?: number;
  readonly log?: string;
  readonly logLevel?: LogLevel;
}

/** `austin record`: starts a program, or finds a running one, and writes its stacks to a MOJO file. */
export function defineRecord(command: Command, setExitCode: (code: number) => void): void {
  command
    .argument('[command...]', 'the program to start, and its arguments')
    .passThroughOptions()
    .addOption(
      new Option('-i, --interval <time>', 'time between samples: 100us, 1ms, 1s; a plain number is µs')
        .argParser(parseIntervalUs)
        .default(1_000, '1ms'),
    )
    .option(
      '-o, --output <file>',
      'file to write, or - for standard output (default: named after the command)',
    )
    .option('-x, --exposure <time>', 'stop after this time; a plain number is seconds', parseExposureUs)
    .option(
      '-t, --timeout <time>',
      'wait this long for Python to start; a plain number is ms',
      parseTimeoutMs,
    )
    .option('-p, --pid <pid>', 'record this running process', parsePid)
    .option('-c, --cpu', 'only threads that run on a CPU, or wait for one')
    .option('-m, --memory', 'the change of resident memory instead of time')
    .option('-f, --full', 'time, whether the thread ran, and memory, of every thread')
    .option('-g, --gc', 'mark what the garbage collector takes')
    .option('-C, --children', 'every Python process that the program starts, and they start')
    .option('--gil', 'only the thread that holds the interpreter lock')
    .option('--tasks', 'show the asyncio task that runs, and those that await it, in each stack; Python 3.14')
    .option('--rotate <limit>', 'go on in a new file after this time or size: 60s, 64MB', parseRotation)
    .option('--jitter', 'sample at random moments within each interval')
    .option('--max-cpu <percent>', 'sample less often if it takes more of one CPU than this', parseMaxCpu)
    .option('--log <file>', 'append a log of what happens to this file')
    .addOption(
      new Option('--log-level <level>', 'least important lines to log (default: info)').choices(LOG_LEVELS),
    )
    .option('--progress', 'show the progress line although the program prints to the same terminal')
    .option('--no-progress', 'never show the progress line')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(async (words: string[], flags: Flags) => {
      if (flags.logLevel !== undefined && flags.log === undefined) throw levelWithoutLog();
      const log = openLog({
        path: flags.log,
        level: flags.logLevel,
        onFailure: (sentence) => say(`austin: ${sentence}; the recording goes on`),
      });
      try {
        setExitCode(await record(words, flags, log));
      } finally {
        log.close();
      }
    });
}

function levelWithoutLog(): AustinError {
  return new AustinError('ERR_USAGE_LOG', '`--log-level` says what goes into a log, and there is none', {
    kind: 'usage',
    hint: 'name a file with `--log`',
  });
}

function record(words: string[], flags: Flags, log: Logger): Promise<number> {
  const { mode, ignored } = combineModes(flags);
  if (ignored !== undefined) say(`austin: ${ignored}`);
  const options: RecordOptions = {
    intervalUs: flags.interval,
    mode,
    children: flags.children ?? false,
    gc: flags.gc ?? false,
    gilOnly: flags.gil ?? false,
    tasks: flags.tasks ?? false,
    version: readVersion(),
    log,
    ...(flags.rotate !== undefined && { rotation: flags.rotate }),
    ...(flags.jitter !== undefined && { jitter: flags.jitter }),
    ...(flags.maxCpu !== undefined && { maxCpu: flags.maxCpu }),
    ...(flags.output !== undefined && { output: flags.output }),
    ...(flags.exposure !== undefined && { exposureUs: flags.exposure }),
    ...(flags.timeout !== undefined && { timeoutMs: flags.timeout }),
    ...(flags.progress !== undefined && { progress: flags.progress }),
  };
  if (flags.pid === undefined) {
    if (words.length > 0) return recordCommand(words, options);
    throw new AustinError('ERR_USAGE_TARGET', 'there is nothing to record', {
      kind: 'usage',
      hint: 'name a command (`austin record -- python3 app.py`) or a running process (`austin record -p PID`)',
    });
  }
  if (words.length === 0) return recordProcess(flags.pid, options);
  throw new AustinError(
    'ERR_USAGE_TARGET',
    `there are two things to record: process ${flags.pid} and the command \`${shellWords(words)}\``,
    { kind: 'usage', hint: 'leave out `-p`, or the command' },
  );
}
