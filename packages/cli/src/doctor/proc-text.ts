import { readFileSync, readlinkSync } from 'node:fs';

/** The text of a file of the kernel, or undefined where it is not there or not ours to read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Where a link of the kernel leads, or undefined. */
export function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** A number that is all a file holds. */
export function readNumber(path: string): number | undefined {
  const text = readText(path)?.trim();
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** The fields of `/proc/PID/status` by name. A value may hold several words, separated by tabs. */
export function parseStatus(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf(':');
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 1).trim());
  }
  return fields;
}

/** The soft limit of that name in `/proc/PID/limits`; Infinity for unlimited, undefined where it is not listed. */
export function parseLimit(text: string, name: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(name));
  const soft = line?.slice(name.length).trim().split(/\s+/)[0];
  if (soft === undefined) return undefined;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** The name of a user in the text of `/etc/passwd`. */
export function parseUserName(text: string, uid: number): string | undefined {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[2] === String(uid))?.[0];
}
