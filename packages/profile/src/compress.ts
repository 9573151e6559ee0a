import { float64Column, uint8Column, uint32Column } from './columns.js';
import { InternTable } from './intern-table.js';
import {
  type MetadataEntry,
  type Mode,
  metadataValue,
  type Profile,
  sampleCount,
  WEIGHT_UNIT_KEY,
} from './profile.js';
import { RowSums, samplesOfRow } from './row-sums.js';

/** Metadata of a compressed profile: how many samples were taken. Its rows stand for that many. */
export const MERGED_SAMPLES_KEY = 'x-merged-samples';

export interface CompressOptions {
  /**
   * Which equal samples become one. `all`: those of the whole profile; the order of sampling is lost. `consecutive`:
   * those that follow each other in their thread, with no metadata between; each thread keeps its time line.
   * Default: `all`.
   */
  readonly scope?: 'all' | 'consecutive';
  /**
   * What a row weighs: the `sum` of its samples' weights, or their `count`, which then stands in `timeUs`, as the
   * metadata says (`x-weight-unit: count` instead of `mode`). Default: `sum`.
   */
  readonly weights?: 'sum' | 'count';
}

/** Bit of a row's key, beside the sample flags: memory given back is not added to memory taken. */
const FREES = 0x100;

/**
 * Merges equal samples, in order of first appearance. Samples are equal if thread, stack and flags are. Memory that
 * grew and memory that shrank stay apart, so allocations do not hide behind deallocations; every total is conserved, and so is
 * how many samples there were: rows that stand for several say so. The profile shares the tables of the one it is made of.
 */
export function compressProfile(profile: Profile, options: CompressOptions = {}): Profile {
  const { samples } = profile;
  const isCount = options.weights === 'count';
  const rows = new Rows(options.scope ?? 'all');
  const stack = uint32Column();
  const thread = uint32Column();
  const flags = uint8Column();
  const timeUs = float64Column();
  const memoryBytes = float64Column();
  const sums = new RowSums();
  const metadata: MetadataEntry[] = [];
  let nextEntry = 0;
  const moveMetadata = (upTo: number): void => {
    for (let entry = profile.metadata[nextEntry]; entry && entry.sampleIndex <= upTo; ) {
      metadata.push({ ...entry, sampleIndex: stack.length });
      rows.endRun();
      entry = profile.metadata[++nextEntry];
    }
  };

  for (let i = 0; i < samples.length; i++) {
    moveMetadata(i);
    const memory = samples.memoryBytes[i]!;
    const row = rows.find(
      samples.stack[i]!,
      samples.thread[i]!,
      samples.flags[i]! | (memory < 0 ? FREES : 0),
    );
    const weight = isCount ? samplesOfRow(samples, i) : samples.timeUs[i]!;
    if (isCount) sums.addCounts(row, samples, i);
    else sums.add(row, samples, i);
    if (row < stack.length) {
      timeUs.add(row, weight);
      if (!isCount) memoryBytes.add(row, memory);
      continue;
    }
    stack.push(samples.stack[i]!);
    thread.push(samples.thread[i]!);
    flags.push(samples.flags[i]!);
    timeUs.push(weight);
    memoryBytes.push(isCount ? 0 : memory);
  }
  moveMetadata(Number.POSITIVE_INFINITY);

  return {
    tables: profile.tables,
    samples: {
      length: stack.length,
      stack: stack.view(),
      thread: thread.view(),
      timeUs: timeUs.view(),
      memoryBytes: memoryBytes.view(),
      flags: flags.view(),
      ...((stack.length < samples.length || samples.count) && sums.columns()),
    },
    metadata: [...facts(profile, stack.length, isCount), ...metadata.filter(isKept(isCount))],
    diagnostics: profile.diagnostics,
    mode: isCount ? COUNT_MODE : profile.mode,
  };
}

/** What a profile without `mode` is taken for. */
const COUNT_MODE: Mode = 'wall';

function isKept(isCount: boolean): (entry: MetadataEntry) => boolean {
  return ({ key }) => key !== MERGED_SAMPLES_KEY && !(isCount && (key === 'mode' || key === WEIGHT_UNIT_KEY));
}

/** What has to be said of a compressed profile before anything else. */
function facts(profile: Profile, rows: number, isCount: boolean): MetadataEntry[] {
  const before = metadataValue(profile, MERGED_SAMPLES_KEY);
  const count = before ?? (rows < profile.samples.length ? String(sampleCount(profile)) : undefined);
  const found: [string, string][] = [];
  if (isCount) found.push([WEIGHT_UNIT_KEY, 'count']);
  if (count !== undefined) found.push([MERGED_SAMPLES_KEY, count]);
  return found.map(([key, value]) => ({ key, value, sampleIndex: 0 }));
}

/** Numbers the rows: those of a key in all samples, or in one run of a thread. */
class Rows {
  readonly #scope: 'all' | 'consecutive';
  readonly #known = new InternTable(3);
  /** By thread: the key of its last sample, and the row that has it. */
  readonly #lastKey: number[] = [];
  readonly #lastRow: number[] = [];
  #size = 0;

  constructor(scope: 'all' | 'consecutive') {
    this.#scope = scope;
  }

  /** The row of a sample; a new one has the number of rows so far. */
  find(stack: number, thread: number, marks: number): number {
    const key = this.#known.intern(stack, thread, marks);
    if (this.#scope === 'all') return key;
    if (this.#lastKey[thread] !== key) {
      this.#lastKey[thread] = key;
      this.#lastRow[thread] = this.#size++;
    }
    return this.#lastRow[thread]!;
  }

  /** No later sample joins a row that is there now. */
  endRun(): void {
    this.#lastKey.length = 0;
  }
}
