import { AustinError } from '@austin-profiler/profile';
import { NATIVE_WAYS, type NativeWay } from '@austin-profiler/sampler';
import { type Command, Option } from 'commander';
import { shellWords } from '../output/shell-words.js';
import { say } from '../output/stdio.js';
import type { SamplingOptions } from '../recording/sampling-options.js';
import type { Subject } from '../recording/session.js';
import { combineModes } from './mode.js';
import { parseMaxCpu } from './percent.js';
import { parsePid } from './pid.js';
import { parseExposureUs, parseIntervalUs, parseTimeoutMs } from './time.js';

/** The options of every command that samples a program. */
export interface SamplingFlags {
  readonly interval?: number;
  readonly exposure?: number;
  readonly timeout?: number;
  readonly pid?: number;
  readonly cpu?: boolean;
  readonly memory?: boolean;
  readonly full?: boolean;
  readonly children?: boolean;
  readonly gc?: boolean;
  readonly gil?: boolean;
  readonly gilHolders?: boolean;
  readonly tasks?: boolean;
  readonly native?: boolean;
  readonly nativeWay?: NativeWay;
  readonly kernel?: boolean;
  readonly jitter?: boolean;
  readonly maxCpu?: number;
}

const DEFAULT_INTERVAL_US = 1_000;
/** Threads are stopped for a moment for each sample. */
const NATIVE_INTERVAL_US = 10_000;

/** Defines them. */
export function addSamplingOptions(command: Command): Command {
  return command
    .option(
      '-i, --interval <time>',
      'time between samples: 100us, 1ms, 1s; a plain number is µs (default: 1ms; 10ms with --native)',
      parseIntervalUs,
    )
    .option('-x, --exposure <time>', 'stop after this time; a plain number is seconds', parseExposureUs)
    .option(
      '-t, --timeout <time>',
      'wait this long for Python to start; a plain number is ms',
      parseTimeoutMs,
    )
    .option('-p, --pid <pid>', 'sample this running process', parsePid)
    .option('-c, --cpu', 'only threads that run on a CPU, or wait for one')
    .option('-m, --memory', 'the change of resident memory instead of time')
    .option('-f, --full', 'time, whether the thread ran, and memory, of every thread')
    .option('-g, --gc', 'mark what the garbage collector takes')
    .option('-C, --children', 'every Python process that the program starts, and they start')
    .option('--gil', 'only the thread that holds the interpreter lock')
    .option('--gil-holders', 'mark the samples of threads that hold the interpreter lock')
    .option('--tasks', 'show the asyncio task that runs, and those that await it, in each stack; Python 3.14')
    .option(
      '-n, --native',
      'show functions of C and other compiled code, too; stops threads that run for moments',
    )
    .addOption(
      new Option(
        '--native-way <way>',
        'how --native takes stacks: exact, or undisturbed, which stops nothing (default: exact)',
      ).choices(NATIVE_WAYS),
    )
    .option('-k, --kernel', 'show the functions of the kernel that threads wait in')
    .option('--jitter', 'sample at random moments within each interval')
    .option('--max-cpu <percent>', 'sample less often if it takes more of one CPU than this', parseMaxCpu);
}

/** What they ask for. Says so if one of them has no effect. */
export function samplingOf(flags: SamplingFlags): SamplingOptions {
  const { mode, ignored } = combineModes(flags);
  if (ignored !== undefined) say(`austin: ${ignored}`);
  // Who names the way wants the stacks.
  const native = flags.nativeWay ?? (flags.native ? 'exact' : false);
  return {
    intervalUs: flags.interval ?? (native === false ? DEFAULT_INTERVAL_US : NATIVE_INTERVAL_US),
    mode,
    children: flags.children ?? false,
    gc: flags.gc ?? false,
    gilOnly: flags.gil ?? false,
    gilHolders: flags.gilHolders ?? false,
    tasks: flags.tasks ?? false,
    native,
    kernel: flags.kernel ?? false,
    ...(flags.jitter !== undefined && { jitter: flags.jitter }),
    ...(flags.maxCpu !== undefined && { maxCpu: flags.maxCpu }),
    ...(flags.exposure !== undefined && { exposureUs: flags.exposure }),
    ...(flags.timeout !== undefined && { timeoutMs: flags.timeout }),
  };
}

/**
 * The command or the process that is to be sampled.
 *
 * @param name of our command, for the hint
 * @throws AustinError `ERR_USAGE_TARGET` for neither and for both
 */
export function subjectOf(name: string, command: readonly string[], pid: number | undefined): Subject {
  if (pid === undefined) {
    if (command.length > 0) return { command };
    throw new AustinError(
      'ERR_USAGE_TARGET',
      `there is nothing to ${name === 'record' ? 'record' : 'sample'}`,
      {
        kind: 'usage',
        hint: `name a command (\`austin ${name} -- python3 app.py\`) or a running process (\`austin ${name} -p PID\`)`,
      },
    );
  }
  if (command.length === 0) return { pid };
  throw new AustinError(
    'ERR_USAGE_TARGET',
    `there are two things to ${name === 'record' ? 'record' : 'sample'}: process ${pid} and the command \`${shellWords(command)}\``,
    { kind: 'usage', hint: 'leave out `-p`, or the command' },
  );
}
