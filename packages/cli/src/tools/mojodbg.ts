import { inspect } from '../commands/inspect.js';
import { ExitCode } from '../exit-codes.js';
import type { Tool } from './tool.js';

/** `mojodbg`: whether, and where, a MOJO file is broken. */
export const mojodbg: Tool = {
  name: 'mojodbg',
  define(command, setExitCode) {
    command
      .description('Find where a MOJO file is broken. The exit code is 1 if it is.')
      .argument('<input>', 'the MOJO file, or - for standard input')
      .option('-e, --echo', 'list every event')
      .action(async (input: string, flags: { echo?: boolean }) => {
        if (await inspect(input, { events: flags.echo === true })) setExitCode(ExitCode.Failure);
      });
  },
};
