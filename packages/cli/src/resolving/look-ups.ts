import {
  EMPTY_STACK,
  type FrameId,
  isAustinError,
  isFactOfMapping,
  type Mapping,
  NATIVE_FILE_KEY,
  type Profile,
  type StackId,
} from '@austin-profiler/profile';
import { askAddr2line, type SourcePlace } from './addr2line.js';
import { findBinaries } from './find-binaries.js';
import { addressOf, cutStack, stacksByProcess } from './native-frames.js';

/** What is known of an address. */
export interface FoundAddress {
  /** The file that was mapped there. */
  readonly path: string;
  /** Of the instruction that was asked for, from the lowest address at which the file was mapped. */
  readonly offset: bigint;
  /** Undefined if the file says nothing of it, or could not be asked. */
  readonly place: SourcePlace | undefined;
}

/** What came of a file's addresses. */
export interface AskedFile {
  readonly path: string;
  readonly addresses: number;
  /** Of them, those with a source line. */
  readonly found: number;
  /** Why the file could not be asked. */
  readonly problem: string | undefined;
}

/** Which instruction a frame shows: its own, or, since a return address may be that of another line, the one before. */
export type Instruction = 'exact' | 'call';

/** The addresses of a recording, looked up. */
export interface LookUps {
  readonly find: (pid: number, frame: FrameId, instruction: Instruction) => FoundAddress | undefined;
  readonly files: readonly AskedFile[];
  /** Addresses at which no file was mapped, or of which the recording does not say. */
  readonly unmapped: number;
  readonly hasMaps: boolean;
}

/**
 * Looks up every native address of a recording, each file's all at once.
 *
 * @param folders to search for binaries and debug information
 */
export async function lookUp(profile: Profile, folders: readonly string[] = []): Promise<LookUps> {
  const wanted = new Wanted(profile);
  const files: AskedFile[] = [];
  for (const [mapping, addresses] of wanted.byFile) {
    const answer = await ask(mapping, folders, [...addresses.keys()]);
    // Who has the build id need not guess.
    const isSame = mapping.buildId !== undefined || isSameFile(addresses, answer);
    const { problem, places } = isSame ? answer : without('it is not what was recorded');
    let found = 0;
    for (const [address, wantedAddress] of addresses) {
      wantedAddress.place = places.get(address);
      if (wantedAddress.place && wantedAddress.place.line > 0) found++;
    }
    files.push({ path: mapping.path, addresses: addresses.size, found, problem });
  }
  const hasMaps = profile.metadata.some(({ key }) => isFactOfMapping(key) && key !== NATIVE_FILE_KEY);
  return { find: wanted.find, files, unmapped: wanted.unmapped.size, hasMaps };
}

/** An address that has to be asked for. */
interface WantedAddress {
  readonly path: string;
  readonly offset: bigint;
  /** What the recorder calls the functions there. */
  readonly symbols: Set<string>;
  place: SourcePlace | undefined;
}

/** What has to be asked, before it has been. */
class Wanted {
  /** By file, and by address from its first byte. */
  readonly byFile = new Map<Mapping, Map<bigint, WantedAddress>>();
  readonly unmapped = new Set<string>();
  readonly #profile: Profile;
  readonly #files = new Map<string, Mapping>();
  readonly #found = new Map<string, WantedAddress>();

  constructor(profile: Profile) {
    this.#profile = profile;
    const { tables } = profile;
    for (const [pid, stacks] of stacksByProcess(profile)) {
      const seen = new Set<StackId>();
      for (const stack of stacks) {
        const { callers, innermost } = cutStack(tables, stack);
        if (innermost !== undefined) this.#want(pid, innermost, 'exact');
        for (let at = callers; at !== EMPTY_STACK && !seen.has(at); at = tables.stackParent(at)) {
          seen.add(at);
          this.#want(pid, tables.stackFrame(at), 'call');
        }
      }
    }
  }

  readonly find = (pid: number, frame: FrameId, instruction: Instruction): FoundAddress | undefined =>
    this.#found.get(keyOf(pid, frame, instruction));

  #want(pid: number, frame: FrameId, instruction: Instruction): void {
    const key = keyOf(pid, frame, instruction);
    if (this.#found.has(key)) return;
    const recorded = addressOf(this.#profile.tables, frame);
    if (recorded === undefined) return;
    const { address: returnTo, mapping } = recorded;
    if (!mapping) {
      this.unmapped.add(`${pid} ${returnTo}`);
      return;
    }
    const address = instruction === 'call' && returnTo > 0n ? returnTo - 1n : returnTo;
    const offset = address - BigInt(`0x${mapping.base}`);
    const file = this.#file(mapping);
    let addresses = this.byFile.get(file);
    if (!addresses) {
      addresses = new Map();
      this.byFile.set(file, addresses);
    }
    const found = addresses.get(offset) ?? {
      path: mapping.path,
      offset,
      symbols: new Set(),
      place: undefined,
    };
    found.symbols.add(this.#profile.tables.frameInfo(frame).name);
    addresses.set(offset, found);
    this.#found.set(key, found);
  }

  /** One for all mappings of a file: it is asked once. */
  #file(mapping: Mapping): Mapping {
    const key = `${mapping.buildId ?? ''} ${linkedAt(mapping)} ${mapping.path}`;
    const known = this.#files.get(key);
    if (known) return known;
    this.#files.set(key, mapping);
    return mapping;
  }
}

function keyOf(pid: number, frame: FrameId, instruction: Instruction): string {
  return `${pid} ${frame} ${instruction}`;
}

/**
 * Whether a file is likely the one that was recorded, and not another version of it: whether it calls most functions what the
 * recorder called them. Functions have several names, so they need not be the same to the letter.
 */
function isSameFile(addresses: ReadonlyMap<bigint, WantedAddress>, { places }: Answer): boolean {
  let [same, other] = [0, 0];
  for (const [offset, { symbols }] of addresses) {
    const name = places.get(offset)?.name;
    for (const symbol of symbols) {
      if (name === undefined || /^(?:<|_[ZR])/.test(symbol)) continue;
      if (isSameFunction(symbol, name)) same++;
      else other++;
    }
  }
  return other === 0 || same >= other;
}

/** `__poll` and `poll`, `f.constprop.0` and `f`. */
function isSameFunction(one: string, other: string): boolean {
  const [a, b] = [one, other].map((name) => name.replace(/^_+/, '').replace(/\..*$/s, ''));
  return a!.includes(b!) || b!.includes(a!);
}

interface Answer {
  readonly places: ReadonlyMap<bigint, SourcePlace>;
  readonly problem: string | undefined;
}

function without(problem: string): Answer {
  return { places: new Map(), problem };
}

/** The address that the file itself gives its first byte, if the recording tells. */
function linkedAt({ base, bias }: Mapping): bigint | undefined {
  return bias === undefined ? undefined : BigInt(`0x${base}`) - BigInt(`0x${bias}`);
}

/** Where the offsets of a file come from. What stands in the way is an answer too: the recording may be from elsewhere. */
async function ask(
  mapping: Mapping,
  folders: readonly string[],
  offsets: readonly bigint[],
): Promise<Answer> {
  const { binaries, problem } = findBinaries(mapping, folders);
  const places = new Map<bigint, SourcePlace>();
  let failure: string | undefined;
  for (const { path, base } of binaries) {
    const missing = offsets.filter((offset) => !(places.get(offset)?.line ?? 0));
    if (missing.length === 0) break;
    const linked = linkedAt(mapping) ?? base;
    const answer = await askFile(path, missing, linked);
    failure = answer.problem;
    for (const [offset, place] of answer.places) {
      if (!places.has(offset) || place.line > 0) places.set(offset, place);
    }
  }
  return { places, problem: places.size > 0 ? undefined : (problem ?? failure) };
}

/** @param base what the file calls the address of its first byte */
async function askFile(path: string, offsets: readonly bigint[], base: bigint): Promise<Answer> {
  try {
    const places = await askAddr2line(
      path,
      offsets.map((offset) => offset + base),
    );
    return {
      places: new Map(offsets.map((offset) => [offset, places.get(offset + base)!])),
      problem: undefined,
    };
  } catch (error) {
    if (isAustinError(error)) return without(error.hint ? `${error.message}; ${error.hint}` : error.message);
    throw error;
  }
}
