import { MERGED_SAMPLES_KEY } from './compress.js';
import { AustinError } from './errors.js';
import { metadataValue, type Profile, WEIGHT_UNIT_KEY } from './profile.js';
import { clockTimes } from './thread-clocks.js';

/**
 * When each sample was taken, in µs since the start of the recording: see {@link ThreadClocks}.
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
  return clockTimes(profile);
}

/** Whether the samples of a profile have times: see {@link sampleTimes}. */
export function hasTimeLine(profile: Profile): boolean {
  return reasonAgainst(profile) === undefined;
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
