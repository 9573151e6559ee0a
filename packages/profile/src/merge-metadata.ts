import { MERGED_SAMPLES_KEY } from './compress.js';
import {
  metadataValue,
  type Profile,
  type ProfileSink,
  parseThreadKey,
  sampleCount,
  threadKey,
} from './profile.js';
import { clockTimes, THREAD_START_KEY } from './thread-clocks.js';

/** Metadata of a merged profile: of how many profiles it is made. */
export const MERGED_FILES_KEY = 'x-merged-files';

/** Numbers that add up. */
const SUMS: ReadonlySet<string> = new Set([
  'count',
  'duration',
  'gc',
  MERGED_FILES_KEY,
  MERGED_SAMPLES_KEY,
  'x-between',
  'x-cut',
  'x-exact',
  'x-invalid',
  'x-late-rounds',
  'x-missed-rounds',
  'x-missed-tasks',
  'x-native-disagreed',
  'x-native-incomplete',
  'x-native-missed',
  'x-native-paused-us',
  'x-retried',
  'x-rounds',
  'x-sampler-cpu',
]);
/** Starts of keys that end in a reason. */
const BY_REASON: readonly string[] = ['x-attempts-failed:', 'x-native-missed:'];

/** Pairs `part/whole` whose halves add up. */
const PAIRS: ReadonlySet<string> = new Set(['saturation', 'errors']);

/** What is true of one recording or one file only, and of nothing that is made of several. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'sampling',
  'x-file-number',
  'x-file-start',
  'x-interval-got',
  'x-native-pause-us',
]);

/** Repeated entries of these keys are all meant. */
const LISTS: ReadonlySet<string> = new Set(['map', 'x-interval-changed']);

const NUMBER = /^\d+(\.\d+)?$/;
const PAIR = /^\d+\/\d+$/;

function isTotal({ key, value }: { key: string; value: string }): boolean {
  if (PAIRS.has(key)) return PAIR.test(value);
  return (SUMS.has(key) || BY_REASON.some((start) => key.startsWith(start))) && NUMBER.test(value);
}

/** The metadata at the end of a merged profile: what adds up over all of them. */
export function totalsOf(profiles: readonly Profile[]): Map<string, string> {
  const sums = new Map<string, number[]>();
  const add = (key: string, numbers: readonly number[]): void => {
    const known = sums.get(key);
    sums.set(key, known ? known.map((sum, i) => sum + numbers[i]!) : [...numbers]);
  };
  const isCompressed = profiles.some((profile) => metadataValue(profile, MERGED_SAMPLES_KEY) !== undefined);
  for (const profile of profiles) {
    // The last value of a key counts, as everywhere.
    const own = new Map(profile.metadata.filter(isTotal).map(({ key, value }) => [key, value]));
    if (isCompressed && !own.has(MERGED_SAMPLES_KEY)) own.set(MERGED_SAMPLES_KEY, `${sampleCount(profile)}`);
    if (profiles.length > 1 && !own.has(MERGED_FILES_KEY)) own.set(MERGED_FILES_KEY, '1');
    for (const [key, value] of own) add(key, value.split('/').map(Number));
  }
  return new Map([...sums].map(([key, numbers]) => [key, numbers.join('/')]));
}

/** Writes the metadata of one profile after the other, but for totals and what has been said already. */
export class MergedMetadata {
  readonly #sink: ProfileSink;
  readonly #isMany: boolean;
  readonly #said = new Map<string, string>();
  /** Threads of the present profile whose start has been seen. */
  readonly #started = new Set<string>();
  #profile!: Profile;
  #pid!: (recorded: number) => number;
  #next = 0;
  /** How long the profiles before this one are together, µs. */
  #startUs = 0;

  /** @param isMany whether there are several profiles, so that what is true of one alone has to go */
  constructor(sink: ProfileSink, isMany: boolean) {
    this.#sink = sink;
    this.#isMany = isMany;
  }

  start(profile: Profile, pid: (recorded: number) => number): void {
    this.#profile = profile;
    this.#pid = pid;
    this.#next = 0;
    this.#started.clear();
  }

  /** Writes what stands before sample `index`. */
  writeUpTo(index: number): void {
    const { metadata } = this.#profile;
    for (let entry = metadata[this.#next]; entry && entry.sampleIndex <= index; ) {
      const isLeftOut = isTotal(entry) || (this.#isMany && LEFT_OUT.has(entry.key));
      if (!isLeftOut) this.#write(entry.key, entry.value);
      entry = metadata[++this.#next];
    }
  }

  finish(): void {
    this.writeUpTo(Number.POSITIVE_INFINITY);
    this.#startUs += lengthUs(this.#profile);
  }

  #write(recordedKey: string, recordedValue: string): void {
    const key = movedKey(recordedKey, this.#pid);
    const value = movedValue(recordedKey, recordedValue, this.#pid, this.#startUs);
    const isSaid = key.startsWith(`${THREAD_START_KEY}:`) ? this.#wentOn(key) : this.#said.get(key) === value;
    if (isSaid && !LISTS.has(key)) return;
    this.#said.set(key, value);
    this.#sink.addMetadata(key, value);
  }

  /** A thread that goes on in a later profile began in the first. Where it was lost and found is said each time. */
  #wentOn(key: string): boolean {
    const isFirst = !this.#started.has(key);
    this.#started.add(key);
    return isFirst && this.#said.has(key);
  }
}

const THREAD_KEYS: readonly string[] = ['x-thread-name', THREAD_START_KEY];
const PROCESS_KEY = /^x-process:(\d+)$/;
const KEY_OF_PROCESS = /^(x-process|x-module):(\d+)$/;

/** A key with the process id that the merged profile uses. */
function movedKey(key: string, pid: (recorded: number) => number): string {
  for (const prefix of THREAD_KEYS) {
    const thread = parseThreadKey(key, prefix);
    if (thread) return threadKey(prefix, { ...thread, pid: pid(thread.pid) });
  }
  const process = KEY_OF_PROCESS.exec(key);
  return process ? `${process[1]}:${pid(Number(process[2]))}` : key;
}

/** A value whose times, which count from the start of its recording, count from the start of the first. */
function movedValue(key: string, value: string, pid: (recorded: number) => number, startUs: number): string {
  if (key.startsWith(`${THREAD_START_KEY}:`) && NUMBER.test(value)) return String(Number(value) + startUs);
  if (PROCESS_KEY.test(key)) return movedProcess(value, pid, startUs);
  const change = key === 'x-interval-changed' ? /^(\d+)(,.*)$/.exec(value) : null;
  return change ? `${Number(change[1]) + startUs}${change[2]}` : value;
}

function movedProcess(json: string, pid: (recorded: number) => number, startUs: number): string {
  let facts: unknown;
  try {
    facts = JSON.parse(json);
  } catch {
    return json;
  }
  if (typeof facts !== 'object' || facts === null) return json;
  const moved = { ...facts } as Record<string, unknown>;
  for (const time of ['startUs', 'attachedUs']) {
    if (typeof moved[time] === 'number') moved[time] += startUs;
  }
  if (typeof moved.parent === 'number') moved.parent = pid(moved.parent);
  return JSON.stringify(moved);
}

/** How long a recording is, µs: what it says, or when its last sample was taken if it was cut off before it said so. */
function lengthUs(profile: Profile): number {
  const duration = Number(metadataValue(profile, 'duration'));
  return duration > 0 ? duration : clockTimes(profile).reduce((last, time) => Math.max(last, time), 0);
}
