import { readdirSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';

/** A path as what comes before its extension, and the extension: `.mojo`, `.mojo.gz`, or nothing. */
export function splitExtension(path: string): { readonly base: string; readonly extension: string } {
  const gz = path.toLowerCase().endsWith('.gz') ? path.slice(-'.gz'.length) : '';
  const inner = path.slice(0, path.length - gz.length);
  const extension = `${extname(inner)}${gz}`;
  return { base: path.slice(0, path.length - extension.length), extension };
}

/** Whether a file of this name is to hold gzip. */
export function isGzipName(path: string): boolean {
  return path.toLowerCase().endsWith('.gz');
}

/** Name of one file of a rotated recording; numbers count from 1. */
export function partPath(base: string, extension: string, number: number): string {
  return `${base}.${String(number).padStart(4, '0')}${extension}`;
}

/** A file that is there and has a name that a recording may need, or undefined. */
export function existingPart(base: string, extension: string): string | undefined {
  const prefix = `${basename(base)}.`;
  return readdirSync(dirname(base)).find(
    (name) =>
      name.startsWith(prefix) &&
      name.endsWith(extension) &&
      /^\d{4,}$/.test(name.slice(prefix.length, name.length - extension.length)),
  );
}
