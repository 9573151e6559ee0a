import { writeFileSync } from 'node:fs';
import { isAustinError } from '@austin-profiler/profile';
import { type OptionSpec, readOptions } from '../classic/option-words.js';
import { classicUsage } from '../classic/usage-error.js';
import { intervalUs, processId, timeoutMs } from '../classic/values.js';
import { ExitCode } from '../exit-codes.js';
import { combineModes } from '../options/mode.js';
import { errorText } from '../output/errors.js';
import { writeStdout } from '../output/standard-output.js';
import { say } from '../output/stdio.js';
import type { Subject } from '../recording/session.js';
import { type TopOptions, topOfSubject } from '../top/top-of-subject.js';

/** What Austin TUI answers with when nothing could be sampled, and when there is nothing to sample. */
const FAILED = 255;

const OPTIONS = [
  { name: 'children', letters: 'C', words: ['children'], takesValue: false },
  { name: 'exclude-empty', letters: 'e', words: ['exclude-empty'], takesValue: false },
  { name: 'help', letters: 'h', words: ['help'], takesValue: false },
  { name: 'interval', letters: 'i', words: ['interval'], takesValue: true },
  { name: 'memory', letters: 'm', words: ['memory'], takesValue: false },
  { name: 'pid', letters: 'p', words: ['pid'], takesValue: true },
  { name: 'sleepless', letters: 's', words: ['sleepless'], takesValue: false },
  { name: 'timeout', letters: 't', words: ['timeout'], takesValue: true },
] as const satisfies readonly OptionSpec[];

const HELP = `Usage: austin-tui [options] command...
       austin-tui [options] -p PID

  -C, --children        child processes too
  -e, --exclude-empty   accepted, and not needed
  -i, --interval TIME   time between samples: 100us, 1ms; a plain number is us (default 100us)
  -m, --memory          memory instead of time
  -p, --pid PID         look at this running process
  -s, --sleepless       only threads that are on a processor
  -t, --timeout TIME    wait this long for Python to start; a plain number is ms (default 3s)
  -h, --help            this text

It shows what \`austin top\` shows, which has more options. ? in the view shows its keys.
`;

/** `austin-tui`: the options of Austin TUI for our own view. Answers with the exit code. */
export async function austinTui(words: readonly string[]): Promise<number> {
  try {
    const request = read(words);
    if (request === 'help') {
      await writeStdout(Buffer.from(HELP));
      return ExitCode.Ok;
    }
    if (!request.subject) {
      say(`austin-tui: neither a command nor a process was given\n\n${HELP}`);
      return FAILED;
    }
    say('🏁 Starting the Austin TUI ...');
    const code = await topOfSubject(request.subject, request.options);
    const isFailure = [ExitCode.Failure, ExitCode.NotExecutable, ExitCode.NotFound].some(
      (one) => one === code,
    );
    return isFailure ? FAILED : code;
  } catch (error) {
    keepException(error);
    say(`austin-tui: ${errorText(error)}`);
    return isAustinError(error) && error.kind === 'usage' ? ExitCode.Usage : FAILED;
  }
}

function read(words: readonly string[]): 'help' | { subject: Subject | undefined; options: TopOptions } {
  const flags = new Set<string>();
  let interval = 100;
  let timeout = 3000;
  let pid: number | undefined;
  const options = readOptions(words, OPTIONS);
  let step = options.next();
  for (; !step.done; step = options.next()) {
    const { name, typed, value } = step.value;
    if (name === 'help') return 'help';
    if (name === 'interval') interval = intervalUs(value, typed);
    else if (name === 'timeout') timeout = timeoutMs(value, typed);
    else if (name === 'pid') pid = processId(value, typed);
    else flags.add(name);
  }
  const command = step.value;
  if (pid !== undefined && command.length > 0) {
    throw classicUsage('ERR_USAGE_TARGET', `a command and \`-p ${pid}\` cannot be sampled together`);
  }
  return {
    subject: pid !== undefined ? { pid } : command.length > 0 ? { command } : undefined,
    options: {
      intervalUs: interval,
      timeoutMs: timeout,
      mode: combineModes({ memory: flags.has('memory'), cpu: flags.has('sleepless') }).mode,
      children: flags.has('children'),
      gc: false,
      gilOnly: false,
      gilHolders: true,
      tasks: false,
      isClassic: true,
      native: false,
      kernel: false,
    },
  };
}

/** For whoever looks for a mistake: the last exception, in the file that Austin TUI writes it to. */
function keepException(error: unknown): void {
  if (!process.env.AUSTIN_TUI_DEBUG) return;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  try {
    writeFileSync('austin-tui.exc', `${text}\n`);
  } catch (cause) {
    say(`austin-tui: cannot write austin-tui.exc: ${String(cause)}`);
  }
}
