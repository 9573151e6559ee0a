import { isAustinError, type Profile, type StackId, type ThreadId } from '@austin-profiler/profile';
import { expect } from 'vitest';
import { readProfile } from '../convert.js';

/** A sample as a test wants to see it. */
export interface TestRow {
  /** `pid:iid:tid`, and the thread's name after a blank. */
  readonly thread: string;
  /** Frames as `name file:line`, outermost first, without what is unknown. */
  readonly frames: readonly string[];
  readonly timeUs: number;
  readonly memoryBytes: number;
  readonly flags: number;
}

export function rowsOf(profile: Profile): TestRow[] {
  const { tables, samples } = profile;
  return Array.from({ length: samples.length }, (_, i) => {
    const id = samples.thread[i]! as ThreadId;
    const { pid, iid, tid } = tables.thread(id);
    const name = tables.threadName(id);
    return {
      thread: `${pid}:${iid ?? ''}:${tid}${name === undefined ? '' : ` ${name}`}`,
      frames: tables.stackFrames(samples.stack[i]! as StackId).map((frame) => {
        const { name, file, line } = tables.frameInfo(frame);
        return `${name}${file === '' ? '' : ` ${file}`}${line === 0 ? '' : `:${line}`}`;
      }),
      timeUs: samples.timeUs[i]!,
      memoryBytes: samples.memoryBytes[i]!,
      flags: samples.flags[i]!,
    };
  });
}

/** Sums one number of each row by a key. */
export function sums(
  rows: readonly TestRow[],
  key: (row: TestRow) => string,
  of: 'timeUs' | 'memoryBytes',
): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const row of rows) totals[key(row)] = (totals[key(row)] ?? 0) + row[of];
  return totals;
}

/**
 * Cuts an input at every byte, or at each `step`th of a large one. Each piece must give a profile that says what is missing, or an error of ours with its
 * place; a longer piece never gives fewer samples. Returns how many pieces gave samples.
 *
 * @param options `isSeam` tells whether nothing shows that a piece is not the whole, because it ends where a sample does
 */
export async function cutEverywhere(
  bytes: Uint8Array,
  format: string,
  { isSeam = () => false, step = 1 }: { isSeam?: (piece: Uint8Array) => boolean; step?: number } = {},
): Promise<number> {
  const whole = await readProfile([bytes], { format });
  expect(whole.diagnostics.filter(({ code }) => !code.endsWith('NOT_HELD'))).toEqual([]);
  let most = 0;
  let withSamples = 0;
  for (let size = 1; size < bytes.length; size += step) {
    const piece = bytes.subarray(0, size);
    const profile = await readProfile([piece], { format }).catch((error: unknown) => error);
    if (profile instanceof Error) {
      if (!isAustinError(profile)) throw profile;
      expect(profile.offset ?? profile.line, `${size} bytes: ${profile.message}`).toBeTypeOf('number');
      continue;
    }
    const { samples, diagnostics } = profile as Profile;
    expect(samples.length, `${size} bytes`).toBeGreaterThanOrEqual(most);
    if (samples.length < whole.samples.length && !isSeam(piece)) {
      expect(diagnostics, `${size} bytes`).not.toEqual([]);
    }
    most = samples.length;
    if (samples.length > 0) withSamples++;
  }
  expect(most).toBeGreaterThanOrEqual(whole.samples.length - step);
  return withSamples;
}
