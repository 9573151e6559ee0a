import type { IncomingMessage } from 'node:http';
import { isOwnHost } from './addresses.js';
import { isSameSecret, makeToken } from './token.js';

const VALID_MS = 60_000;

/** Addresses that lead to the page once. What a browser is started with can be seen by others of the machine; then it is of no use. */
export class Tickets {
  #open: { readonly secret: string; readonly until: number } | undefined;

  /** A new ticket; the one before it is no longer good. */
  issue(): string {
    const secret = makeToken();
    this.#open = { secret, until: Date.now() + VALID_MS };
    return secret;
  }

  /** Whether a request brings a good ticket, which it is then no longer. */
  redeem({ url, method, headers }: IncomingMessage, { host, port }: { host: string; port: number }): boolean {
    const given = /^\/open\/([\w-]+)$/.exec(url ?? '')?.[1];
    if (given === undefined || method !== 'GET' || !isOwnHost(headers.host, host, port)) return false;
    const ticket = this.#open;
    if (!ticket || Date.now() > ticket.until || !isSameSecret(given, ticket.secret)) return false;
    this.#open = undefined;
    return true;
  }
}
