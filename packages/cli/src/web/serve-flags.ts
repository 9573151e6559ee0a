import { AustinError } from '@austin-profiler/profile';
import { isLoopback } from '@austin-profiler/web';
import type { Command } from 'commander';
import { parsePort, type Serving } from './serve.js';

export interface ServeFlags {
  readonly host?: string;
  readonly port?: number;
  readonly open?: boolean;
}

export function serveFlags(command: Command): Command {
  return command
    .option('--host <address>', 'address to listen on (default: 127.0.0.1, which only this machine reaches)')
    .option('--port <number>', 'port to listen on (default: a free one)', parsePort)
    .option('--open', 'open the page in the default browser');
}

/**
 * How the flags want the page to be reached, or else the environment: `WEBAUSTIN_HOST` and `WEBAUSTIN_PORT`.
 *
 * @throws AustinError `ERR_USAGE_HOST` when the environment alone would open it to other machines
 */
export function servingOf(flags: ServeFlags, env: NodeJS.ProcessEnv): Serving {
  const host = flags.host ?? (env.WEBAUSTIN_HOST || undefined);
  const port = flags.port ?? (env.WEBAUSTIN_PORT ? parsePort(env.WEBAUSTIN_PORT) : undefined);
  if (host !== undefined && flags.host === undefined && !isLoopback(host)) {
    throw new AustinError(
      'ERR_USAGE_HOST',
      `WEBAUSTIN_HOST is ${host}, which other machines can reach, and nothing on the command line says so`,
      { kind: 'usage', hint: `write \`--host ${host}\` if that is meant` },
    );
  }
  return {
    isToOpen: flags.open === true,
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
  };
}
