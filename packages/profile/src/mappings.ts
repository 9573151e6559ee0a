import type { Mapping } from './tables.js';

/** Start of the metadata key `x-module:<pid>`, whose value is a {@link Mapping} of that process as JSON. */
export const MODULE_KEY = 'x-module';

/** Metadata that names a file whose frames are machine code, where nothing else in the recording says so: a source file of C. */
export const NATIVE_FILE_KEY = 'x-native-file';

const OF_PROCESS = new RegExp(`^${MODULE_KEY}:(\\d{1,15})$`);
const MAP_ENTRY = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) (.+)$/s;
const HEX = /^[0-9a-f]{1,16}$/;

interface Region {
  readonly low: bigint;
  /** One past its last byte. */
  readonly high: bigint;
  readonly mapping: Mapping;
}

/** `map` entries that stand together: what a process had mapped at one moment, addresses rising. */
interface Listing {
  readonly regions: Region[];
  /** The lowest address of each file. */
  readonly bases: Map<string, string>;
}

/**
 * Where files were in the memory of the processes of a recording, by its metadata, which comes in its order: `x-module:<pid>`,
 * and `map` (`<lowest>-<highest> <path>` in hex) of Austin. Entries of `map` do not say whose they are: a process's own come
 * before its first sample, the last listing before it being the likeliest. An address that is not in it is looked for in
 * the others.
 */
export class Mappings {
  readonly #modules = new Map<number, Region[]>();
  readonly #listings: Listing[] = [];
  /** Of each process, how many listings came before its first sample. */
  readonly #before = new Map<number, number>();
  #isListing = false;
  readonly #nativeFiles = new Set<string>();

  get isEmpty(): boolean {
    return this.#modules.size === 0 && this.#listings.length === 0 && this.#nativeFiles.size === 0;
  }

  addMetadata(key: string, value: string): void {
    if (key === 'map') {
      this.#addEntry(value);
      return;
    }
    if (key === NATIVE_FILE_KEY) this.#nativeFiles.add(value);
    const pid = OF_PROCESS.exec(key)?.[1];
    if (pid === undefined) return;
    const region = parseModule(value);
    if (!region) return;
    const known = this.#modules.get(Number(pid));
    if (known) known.push(region);
    else this.#modules.set(Number(pid), [region]);
  }

  isNativeFile(file: string): boolean {
    return this.#nativeFiles.has(file);
  }

  /** Says that a sample of a process has come: what is listed from now on was mapped later, or by others. */
  noteSample(pid: number): void {
    this.#isListing = false;
    if (!this.#before.has(pid)) this.#before.set(pid, this.#listings.length);
  }

  /**
   * The file that a process had at an address, or undefined. What was said last counts.
   *
   * @param pid undefined if nothing tells whose address it is
   */
  find(pid: number | undefined, address: bigint): Mapping | undefined {
    const modules = pid === undefined ? undefined : this.#modules.get(pid);
    const module = modules?.findLast(({ low, high }) => low <= address && address < high);
    if (module) return module.mapping;
    const before = (pid === undefined ? undefined : this.#before.get(pid)) ?? this.#listings.length;
    for (let at = before - 1; at >= 0; at--) {
      const found = regionAt(this.#listings[at]!.regions, address);
      if (found) return found.mapping;
    }
    for (let at = before; at < this.#listings.length; at++) {
      const found = regionAt(this.#listings[at]!.regions, address);
      if (found) return found.mapping;
    }
    return undefined;
  }

  #addEntry(value: string): void {
    const [, start, end, path] = MAP_ENTRY.exec(value) ?? [];
    if (start === undefined || end === undefined || path === undefined) return;
    const [low, high] = [toAddress(start), toAddress(end)];
    let listing = this.#isListing ? this.#listings.at(-1) : undefined;
    if (!listing || low < listing.regions.at(-1)!.high) {
      listing = { regions: [], bases: new Map() };
      this.#listings.push(listing);
      this.#isListing = true;
    }
    const base = listing.bases.get(path) ?? toHex(low);
    listing.bases.set(path, base);
    listing.regions.push({ low, high, mapping: { path, start: toHex(low), end: toHex(high), base } });
  }
}

/** Whether a metadata key is one of those that {@link Mappings} reads: there are hundreds of them in a recording. */
export function isFactOfMapping(key: string): boolean {
  return key === 'map' || key === NATIVE_FILE_KEY || OF_PROCESS.test(key);
}

/** A mapping as the value of `x-module:<pid>` has it. */
export function moduleText(mapping: Mapping): string {
  return JSON.stringify(moduleOf(mapping));
}

/** A mapping as `x-module` has it, before it becomes text. What is undefined is left out of that. */
export function moduleOf({
  path,
  start,
  end,
  base,
  bias,
  buildId,
}: Mapping): Record<string, string | undefined> {
  const offset = toHex(toAddress(start) - toAddress(base));
  return { start, end, offset, bias, buildId, path };
}

/** The mapping that a value as of {@link moduleOf} describes; undefined for what is none. */
export function mappingOfModule(value: unknown): Mapping | undefined {
  return regionOf(value)?.mapping;
}

/** @returns undefined for what is no mapping */
function parseModule(json: string): Region | undefined {
  try {
    return regionOf(JSON.parse(json));
  } catch {
    return undefined;
  }
}

function regionOf(value: unknown): Region | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { start, end, offset, bias, buildId, path } = value as Record<string, unknown>;
  if (!isHex(start) || !isHex(end) || !isHex(offset) || typeof path !== 'string') return undefined;
  const [low, high, base] = [toAddress(start), toAddress(end), toAddress(start) - toAddress(offset)];
  if (base < 0n) return undefined;
  const mapping = {
    path,
    start: toHex(low),
    end: toHex(high),
    base: toHex(base),
    ...(isHex(bias) && { bias: toHex(toAddress(bias)) }),
    ...(typeof buildId === 'string' && /^[0-9a-f]+$/.test(buildId) && { buildId }),
  };
  return { low, high, mapping };
}

function isHex(value: unknown): value is string {
  return typeof value === 'string' && HEX.test(value);
}

function toAddress(hex: string): bigint {
  return BigInt(`0x${hex}`);
}

function toHex(address: bigint): string {
  return address.toString(16);
}

/** Regions of a listing rise and do not overlap. */
function regionAt(regions: readonly Region[], address: bigint): Region | undefined {
  let [low, high] = [0, regions.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (regions[middle]!.high <= address) low = middle + 1;
    else high = middle;
  }
  const region = regions[low];
  return region && region.low <= address ? region : undefined;
}
