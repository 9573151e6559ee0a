import { isIP } from 'node:net';

/** Whether an address to listen on is reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** An address as it stands in a URL. */
export function urlHost(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

/**
 * Whether a `Host` header names this server. A page from elsewhere can have its own name resolve to us (DNS rebinding), but an
 * address or our own name it cannot.
 *
 * @param host what the server was told to listen on
 */
export function isOwnHost(header: string | undefined, host: string, port: number): boolean {
  const match = /^(\[[\da-fA-F:.]+\]|[^:[\]]+)(?::(\d+))?$/.exec(header ?? '');
  if (!match || Number(match[2] ?? 80) !== port) return false;
  const name = match[1]!.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (name === host.toLowerCase() || name === 'localhost') return true;
  return isLoopback(host) ? isLoopback(name) : isIP(name) !== 0;
}
