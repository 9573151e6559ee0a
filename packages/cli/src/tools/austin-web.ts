import { AustinError } from '@austin-profiler/profile';
import { exposureUs, intervalUs, processId, timeoutMs } from '../classic/values.js';
import { web } from '../commands/web.js';
import { parsePort } from '../web/serve.js';
import type { Tool } from './tool.js';

const DEFAULT_INTERVAL_US = 100;
const DEFAULT_TIMEOUT_MS = 3_000;

interface Flags {
  readonly children?: boolean;
  readonly exposure?: number;
  readonly interval: number;
  readonly memory?: boolean;
  readonly pid?: number;
  readonly sleepless?: boolean;
  readonly timeout: number;
  readonly host?: string;
  readonly port?: number;
  readonly serve?: boolean;
  readonly compile?: string;
}

/** `austin-web`: `austin web` with the options of the front end of that name. */
export const austinWeb: Tool = {
  name: 'austin-web',
  define(command, setExitCode) {
    command
      .description('Watch a Python program in the browser while it runs.')
      .argument('[command...]', 'the program to start, and its arguments')
      .passThroughOptions()
      .option('-C, --children', 'every Python process that the program starts, and they start')
      .option('-e, --exclude-empty', 'accepted, without effect')
      .option('-x, --exposure <time>', 'stop after so many seconds', (text) => exposureUs(text, '-x'))
      .option(
        '-i, --interval <time>',
        'time between samples: a plain number is µs (default: 100)',
        (text) => intervalUs(text, '-i'),
        DEFAULT_INTERVAL_US,
      )
      .option('-m, --memory', 'the change of resident memory instead of time')
      .option('-p, --pid <pid>', 'a running process', (text) => processId(text, '-p'))
      .option('-s, --sleepless', 'only threads that run on a CPU, or wait for one')
      .option(
        '-t, --timeout <time>',
        'wait this long for Python to start: a plain number is ms (default: 3000)',
        (text) => timeoutMs(text, '-t'),
        DEFAULT_TIMEOUT_MS,
      )
      .option('-H, --host <host>', 'address to listen on (default: WEBAUSTIN_HOST, or 127.0.0.1)')
      .option('-P, --port <port>', 'port to listen on (default: WEBAUSTIN_PORT, or a free one)', parsePort)
      .option('-S, --serve', 'serve the page, which is the default')
      .option('-c, --compile <file>', 'write the page as one HTML file at the end, instead of serving it')
      .action(async (words: string[], flags: Flags) => setExitCode(await run(words, flags)));
  },
};

function run(words: readonly string[], { serve, sleepless, ...flags }: Flags): Promise<number> {
  if (serve && flags.compile !== undefined) {
    throw new AustinError('ERR_USAGE_COMPILE', '`--serve` and `--compile` exclude each other', {
      kind: 'usage',
      hint: 'leave one of them out',
    });
  }
  if (words.length === 0 && flags.pid === undefined) {
    throw new AustinError('ERR_USAGE_TARGET', 'neither a command nor a process was given', {
      kind: 'usage',
      hint: 'see `austin-web --help`',
    });
  }
  return web(words, { ...flags, ...(sleepless !== undefined && { cpu: sleepless }) });
}
