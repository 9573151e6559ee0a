import type { Command } from 'commander';
import { parsePid } from '../options/pid.js';
import { colorsFor } from '../output/colors.js';
import { snapshotText } from '../output/snapshot-text.js';
import { writeStdout } from '../output/standard-output.js';
import { commandOf } from '../recording/proc.js';

const EXAMPLES = `Examples:
  austin where 1234              what every thread is doing now
  austin where 1234 --json | jq '.threads[].name'
`;

const NOTES = `
The process is not stopped. The most recent call comes last, as in a traceback.`;

/** `austin where`: every Python stack of a process, right now. */
export function defineWhere(command: Command): void {
  command
    .argument('<pid>', 'the process', parsePid)
    .option('--json', 'print the stacks as one JSON document')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(async (pid: number, flags: { json?: boolean }) => {
      const { takeSnapshot } = await import('@austin-profiler/sampler');
      const snapshot = await takeSnapshot(pid);
      const text = flags.json
        ? JSON.stringify(snapshot, null, 2)
        : snapshotText(snapshot, {
            askedPid: pid,
            command: commandOf(snapshot.target.pid),
            colors: colorsFor(1),
          });
      await writeStdout(Buffer.from(`${text}\n`));
    });
}
