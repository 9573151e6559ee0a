import { type Code, type Mapping, mappingOfModule } from '@austin-profiler/profile';
import { type JsonObject, listOf, objectOf, textOf, wholeOf } from '../../json.js';
import type { Tables } from './thread-tables.js';

const PAGE = 4096n;

/** What is above all addresses. */
const END_OF_MEMORY = 1n << 64n;

/** Addresses in a library are below this: more is no library. */
const LARGEST_LIBRARY = 2 ** 40;

/** Offsets in a function are below this: a profile has room for no more. */
const LARGEST_OFFSET = 2 ** 32;

/**
 * Gives frames of machine code the addresses that they had. Other programs write only how far these are from the start of
 * their library, and not where that was: then libraries are laid one behind the other, from address 0.
 */
export class NativeCode {
  /** By row of `libs`: where it was mapped. */
  readonly #mappings: readonly (readonly Mapping[])[];

  /** @param tables all that frames are in */
  constructor(libs: readonly unknown[], tables: Iterable<Tables>) {
    const extents = extentsOf(tables);
    const found = libs.map((lib) => mappingsOf(objectOf(lib)));
    let next = 0n;
    for (const { end } of found.flat()) {
      if (BigInt(`0x${end}`) > next) next = roundUp(BigInt(`0x${end}`));
    }
    this.#mappings = found.map((mappings, at) => {
      const size = extents.get(at);
      const lib = objectOf(libs[at]);
      if (mappings.length > 0 || size === undefined || pathOf(lib) === '') return mappings;
      const [start, end] = [next, roundUp(next + BigInt(size))];
      if (end >= END_OF_MEMORY) return mappings;
      next = end;
      return [laidAt(start, end, lib)];
    });
  }

  /**
   * Where the code of a frame was; undefined if the file does not say.
   *
   * @param isCall the frame called another: the file has the address of the call, and a profile the one that it returns to
   */
  code(tables: Tables, frame: number, isCall: boolean): Code | undefined {
    const relative = relativeAddress(tables, frame);
    if (relative === undefined) return undefined;
    const called = relative + (isCall ? 1 : 0);
    for (const mapping of this.#mappings[libraryOf(tables, frame) ?? -1] ?? []) {
      const address = BigInt(`0x${mapping.bias ?? mapping.base}`) + BigInt(called);
      const isWithin = address >= BigInt(`0x${mapping.start}`) && address < BigInt(`0x${mapping.end}`);
      if (isWithin)
        return { address: address.toString(16), offset: offsetOf(tables, frame, called), mapping };
    }
    return undefined;
  }
}

/** How many bytes of each library have code of a frame, from its start. */
function extentsOf(tables: Iterable<Tables>): Map<number, number> {
  const extents = new Map<number, number>();
  const seen = new Set<JsonObject>();
  for (const one of tables) {
    // Threads may share their tables.
    if (seen.has(one.frameTable)) continue;
    seen.add(one.frameTable);
    for (let frame = 0; frame < listOf(one.frameTable['address']).length; frame++) {
      const relative = relativeAddress(one, frame);
      const library = relative === undefined ? undefined : libraryOf(one, frame);
      // One more for the address that a call returns to.
      if (library !== undefined) extents.set(library, Math.max(extents.get(library) ?? 0, relative! + 2));
    }
  }
  return extents;
}

function relativeAddress({ frameTable }: Tables, frame: number): number | undefined {
  const address = wholeOf(listOf(frameTable['address'])[frame]);
  return address !== undefined && address >= 0 && address < LARGEST_LIBRARY ? address : undefined;
}

/** The row of `libs`: what the frame's symbol is in, or else the resource of its function. */
function libraryOf({ frameTable, funcTable, nativeSymbols, resourceTable }: Tables, frame: number) {
  const symbol = wholeOf(listOf(frameTable['nativeSymbol'])[frame]);
  const ofSymbol = symbol === undefined ? undefined : wholeOf(listOf(nativeSymbols['libIndex'])[symbol]);
  if (ofSymbol !== undefined) return ofSymbol;
  const fn = wholeOf(listOf(frameTable['func'])[frame]);
  const resource = fn === undefined ? undefined : wholeOf(listOf(funcTable['resource'])[fn]);
  return resource === undefined ? undefined : wholeOf(listOf(resourceTable['lib'])[resource]);
}

function offsetOf({ frameTable, nativeSymbols }: Tables, frame: number, relative: number): number {
  const symbol = wholeOf(listOf(frameTable['nativeSymbol'])[frame]);
  const start = symbol === undefined ? undefined : wholeOf(listOf(nativeSymbols['address'])[symbol]);
  const offset = start === undefined ? 0 : relative - start;
  return offset > 0 && offset < LARGEST_OFFSET ? offset : 0;
}

function pathOf(lib: JsonObject): string {
  return textOf(lib['path']) || textOf(lib['debugPath']) || textOf(lib['name']);
}

/** Where our writer says that a library was mapped. */
function mappingsOf(lib: JsonObject): Mapping[] {
  return listOf(lib['mappings'])
    .map(mappingOfModule)
    .filter((mapping) => mapping !== undefined);
}

function laidAt(start: bigint, end: bigint, lib: JsonObject): Mapping {
  const at = start.toString(16);
  const buildId = textOf(lib['codeId']).toLowerCase();
  return {
    path: pathOf(lib),
    start: at,
    end: end.toString(16),
    base: at,
    bias: at,
    ...(/^[0-9a-f]+$/.test(buildId) && { buildId }),
  };
}

function roundUp(address: bigint): bigint {
  return ((address + PAGE - 1n) / PAGE) * PAGE;
}
