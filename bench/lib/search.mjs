import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Folders that can hold peers: those of AUSTIN_BENCH_PEERS first, then PATH. */
export function folders() {
  return [...split(process.env.AUSTIN_BENCH_PEERS), ...split(process.env.PATH)];
}

/** Every executable of this name, in the order of the folders. */
export function executables(name) {
  return [...new Set(folders().map((folder) => join(folder, name)))].filter(isExecutable);
}

export function executable(name) {
  return executables(name)[0];
}

function split(list) {
  return (list ?? '').split(delimiter).filter(Boolean);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
