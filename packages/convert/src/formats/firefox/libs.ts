import { type CodeId, type Mapping, moduleOf, NO_CODE, type ProfileTables } from '@austin-profiler/profile';

/** A library as the format has it. `breakpadId` is the key by which symbol servers know a build; `codeId` is the build id. */
export interface Lib {
  readonly arch: string;
  readonly name: string;
  readonly path: string;
  readonly debugName: string;
  readonly debugPath: string;
  readonly breakpadId: string;
  readonly codeId: string | null;
  /** Where it was in memory: ours, for our reader. The format has no more than how far code is from the start of a library. */
  readonly mappings: object[];
}

/** The files that machine code of a profile comes from: one for all processes and places it was mapped at. */
export function libsOf(tables: ProfileTables): Lib[] {
  const libs = new Map<string, Lib>();
  const placed = new Set<Mapping>();
  for (let id = NO_CODE + 1; id < tables.codeCount; id++) {
    const { mapping } = tables.code(id as CodeId)!;
    const key = libKey(mapping);
    const lib = libs.get(key) ?? libOf(mapping);
    libs.set(key, lib);
    // Equal mappings are one object.
    if (!placed.has(mapping)) lib.mappings.push(moduleOf(mapping));
    placed.add(mapping);
  }
  return [...libs.values()];
}

/** Tells libraries apart: by their path, and the build that was there. */
export function libKey({ path, buildId }: Pick<Mapping, 'path' | 'buildId'>): string {
  return `${buildId ?? ''} ${path}`;
}

function libOf({ path, buildId }: Mapping): Lib {
  const name = path.replace(/^.*\//, '');
  return {
    arch: '',
    name,
    path,
    debugName: name,
    debugPath: path,
    breakpadId: buildId === undefined ? '' : breakpadId(buildId),
    codeId: buildId ?? null,
    mappings: [],
  };
}

/**
 * The id that Breakpad makes of a build id: its first 16 bytes as a GUID, whose first three numbers are little-endian, and an age
 * of 0.
 */
function breakpadId(buildId: string): string {
  const bytes = buildId.padEnd(32, '0').slice(0, 32).match(/../g)!;
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return `${order.map((at) => bytes[at]).join('')}0`.toUpperCase();
}
