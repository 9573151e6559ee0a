import type { Column } from './columns.js';
import { float64Column, uint8Column, uint32Column } from './columns.js';
import { ProfileTables, type Thread, threadIdentity } from './tables.js';
import type { StackId, ThreadId } from './units.js';

/** What a recording measures, as the `mode` metadata of MOJO names it. */
export type Mode = 'wall' | 'cpu' | 'memory' | 'full';

export const MODES: readonly Mode[] = ['wall', 'cpu', 'memory', 'full'];

/**
 * Metadata that says what `timeUs` counts when it does not count microseconds. Folded stacks carry numbers
 * without a unit: their reader puts `x-weight-unit: count`, and writers then say "samples", not "time".
 */
export const WEIGHT_UNIT_KEY = 'x-weight-unit';

/** Facts about one sample; a bit set. */
export const SampleFlag = {
  /** The garbage collector of the process was running. */
  Gc: 1,
  /** The thread was not on CPU. Only full mode knows. */
  Idle: 2,
  /** The stack could not be read whole: the frames, if any, are the part that could. */
  Invalid: 4,
  /**
   * The thread held the interpreter lock, or in a free-threaded build might run Python code. Only recordings that say
   * {@link GIL_HOLDERS_KEY} know.
   */
  HoldsGil: 8,
} as const;

/** Metadata that says `on` where samples of threads with the interpreter lock have {@link SampleFlag.HoldsGil}. */
export const GIL_HOLDERS_KEY = 'x-gil-holders';

/** An entry of the source's metadata, at its place between the samples. */
export interface MetadataEntry {
  readonly key: string;
  readonly value: string;
  /** How many samples come before it. */
  readonly sampleIndex: number;
}

/** Something a reader met that the profile cannot show: damage, a skipped line, a lost sample. */
export interface Diagnostic {
  /** Stable, for programs: the code the same trouble has as an error. */
  readonly code: string;
  readonly message: string;
  /** Byte offset from 0, or line from 1, of the first occurrence. */
  readonly offset?: number;
  readonly line?: number;
  /** How often it occurred. */
  readonly count: number;
}

/** Where a reader puts what it finds, in file order. A builder keeps it; a streaming writer prints it. */
export interface ProfileSink {
  readonly tables: ProfileTables;
  /**
   * @param timeUs microseconds this sample stands for; 0 where the mode measures no time
   * @param memoryBytes signed change of resident memory; 0 where the mode measures no memory
   * @param flags a set of {@link SampleFlag}
   */
  addSample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void;
  addMetadata(key: string, value: string): void;
  addDiagnostic(diagnostic: Diagnostic): void;
}

/** Samples as columns of equal length: row i of each describes sample i. In order of sampling. */
export interface SampleColumns {
  readonly length: number;
  readonly stack: Uint32Array;
  readonly thread: Uint32Array;
  readonly timeUs: Float64Array;
  readonly memoryBytes: Float64Array;
  readonly flags: Uint8Array;
  /** How many samples a row stands for, where samples were added up: weights are then sums. Without it, one. */
  readonly count?: Float64Array;
  /** Where samples were added up: sums of the squares of their weights. Without it, those of a row are taken to weigh the same. */
  readonly squares?: { readonly timeUs: Float64Array; readonly memoryBytes: Float64Array };
}

/** A whole profile in memory. */
export interface Profile {
  readonly tables: ProfileTables;
  readonly samples: SampleColumns;
  readonly metadata: readonly MetadataEntry[];
  readonly diagnostics: readonly Diagnostic[];
  readonly mode: Mode;
}

/** Collects what a reader finds into a {@link Profile}. */
export class ProfileBuilder implements ProfileSink {
  readonly tables: ProfileTables;
  readonly #stack: Column<Uint32Array> = uint32Column();
  readonly #thread: Column<Uint32Array> = uint32Column();
  readonly #timeUs: Column<Float64Array> = float64Column();
  readonly #memoryBytes: Column<Float64Array> = float64Column();
  readonly #flags: Column<Uint8Array> = uint8Column();
  readonly #metadata: MetadataEntry[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  #hasTime = false;
  #hasMemory = false;

  /** @param tables where ids that samples refer to come from; they may be filled already */
  constructor(tables = new ProfileTables()) {
    this.tables = tables;
  }

  addSample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    this.#stack.push(stack);
    this.#thread.push(thread);
    this.#timeUs.push(timeUs);
    this.#memoryBytes.push(memoryBytes);
    this.#flags.push(flags);
    if (timeUs !== 0) this.#hasTime = true;
    if (memoryBytes !== 0) this.#hasMemory = true;
  }

  addMetadata(key: string, value: string): void {
    this.#metadata.push({ key, value, sampleIndex: this.#stack.length });
    const thread = parseThreadKey(key, 'x-thread-name');
    if (thread)
      this.tables.setThreadName(this.tables.internThread(thread.pid, thread.iid, thread.tid), value);
  }

  addDiagnostic(diagnostic: Diagnostic): void {
    this.#diagnostics.push(diagnostic);
  }

  /** The profile so far. Its columns are views of the builder's storage: build once, at the end. */
  build(): Profile {
    return {
      tables: this.tables,
      samples: {
        length: this.#stack.length,
        stack: this.#stack.view(),
        thread: this.#thread.view(),
        timeUs: this.#timeUs.view(),
        memoryBytes: this.#memoryBytes.view(),
        flags: this.#flags.view(),
      },
      metadata: this.#metadata,
      diagnostics: this.#diagnostics,
      mode: modeOf(this.#metadata, this.#hasTime, this.#hasMemory),
    };
  }
}

/** The last `mode` that the source names; without one, what its samples carry. */
export function modeOf(metadata: readonly MetadataEntry[], hasTime: boolean, hasMemory: boolean): Mode {
  const named = metadata.findLast((entry) => entry.key === 'mode')?.value;
  const known = MODES.find((mode) => mode === named);
  if (known) return known;
  if (hasTime && hasMemory) return 'full';
  return hasMemory ? 'memory' : 'wall';
}

/** How many samples a profile has, also where rows stand for several. */
export function sampleCount({ samples }: Pick<Profile, 'samples'>): number {
  return samples.count?.reduce((sum, count) => sum + count, 0) ?? samples.length;
}

/** The last value of a metadata key, or undefined. */
export function metadataValue(profile: Pick<Profile, 'metadata'>, key: string): string | undefined {
  return profile.metadata.findLast((entry) => entry.key === key)?.value;
}

/** The metadata key `<prefix>:<pid>:<iid>:<tid>`, which says something of one thread; an unknown interpreter is left empty. */
export function threadKey(prefix: string, thread: Thread): string {
  return `${prefix}:${threadIdentity(thread)}`;
}

/** Reads a metadata key of the form `<prefix>:<pid>:<iid>:<tid>`, which says something of one thread. */
export function parseThreadKey(
  key: string,
  prefix: string,
): { pid: number; iid: number | null; tid: string } | undefined {
  if (!key.startsWith(`${prefix}:`)) return undefined;
  const match = /^(\d+):(-?\d*):(.+)$/s.exec(key.slice(prefix.length + 1));
  if (!match) return undefined;
  return { pid: Number(match[1]), iid: match[2] === '' ? null : Number(match[2]), tid: match[3]! };
}
