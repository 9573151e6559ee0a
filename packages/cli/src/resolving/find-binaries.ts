import { basename, join } from 'node:path';
import type { Mapping } from '@austin-profiler/profile';
import { systemReason } from '../output/system-errors.js';
import { type ElfFile, readElfFile } from './elf-file.js';

/** Where systems keep debug information. */
const DEBUG_FOLDER = '/usr/lib/debug';

/** A file that can be asked about the code of a mapping. */
export interface Binary {
  readonly path: string;
  /** The address that the file itself gives its first byte. */
  readonly base: bigint;
}

export interface FoundBinaries {
  /** The likeliest to have lines first. */
  readonly binaries: readonly Binary[];
  /** Why there is none. */
  readonly problem: string | undefined;
}

/**
 * Finds the file that was mapped, or its debug information, on this machine, which need not be the one that was recorded: by build
 * id and by debug link, in `folders` and where the system keeps such files; then at the path that was recorded, there and
 * below `folders`. Where the recording has a build id, a file of another is not taken.
 *
 * @param folders to search first
 */
export function findBinaries(mapping: Mapping, folders: readonly string[]): FoundBinaries {
  const { path, buildId } = mapping;
  if (!path.startsWith('/')) return { binaries: [], problem: 'it is no file' };
  const binaries = new Map<string, Binary>();
  let problem: string | undefined;
  const look = (candidate: string): ElfFile | undefined => {
    const file = open(candidate);
    if (typeof file === 'string') {
      if (candidate === path) problem ??= file;
      return undefined;
    }
    if (buildId !== undefined && file.buildId !== buildId) {
      const other = file.buildId === undefined ? 'has no build id' : `is build ${short(file.buildId)}`;
      problem = `${candidate === path ? 'it' : candidate} ${other}, and build ${short(buildId)} was recorded`;
      return undefined;
    }
    binaries.set(candidate, { path: candidate, base: file.base });
    return file;
  };
  for (const folder of [...folders, DEBUG_FOLDER]) {
    if (buildId !== undefined) for (const name of namesByBuildId(buildId)) look(join(folder, name));
  }
  const images = [...folders.flatMap((folder) => [join(folder, path), join(folder, basename(path))]), path];
  for (const image of images) {
    const link = look(image)?.debugLink;
    // Beside the file itself and in the system's folder addr2line looks by itself.
    if (link !== undefined) for (const folder of folders) look(join(folder, link));
  }
  return { binaries: [...binaries.values()], problem: binaries.size > 0 ? undefined : problem };
}

/** As debug information lies in a folder of it, and the file itself as debuginfod and others keep it. */
function namesByBuildId(buildId: string): string[] {
  const name = join('.build-id', buildId.slice(0, 2), buildId.slice(2));
  return buildId.length > 2 ? [`${name}.debug`, name] : [];
}

function short(buildId: string): string {
  return `${buildId.slice(0, 12)}…`;
}

/** @returns why not */
function open(path: string): ElfFile | string {
  try {
    return readElfFile(path) ?? 'it is no ELF image';
  } catch (error) {
    return systemReason(error);
  }
}
