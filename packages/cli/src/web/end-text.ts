import type { RecordingResult } from '@austin-profiler/sampler';
import { errorText } from '../output/errors.js';

/** Why a recording is over, for the page. */
export function endText(result: RecordingResult, isStoppedByPage: boolean): string {
  if (isStoppedByPage) return 'It was stopped from the page; the program goes on.';
  switch (result.end) {
    case 'failed':
      return errorText(result.error);
    case 'duration':
      return 'The time that was asked for is over.';
    case 'stopped':
      return 'It was stopped.';
    case 'target-ended':
      return 'The program has ended.';
  }
}
