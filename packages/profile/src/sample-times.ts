import { MERGED_SAMPLES_KEY } from './compress.js';
import { AustinError } from './errors.js';
import { metadataValue, type Profile, parseThreadKey, WEIGHT_UNIT_KEY } from './profile.js';
import { threadIdentity } from './tables.js';
import type { ThreadId } from './units.js';

/**
 * When each sample was taken, in µs since the start of the recording.
 *
 * Samples carry no time; the time of a thread is the running sum of its samples. A thread begins where
 * `x-thread-start` says, or else where the others are when it first appears.
 *
 * @throws AustinError `ERR_NO_TIME_LINE` of kind `data` for profiles whose samples do not follow each other without gaps:
 * those of CPU and memory mode, of only the thread with the interpreter lock, of merged samples, or without times
 */
export function sampleTimes(profile: Profile): Float64Array {
  const reason = reasonAgainst(profile);
  if (reason !== undefined) {
    throw new AustinError('ERR_NO_TIME_LINE', `The profile has no time line: ${reason}.`, {
      kind: 'data',
      hint: 'Record wall time, or take parts of a recording by thread or by function.',
    });
  }
  const { samples, tables } = profile;
  const starts = threadStarts(profile);
  const now = new Float64Array(tables.threadCount).fill(Number.NaN);
  const times = new Float64Array(samples.length);
  let latest = 0;
  for (let i = 0; i < samples.length; i++) {
    const thread = samples.thread[i]!;
    const weight = samples.timeUs[i]!;
    const before = now[thread]!;
    const time = Number.isNaN(before) ? (starts.get(thread) ?? Math.max(latest, weight)) : before + weight;
    now[thread] = time;
    times[i] = time;
    if (time > latest) latest = time;
  }
  return times;
}

function reasonAgainst(profile: Profile): string | undefined {
  if (metadataValue(profile, WEIGHT_UNIT_KEY) === 'count') return 'its weights are counts';
  if (profile.mode === 'memory') return 'a recording of memory has only the moments at which it changed';
  if (profile.mode === 'cpu') return 'a recording of CPU time has no sample of a thread that waits';
  if (metadataValue(profile, 'x-gil-only') === 'on')
    return 'only threads with the interpreter lock were sampled';
  if (metadataValue(profile, MERGED_SAMPLES_KEY) !== undefined) return 'its samples have been merged';
  return undefined;
}

function threadStarts({ metadata, tables }: Profile): Map<number, number> {
  const ids = new Map<string, number>();
  for (let id = 0; id < tables.threadCount; id++) ids.set(threadIdentity(tables.thread(id as ThreadId)), id);
  const starts = new Map<number, number>();
  for (const { key, value } of metadata) {
    const thread = parseThreadKey(key, 'x-thread-start');
    const id = thread && ids.get(threadIdentity(thread));
    if (id !== undefined && /^\d+$/.test(value)) starts.set(id, Number(value));
  }
  return starts;
}
