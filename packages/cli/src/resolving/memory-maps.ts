import type { Profile, ThreadId } from '@austin-profiler/profile';

/** A file as it was in the memory of a recorded process. */
export interface MappedFile {
  readonly path: string;
  /** The lowest address at which it was mapped: that of its first byte. */
  readonly base: bigint;
}

interface Region {
  readonly low: bigint;
  /** One past its last byte. */
  readonly high: bigint;
  readonly file: MappedFile;
}

/** What a process had mapped at one moment: `map` entries that stand together, their addresses rising. */
interface Listing {
  /** How many samples come before it. */
  readonly sampleIndex: number;
  readonly regions: Region[];
}

const ENTRY = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) (.+)$/s;

/**
 * Where libraries were in the memory of the processes of a recording, by its `map` metadata (`<lowest>-<highest> <path>` in hex).
 * The entries do not say whose they are: a process's own come before its first sample, the last listing before it being the
 * likeliest. An address that is not in it is looked for in the others.
 */
export class MemoryMaps {
  readonly #listings: readonly Listing[];
  readonly #firstSample: ReadonlyMap<number, number>;

  constructor(profile: Profile) {
    this.#listings = listingsOf(profile);
    this.#firstSample = firstSamples(profile);
  }

  get isEmpty(): boolean {
    return this.#listings.length === 0;
  }

  /** The file that a process had at an address, or undefined. */
  find(pid: number, address: bigint): MappedFile | undefined {
    const first = this.#firstSample.get(pid) ?? 0;
    const before = this.#listings.filter(({ sampleIndex }) => sampleIndex <= first).reverse();
    const after = this.#listings.filter(({ sampleIndex }) => sampleIndex > first);
    for (const { regions } of [...before, ...after]) {
      const region = regions.find(({ low, high }) => low <= address && address < high);
      if (region) return region.file;
    }
    return undefined;
  }
}

function listingsOf({ metadata }: Profile): Listing[] {
  const listings: Listing[] = [];
  let files = new Map<string, MappedFile>();
  for (const { key, value, sampleIndex } of metadata) {
    const match = key === 'map' ? ENTRY.exec(value) : null;
    if (!match) continue;
    const [low, high] = [BigInt(`0x${match[1]}`), BigInt(`0x${match[2]}`)];
    let listing = listings.at(-1);
    const previous = listing?.regions.at(-1);
    if (!listing || listing.sampleIndex !== sampleIndex || low < previous!.high) {
      listing = { sampleIndex, regions: [] };
      listings.push(listing);
      files = new Map();
    }
    const path = match[3]!;
    const file = files.get(path) ?? { path, base: low };
    files.set(path, file);
    listing.regions.push({ low, high, file });
  }
  return listings;
}

function firstSamples({ samples, tables }: Profile): Map<number, number> {
  const first = new Map<number, number>();
  const seen = new Uint8Array(tables.threadCount);
  for (let i = 0; i < samples.length; i++) {
    const thread = samples.thread[i]! as ThreadId;
    if (seen[thread]) continue;
    seen[thread] = 1;
    const { pid } = tables.thread(thread);
    if (!first.has(pid)) first.set(pid, i);
  }
  return first;
}
