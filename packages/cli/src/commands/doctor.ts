import type { Command } from 'commander';
import { readInvocation } from '../doctor/as-root.js';
import { examine } from '../doctor/examine.js';
import { reportText } from '../doctor/report-text.js';
import { readSystem } from '../doctor/system.js';
import { ExitCode } from '../exit-codes.js';
import { parsePid } from '../options/pid.js';
import { colorsFor } from '../output/colors.js';
import { writeStdout } from '../output/standard-output.js';
import { readVersion } from '../version.js';

const EXAMPLES = `Examples:
  austin doctor                  what can be profiled here, and how well
  austin doctor 1234             can this process be profiled, and if not, what to do
  austin doctor --json | jq .canProfile
`;

const NOTES = `
The exit code is 0 when profiling will work, and 1 when it will not. The self-test takes a few
seconds and starts a Python program of its own.`;

interface Flags {
  readonly json?: boolean;
  readonly python?: string;
  readonly selfTest: boolean;
}

/** `austin doctor`: what can be profiled here, why not, and what to do about it. */
export function defineDoctor(command: Command, setExitCode: (code: number) => void): void {
  command
    .argument('[pid]', 'a process that is to be profiled', parsePid)
    .option('--json', 'print everything as one JSON document')
    .option('--python <file>', 'the Python of the self-test (default: the first on PATH that is supported)')
    .option('--no-self-test', 'leave the self-test out')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(async (pid: number | undefined, flags: Flags) => {
      const report = await examine(
        {
          selfTest: flags.selfTest,
          ...(pid !== undefined && { pid }),
          ...(flags.python !== undefined && { python: flags.python }),
        },
        readSystem(),
        readInvocation(),
      );
      const text = flags.json
        ? JSON.stringify({ austin: readVersion(), ...report }, null, 2)
        : reportText(report, colorsFor(1));
      await writeStdout(Buffer.from(`${text}\n`));
      setExitCode(report.canProfile ? ExitCode.Ok : ExitCode.Failure);
    });
}
