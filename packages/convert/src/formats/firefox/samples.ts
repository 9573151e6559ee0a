import { type JsonObject, listOf, numberOf, textOf } from '../../json.js';
import type { Losses } from '../../losses.js';
import { microsecondsIn } from '../../quantities.js';

/** A row of a samples table. */
export interface FirefoxSample {
  /** Row of the stack table; undefined for no stack. */
  readonly stack: number | undefined;
  /** In the unit of the table. */
  readonly weight: number;
  /** µs of CPU time; undefined where the file does not say. */
  readonly cpuUs: number | undefined;
  /** When it was taken, ms since the start of the recording; undefined where the file does not say. */
  readonly timeMs: number | undefined;
}

/** What the weights of a table are: a column of its own, or else the interval for each sample. */
export type WeightKind = 'time' | 'bytes' | 'count' | 'interval';

export function weightKind(table: JsonObject): WeightKind {
  if (!Array.isArray(table['weight'])) return 'interval';
  const type = textOf(table['weightType']);
  if (type === 'bytes') return 'bytes';
  return type === 'tracing-ms' ? 'time' : 'count';
}

/**
 * Reads a table of samples or allocations.
 *
 * @param cpuUnit of `threadCPUDelta`: a unit of time, or CPU cycles, which say nothing of time
 */
export function* samplesOf(table: JsonObject, cpuUnit: string, losses: Losses): Iterable<FirefoxSample> {
  const stacks = listOf(table['stack']);
  const weights = weightKind(table) === 'interval' ? undefined : listOf(table['weight']);
  const deltas = listOf(table['threadCPUDelta']);
  const usPerDelta = deltas.length > 0 ? microsecondsIn(cpuUnit) : undefined;
  const times = listOf(table['time']);
  const steps = listOf(table['timeDeltas']);
  let now = 0;
  const length = numberOf(table['length']) ?? stacks.length;
  if (stacks.length !== length || (weights !== undefined && weights.length !== length)) {
    losses.damage(
      'ERR_FIREFOX_SAMPLE',
      'tables of samples whose columns differ in length are read as far as all go',
    );
  }
  const rows = Math.min(stacks.length, weights?.length ?? stacks.length);
  for (let at = 0; at < rows; at++) {
    const stack = stacks[at];
    now += numberOf(steps[at]) ?? 0;
    const weight = weights ? numberOf(weights[at]) : 1;
    if ((typeof stack !== 'number' && stack !== null) || weight === undefined) {
      losses.damage('ERR_FIREFOX_SAMPLE', 'samples without a stack or a weight are left out');
      continue;
    }
    const delta = usPerDelta === undefined ? undefined : (numberOf(deltas[at]) ?? 0) * usPerDelta;
    yield {
      stack: stack ?? undefined,
      weight,
      cpuUs: delta,
      timeMs: numberOf(times[at]) ?? (steps.length > 0 ? now : undefined),
    };
  }
}
