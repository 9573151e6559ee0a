import { type Command, Option } from 'commander';
import { FileSession } from '../web/file-session.js';
import { serveFile } from '../web/serve-file.js';
import { type ServeFlags, serveFlags, servingOf } from '../web/serve-flags.js';

const EXAMPLES = `Examples:
  austin view app.mojo --open        in the default browser
  austin view app.pb.gz              any format that can be read; prints the address of the page
`;

interface Flags extends ServeFlags {
  readonly from?: string;
  readonly strict?: boolean;
}

/** `austin view`: a profile as a page in the browser. */
export function defineView(command: Command): void {
  serveFlags(
    command
      .argument('<input>', 'a profile of any format')
      .addOption(new Option('-f, --from <format>', 'format of the input (default: its content tells)'))
      .option('--strict', 'fail at the first damage instead of reading around it'),
  )
    .addHelpText('before', EXAMPLES)
    .action(async (input: string, flags: Flags) => {
      const serving = servingOf(flags, process.env);
      await serveFile(await FileSession.read(input, flags), serving);
    });
}
