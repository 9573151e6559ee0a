import { isatty } from 'node:tty';
import { AustinError, isAustinError } from '@austin-profiler/profile';
import type { Command } from 'commander';
import { parsePid } from '../options/pid.js';
import { parseWatchMs } from '../options/time.js';
import { colorsFor } from '../output/colors.js';
import { writeStdout } from '../output/standard-output.js';
import { say } from '../output/stdio.js';
import { look, type Seen, seenJson, seenText } from '../watching/look.js';
import { repeat } from '../watching/repeat.js';
import { createScreen } from '../watching/screen.js';

const EXAMPLES = `Examples:
  austin where 1234              what every thread is doing now
  austin where 1234 --locals     with the variables of each call
  austin where -C 1234           the process and every Python below it
  austin where 1234 --watch      again every second
  austin where 1234 --native     with functions of C and other compiled code
  austin where 1234 --json | jq '.threads[].name'
`;

const NOTES = `
Without --native the process is not stopped. The most recent call comes last, as in a traceback. Of programs that use asyncio the tasks
are shown too, from Python 3.14 on: a task stands below the task that awaits it.`;

interface Flags {
  json?: boolean;
  locals?: boolean;
  native?: boolean;
  kernel?: boolean;
  children?: boolean;
  watch?: string | true;
}

/** `austin where`: every Python stack of a process, right now. */
export function defineWhere(command: Command): void {
  command
    .argument('[pid]', 'the process')
    .option('--json', 'print one JSON document; with --watch one a line')
    .option('-l, --locals', 'show the variables of each call')
    .option('-n, --native', 'show functions of C and other compiled code, too')
    .option('-k, --kernel', 'show the functions of the kernel that threads wait in')
    .option('-C, --children', 'every Python process below it, too')
    .option('-w, --watch [seconds]', 'look again and again, until the process ends; default 1')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(async (word: string | undefined, flags: Flags) => {
      const { pid, watchMs } = pidAndInterval(word, flags);
      if (watchMs === undefined) {
        await print(await look(pid, flags), pid, flags);
      } else {
        await watch(pid, watchMs, flags);
      }
    });
}

/** In `--watch 1234` the number is the process: nothing else would be left to look at. */
function pidAndInterval(word: string | undefined, flags: Flags): { pid: number; watchMs?: number } {
  if (word === undefined && typeof flags.watch === 'string') {
    return { pid: parsePid(flags.watch), watchMs: DEFAULT_WATCH_MS };
  }
  if (word === undefined) {
    throw new AustinError('ERR_USAGE_ARGUMENT', 'the process to look at is missing', {
      kind: 'usage',
      hint: 'give its pid, as in `austin where 1234`; find it with `pgrep -af python`',
    });
  }
  const pid = parsePid(word);
  if (flags.watch === undefined) return { pid };
  return { pid, watchMs: flags.watch === true ? DEFAULT_WATCH_MS : parseWatchMs(flags.watch) };
}

const DEFAULT_WATCH_MS = 1000;

async function watch(pid: number, watchMs: number, flags: Flags): Promise<void> {
  const isOnScreen = isatty(1) && !flags.json;
  const screen = createScreen(
    (text) => writeStdout(Buffer.from(text)),
    () => process.stdout.rows ?? 0,
  );
  let looks = 0;
  let hasEnded = false;
  const show = async (signal: AbortSignal) => {
    try {
      const seen = await look(pid, { ...flags, signal, ...(looks > 0 && { timeoutMs: 0 }) });
      looks += 1;
      if (isOnScreen) await screen.draw(`${seen.time}\n\n${seenText(seen, pid, colorsFor(1))}`);
      else await print(seen, pid, flags, looks);
    } catch (error) {
      hasEnded = looks > 0 && ENDINGS.some((code) => isAustinError(error, code));
      if (!hasEnded) throw error;
    }
    return !hasEnded;
  };
  try {
    await repeat(show, watchMs);
  } finally {
    await screen.leave();
  }
  if (hasEnded) say(`austin: process ${pid} has ended`);
}

/** How a look fails at a process that was there before. */
const ENDINGS = ['ERR_PROCESS_GONE', 'ERR_NOT_PYTHON'] as const;

/** @param looks of a watch: how many there have been with this one */
async function print(seen: Seen, pid: number, flags: Flags, looks = 0): Promise<void> {
  const isWatch = looks > 0;
  if (flags.json) return writeLine(JSON.stringify(seenJson(seen), null, isWatch ? 0 : 2));
  const head = isWatch ? `${looks > 1 ? '\n' : ''}=== ${seen.time} ===\n\n` : '';
  await writeLine(`${head}${seenText(seen, pid, colorsFor(1))}`);
}

function writeLine(text: string): Promise<void> {
  return writeStdout(Buffer.from(`${text}\n`));
}
