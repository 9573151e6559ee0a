import type { IncomingMessage } from 'node:http';
import { isOwnHost } from './addresses.js';
import { isSameSecret } from './token.js';

/** What a request has to meet before anything is done for it. */
export interface GuardRules {
  readonly token: string;
  readonly host: string;
  readonly port: number;
}

/** A request that is let in: where it goes, without the token. */
export interface Admitted {
  /** For example `events`; empty for the page itself. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** One that is not, and what it is told. */
export interface Rejected {
  readonly code: number;
  readonly reason: string;
}

/**
 * Lets a request in that knows the token, is meant for this server, and does not come from a page of somebody else.
 */
export function admit(request: IncomingMessage, { token, host, port }: GuardRules): Admitted | Rejected {
  const { headers } = request;
  if (!isOwnHost(headers.host, host, port)) {
    return { code: 421, reason: 'This server goes by another name.' };
  }
  const { origin } = headers;
  const isOwnOrigin = origin === `http://${headers.host}`;
  if (origin !== undefined && !isOwnOrigin) {
    return { code: 403, reason: 'Pages of another origin are not served.' };
  }
  // Not by `URL`, which throws at some of what can be sent.
  const [, path = '', , query] = /^([^?]*)(\?(.*))?$/s.exec(request.url ?? '') ?? [];
  const [, given = '', ...rest] = path.split('/');
  if (!isSameSecret(given, token)) {
    return { code: 403, reason: 'The address is not complete: open the one that austin printed.' };
  }
  if (request.method === 'POST') {
    // Browsers always send one with a POST, and ask first before they send JSON to another origin.
    if (!isOwnOrigin) return { code: 403, reason: 'A request that changes something needs an origin.' };
    if (headers['content-type']?.split(';')[0] !== 'application/json') {
      return { code: 415, reason: 'The body has to be JSON.' };
    }
  } else if (request.method !== 'GET') {
    return { code: 405, reason: 'Only GET and POST are understood.' };
  }
  return { path: rest.join('/'), query: new URLSearchParams(query) };
}
