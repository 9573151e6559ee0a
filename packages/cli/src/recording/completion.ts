import type { Recording, RecordingResult } from '@austin-profiler/sampler';

type Sampler = typeof import('@austin-profiler/sampler');

/** The result of a recording whose output has been completed, or that says why it could not be. */
export async function completed(
  sampler: Pick<Sampler, 'outputWriteError'>,
  recording: Pick<Recording, 'finished'>,
  completeOutput: () => Promise<void>,
): Promise<RecordingResult> {
  const result = await recording.finished;
  try {
    await completeOutput();
    return result;
  } catch (error) {
    // What failed first is what is told.
    return result.end === 'failed'
      ? result
      : { ...result, end: 'failed', error: sampler.outputWriteError(error) };
  }
}
