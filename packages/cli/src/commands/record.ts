import { AustinError } from '@austin-profiler/profile';
import { type Command, Option } from 'commander';
import { LOG_LEVELS, type Logger, type LogLevel, openLog } from '../logging/logger.js';
import { parseRotation } from '../options/rotate.js';
import { addSamplingOptions, type SamplingFlags, samplingOf, subjectOf } from '../options/sampling.js';
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

interface Flags extends SamplingFlags {
  readonly output?: string;
  readonly progress?: boolean;
  readonly rotate?: RotationLimit;
  readonly log?: string;
  readonly logLevel?: LogLevel;
}

/** `austin record`: starts a program, or finds a running one, and writes its stacks to a MOJO file. */
export function defineRecord(command: Command, setExitCode: (code: number) => void): void {
  command
    .argument('[command...]', 'the program to start, and its arguments')
    .passThroughOptions()
    .option(
      '-o, --output <file>',
      'file to write, or - for standard output (default: named after the command)',
    );
  addSamplingOptions(command)
    .option('--rotate <limit>', 'go on in a new file after this time or size: 60s, 64MB', parseRotation)
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
  const subject = subjectOf('record', words, flags.pid);
  const options: RecordOptions = {
    ...samplingOf(flags),
    version: readVersion(),
    log,
    ...(flags.rotate !== undefined && { rotation: flags.rotate }),
    ...(flags.output !== undefined && { output: flags.output }),
    ...(flags.progress !== undefined && { progress: flags.progress }),
  };
  return 'pid' in subject ? recordProcess(subject.pid, options) : recordCommand(subject.command, options);
}
