import type { Command } from 'commander';
import { runProgram } from '../run-command.js';
import { start } from '../start.js';
import { readVersion } from '../version.js';

/** A program of austin-python that has its name, arguments and exit codes here too. */
export interface Tool {
  readonly name: string;
  readonly define: (command: Command, setExitCode: (code: number) => void) => void;
}

/** Runs a tool with the words of this process, and ends it. */
export function startTool({ name, define }: Tool): Promise<never> {
  return start((words) =>
    runProgram(name, words, [name, '--help'], (program, setExitCode) => {
      program.version(readVersion(), '-V, --version', 'print the version');
      define(program, setExitCode);
    }),
  );
}
