import { AustinError } from '@austin-profiler/profile';
import type { Command } from 'commander';
import { addSamplingOptions, type SamplingFlags, samplingOf, subjectOf } from '../options/sampling.js';
import { type ServeFlags, serveFlags, servingOf } from '../web/serve-flags.js';
import { serveRecording } from '../web/serve-recording.js';

const EXAMPLES = `Examples:
  austin web -- python3 app.py               start a program and watch it in the browser
  austin web -p 1234 --open                  a running process, in the default browser
  austin web                                 choose a process in the page
  austin web app.mojo                        a recording; so does austin view
  austin web --compile app.html -- python3 app.py
`;

const NOTES = `
The page is served on this machine only, and the address printed holds a secret: without it nothing is shown. The
recording goes on whatever the page does; Ctrl-C ends it. docs/web.md tells more.`;

export interface WebFlags extends SamplingFlags, ServeFlags {
  readonly output?: string;
  readonly compile?: string;
}

/** `austin web`: records a program, or shows a profile, in a page in the browser. */
export function defineWeb(command: Command, setExitCode: (code: number) => void): void {
  command
    .argument('[command...]', 'the program to start, and its arguments; or a profile to show')
    .passThroughOptions();
  serveFlags(addSamplingOptions(command))
    .option('-o, --output <file>', 'keep the recording in this file (default: it is gone at the end)')
    .option('--compile <file>', 'write the page as one HTML file at the end, instead of serving it')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(async (words: string[], flags: WebFlags) => setExitCode(await web(words, flags)));
}

/**
 * What `austin web` does with the words behind its options. Answers with the exit code.
 *
 * @throws AustinError of kind `usage`
 */
export async function web(words: readonly string[], flags: WebFlags): Promise<number> {
  const { compile, output } = flags;
  if (compile !== undefined && (flags.open || flags.host !== undefined || flags.port !== undefined)) {
    throw new AustinError('ERR_USAGE_COMPILE', '`--compile` writes a file, and nothing is served', {
      kind: 'usage',
      hint: 'leave out `--compile`, or `--open`, `--host` and `--port`',
    });
  }
  if (output === '-' || output?.endsWith('.gz')) {
    throw new AustinError('ERR_USAGE_OUTPUT', `\`-o ${output}\` cannot be written here`, {
      kind: 'usage',
      hint: 'name a plain MOJO file, or use `austin record`',
    });
  }
  // What reads files is loaded where there may be one: the page of a program is there the sooner.
  const [path] = words;
  if (flags.pid === undefined && path !== undefined && words.length === 1) {
    const { isProfile } = await import('../converting/profile-words.js');
    if (await isProfile(words)) return showFile(path, flags);
  }
  const isNamed = words.length > 0 || flags.pid !== undefined;
  const subject = isNamed ? subjectOf('web', words, flags.pid) : undefined;
  const options = { ...samplingOf(flags), gilHolders: true };
  if (compile === undefined) {
    return serveRecording(subject, options, { ...servingOf(flags, process.env), output });
  }
  const { compileRecording } = await import('../web/compile.js');
  if (subject) return compileRecording(subject, options, { output, page: compile });
  throw new AustinError('ERR_USAGE_TARGET', 'there is nothing to record', {
    kind: 'usage',
    hint: 'name a command (`austin web --compile app.html -- python3 app.py`), a process (`-p PID`) or a profile',
  });
}

async function showFile(path: string, flags: WebFlags): Promise<number> {
  if (flags.compile !== undefined)
    return (await import('../web/compile.js')).compileFile(path, flags.compile);
  const { FileSession } = await import('../web/file-session.js');
  const { serveFile } = await import('../web/serve-file.js');
  return serveFile(await FileSession.read(path, {}), servingOf(flags, process.env));
}
