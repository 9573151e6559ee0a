import { AustinError } from '@austin-profiler/profile';
import type { WebServer, WebSession } from '@austin-profiler/web';
import { reportError } from '../output/errors.js';
import { say } from '../output/stdio.js';
import { openBrowser } from './open-browser.js';

/** How the page is to be reached. */
export interface Serving {
  readonly host?: string;
  readonly port?: number;
  /** Start a browser with it. */
  readonly isToOpen: boolean;
}

/**
 * Serves a page and says where.
 *
 * @throws AustinError `ERR_WEB_LISTEN`
 */
export async function serve(session: WebSession, { host, port, isToOpen }: Serving): Promise<WebServer> {
  const { startWebServer } = await import('@austin-profiler/web');
  const server = await startWebServer({
    session,
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    onError: (error) => void reportError(error),
  });
  say(`austin: the page is at ${server.url}`);
  if (server.isOpen) {
    say(
      `austin: ${host} can be reached from other machines. Whoever knows this address sees the profile and the source files it names, can record other processes, and what is sent is not encrypted`,
    );
  }
  if (isToOpen) openBrowser(server.ticketUrl());
  return server;
}

export interface Interruption {
  /** Settles at the first signal that asks for the end. */
  readonly signal: Promise<NodeJS.Signals>;
  readonly hasCome: boolean;
  close(): void;
}

/** Listens for signals that ask for the end: from here on they do not just end this process. */
export function listenForInterruption(): Interruption {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let hasCome = false;
  let listener: (signal: NodeJS.Signals) => void = () => {};
  const signal = new Promise<NodeJS.Signals>((resolve) => {
    listener = (name) => {
      hasCome = true;
      resolve(name);
    };
  });
  for (const name of signals) process.on(name, listener);
  return {
    signal,
    get hasCome() {
      return hasCome;
    },
    close() {
      for (const name of signals) process.off(name, listener);
    },
  };
}

/** @throws AustinError `ERR_USAGE_PORT` */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port >= 0 && port <= 65_535) return port;
  throw new AustinError('ERR_USAGE_PORT', `\`${text}\` is not a port: expected a number from 0 to 65535`, {
    kind: 'usage',
    hint: 'leave it out to get a free one',
  });
}
