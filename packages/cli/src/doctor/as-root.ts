import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { shellWords } from '../output/shell-words.js';

/** Where `sudo` looks for commands unless it is configured otherwise. */
const SECURE_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** What has to be typed to run this program as root. */
export interface Invocation {
  /** The words that start this program, also where its folder is not searched. */
  readonly self: readonly string[];
  readonly hasSudo: boolean;
}

export function readInvocation(): Invocation {
  const script = realPath(process.argv[1] ?? '');
  const isSearched =
    script !== undefined && SECURE_PATH.some((folder) => realPath(join(folder, 'austin')) === script);
  return {
    self: isSearched ? ['austin'] : [process.execPath, script ?? 'austin'],
    hasSudo: (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, 'sudo'))),
  };
}

/** Our own command with these arguments, run as root. */
export function austinAsRoot({ self, hasSudo }: Invocation, args: readonly string[]): string {
  return asRoot({ hasSudo }, shellWords([...self, ...args]));
}

/** A command, as one types it to have it run as root. */
export function asRoot({ hasSudo }: { hasSudo: boolean }, command: string): string {
  return hasSudo ? `sudo ${command}` : `su -c ${shellWords([command])}`;
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
