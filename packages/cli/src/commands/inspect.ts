import type { InspectedEvent } from '@austin-profiler/mojo';
import type { Command } from 'commander';
import { ExitCode } from '../exit-codes.js';
import { inspectInput, isDamaged } from '../inspecting/inspect.js';
import { eventJson, inspectionJson } from '../inspecting/inspect-json.js';
import { EVENT_HEAD, eventLine, inspectionText } from '../inspecting/inspect-text.js';
import { colorsFor } from '../output/colors.js';
import { writeStdout } from '../output/standard-output.js';

const EXAMPLES = `Examples:
  austin inspect app.mojo                   what it is made of, and whether it is damaged
  austin inspect app.mojo --events | less   every event with its offset and its meaning
  austin inspect app.mojo --json | jq .damage
`;

const NOTES = `
Offsets count unpacked bytes from 0. The exit code is 1 if something is damaged or missing.`;

interface Flags {
  readonly events?: boolean;
  readonly json?: boolean;
}

/** `austin inspect`: a MOJO file, event by event. */
export function defineInspect(command: Command, setExitCode: (code: number) => void): void {
  command
    .argument('<input>', 'a MOJO file, gzipped or not, or - for standard input')
    .option('-e, --events', 'list every event')
    .option('--json', 'print a JSON document; with --events one for each line, the summary last')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(async (input: string, flags: Flags) => {
      if (await inspect(input, flags)) setExitCode(ExitCode.Failure);
    });
}

/**
 * Prints what `flags` ask for. Answers whether the file is damaged.
 *
 * @throws AustinError of kind `data` for what is not MOJO, `ERR_INPUT_READ`, `ERR_OUTPUT_WRITE`, `ERR_OUTPUT_CLOSED`
 */
export async function inspect(input: string, { events = false, json = false }: Flags): Promise<boolean> {
  const colors = colorsFor(1);
  let isBegun = false;
  const show = async (some: readonly InspectedEvent[]): Promise<void> => {
    if (some.length === 0) return;
    const lines = some.map(json ? eventJson : eventLine);
    if (!isBegun && !json) lines.unshift(colors.dim(EVENT_HEAD));
    isBegun = true;
    await writeStdout(Buffer.from(`${lines.join('\n')}\n`));
  };
  const found = await inspectInput(input, events ? show : undefined);
  const text = json
    ? JSON.stringify(inspectionJson(found), null, events ? 0 : 2)
    : `${isBegun ? '\n' : ''}${inspectionText(found, colors)}`;
  await writeStdout(Buffer.from(`${text}\n`));
  return isDamaged(found);
}
