import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder;
let files = 0;

/** An empty folder that is gone when this process ends. */
export function scratchFolder(name) {
  const path = scratchFile(name);
  mkdirSync(path);
  return path;
}

/** A path for a file that is gone when this process ends. */
export function scratchFile(name) {
  if (!folder) {
    folder = mkdtempSync(join(tmpdir(), 'austin-bench-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  }
  files += 1;
  return join(folder, `${files}-${name}`);
}
