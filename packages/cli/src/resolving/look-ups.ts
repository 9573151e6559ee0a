import {
  EMPTY_STACK,
  type FrameId,
  isAustinError,
  type Profile,
  type StackId,
} from '@austin-profiler/profile';
import { systemReason } from '../output/system-errors.js';
import { askAddr2line, type SourcePlace } from './addr2line.js';
import { elfBase } from './elf-header.js';
import { MemoryMaps } from './memory-maps.js';
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

/** Looks up every native address of a recording, each file's all at once. */
export async function lookUp(profile: Profile): Promise<LookUps> {
  const maps = new MemoryMaps(profile);
  const wanted = new Wanted(profile, maps);
  const files: AskedFile[] = [];
  for (const [path, addresses] of wanted.byFile) {
    const answer = await ask(path, [...addresses.keys()]);
    const { problem, places } = isSameFile(addresses, answer)
      ? answer
      : without('it is not what was recorded');
    let found = 0;
    for (const [offset, address] of addresses) {
      address.place = places.get(offset);
      if (address.place && address.place.line > 0) found++;
    }
    files.push({ path, addresses: addresses.size, found, problem });
  }
  return { find: wanted.find, files, unmapped: wanted.unmapped.size, hasMaps: !maps.isEmpty };
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
  /** By file, and by offset in it. */
  readonly byFile = new Map<string, Map<bigint, WantedAddress>>();
  readonly unmapped = new Set<string>();
  readonly #profile: Profile;
  readonly #maps: MemoryMaps;
  readonly #found = new Map<string, WantedAddress>();

  constructor(profile: Profile, maps: MemoryMaps) {
    this.#profile = profile;
    this.#maps = maps;
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
    const address = instruction === 'call' && recorded > 0n ? recorded - 1n : recorded;
    const file = this.#maps.find(pid, address);
    if (!file) {
      this.unmapped.add(`${pid} ${recorded}`);
      return;
    }
    const offset = address - file.base;
    let addresses = this.byFile.get(file.path);
    if (!addresses) {
      addresses = new Map();
      this.byFile.set(file.path, addresses);
    }
    const found = addresses.get(offset) ?? {
      path: file.path,
      offset,
      symbols: new Set(),
      place: undefined,
    };
    found.symbols.add(this.#profile.tables.frameInfo(frame).name);
    addresses.set(offset, found);
    this.#found.set(key, found);
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

/** Where the offsets of a file come from. What stands in the way is an answer too: the recording may be from elsewhere. */
async function ask(path: string, offsets: readonly bigint[]): Promise<Answer> {
  if (!path.startsWith('/')) return without('it is no file');
  let base: bigint | undefined;
  try {
    base = elfBase(path);
  } catch (error) {
    return without(systemReason(error));
  }
  if (base === undefined) return without('it is no ELF image');
  const addresses = new Map(offsets.map((offset) => [offset, offset + base]));
  try {
    const places = await askAddr2line(path, [...addresses.values()]);
    return {
      places: new Map(offsets.map((offset) => [offset, places.get(addresses.get(offset)!)!])),
      problem: undefined,
    };
  } catch (error) {
    if (isAustinError(error)) return without(error.hint ? `${error.message}; ${error.hint}` : error.message);
    throw error;
  }
}
