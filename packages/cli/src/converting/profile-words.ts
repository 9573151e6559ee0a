import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { detectFormat, MAX_HEAD_BYTES, unpack } from '@austin-profiler/convert';
import { AustinError } from '@austin-profiler/profile';
import { printable } from '../output/printable.js';

/**
 * Whether words that look like a command are one profile to show. A file that can be executed is a command.
 *
 * @throws AustinError `ERR_USAGE_TARGET` for a file that is neither
 */
export async function isProfile(words: readonly string[]): Promise<boolean> {
  const [path, ...others] = words;
  if (path === undefined || others.length > 0 || !isPlainFile(path)) return false;
  const head = await unpackedHead(path);
  if (head.length > 0 && detectFormat(head, { fileName: path, isWhole: true }) !== undefined) return true;
  throw new AustinError('ERR_USAGE_TARGET', `${printable(path)} is neither a program nor a profile`, {
    kind: 'usage',
    hint: 'if it is a Python script, write `python3` before it',
  });
}

function isPlainFile(path: string): boolean {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  try {
    accessSync(path, constants.X_OK);
    return false;
  } catch {
    return true;
  }
}

async function unpackedHead(path: string): Promise<Uint8Array> {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(MAX_HEAD_BYTES);
    const head = bytes.subarray(0, readSync(fd, bytes));
    for await (const chunk of unpack([head], { strict: false, onDiagnostic() {} })) return chunk;
    return new Uint8Array();
  } finally {
    closeSync(fd);
  }
}
