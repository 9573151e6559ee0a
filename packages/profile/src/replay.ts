import type { MetadataEntry, ProfileSink, SampleColumns } from './profile.js';
import type { StackId, ThreadId } from './units.js';

/**
 * Hands on metadata in its places between samples.
 *
 * @returns to be called before each sample with its index, and at the end with the number of samples: hands on what stands
 * before that sample and has not been handed on yet
 */
export function metadataInPlace(
  metadata: readonly MetadataEntry[],
  take: (entry: MetadataEntry) => void,
): (sampleIndex: number) => void {
  let next = 0;
  return (sampleIndex) => {
    for (; next < metadata.length && metadata[next]!.sampleIndex <= sampleIndex; next++)
      take(metadata[next]!);
  };
}

/** Hands on one sample of a profile. */
export function replaySample(
  { stack, thread, timeUs, memoryBytes, flags }: SampleColumns,
  index: number,
  sink: Pick<ProfileSink, 'addSample'>,
): void {
  sink.addSample(
    stack[index]! as StackId,
    thread[index]! as ThreadId,
    timeUs[index]!,
    memoryBytes[index]!,
    flags[index]!,
  );
}
