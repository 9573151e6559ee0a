import {
  type Column,
  EMPTY_STACK,
  type ProfileTables,
  SampleFlag,
  type StackId,
  uint32Column,
} from '@austin-profiler/profile';

/** How much a file of speedscope may hold. */
export interface Limits {
  /** Of JSON text. */
  readonly bytes: number;
  /** Entries of all profiles of the file. */
  readonly samples: number;
}

/**
 * What speedscope can open. Its command line hands a file to the page as base64 in one string, and V8 has strings of
 * 2^29 - 24 characters at most: 384 MiB. On the page each sample becomes a list of its own, in memory that ends at 4 GB.
 */
export const SPEEDSCOPE_LIMITS: Limits = { bytes: 384 * 2 ** 20, samples: 2 ** 22 };

/** About how large a file becomes, sample by sample. */
export class SizeEstimate {
  readonly #tables: ProfileTables;
  /** Characters of each stack. */
  readonly #lengths: Column<Uint32Array> = uint32Column();
  #bytes = 0;
  #samples = 0;

  constructor(tables: ProfileTables) {
    this.#tables = tables;
  }

  /**
   * A sample is an entry for each weight that it has.
   *
   * @param more frames that the file has on top of the stack
   */
  add(
    stack: StackId,
    timeUs: number,
    memoryBytes: number,
    flags: number,
    mode: string | undefined,
    more = 0,
  ): void {
    if (timeUs > 0) this.#entry(stack, timeUs, more);
    if (timeUs > 0 && mode === 'full' && (flags & SampleFlag.Idle) === 0) this.#entry(stack, timeUs, more);
    if (memoryBytes !== 0) this.#entry(stack, Math.abs(memoryBytes), more);
  }

  isWithin({ bytes, samples }: Limits): boolean {
    return this.#bytes <= bytes && this.#samples <= samples;
  }

  #entry(stack: StackId, weight: number, more: number): void {
    this.#samples++;
    this.#bytes += this.#length(stack) + digits(weight) + 1;
    if (more > 0) this.#bytes += more * (digits(this.#tables.functionCount) + 1);
  }

  #length(stack: StackId): number {
    const tables = this.#tables;
    for (let id = this.#lengths.length; id <= stack; id++) {
      if (id === EMPTY_STACK) {
        this.#lengths.push(2);
        continue;
      }
      const fn = tables.frameFunction(tables.stackFrame(id as StackId));
      const parent = this.#lengths.at(tables.stackParent(id as StackId));
      // Frames are numbered in order of first use, much as functions are.
      this.#lengths.push(parent + digits(fn) + 1);
    }
    return this.#lengths.at(stack);
  }
}

function digits(value: number): number {
  let digits = 1;
  for (let least = 10; least <= value; least *= 10) digits++;
  return digits;
}
