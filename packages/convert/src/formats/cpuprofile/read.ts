import type { ProfileSink } from '@austin-profiler/profile';
import { ForeignThreads } from '../../foreign-stacks.js';
import type { ReadOptions } from '../../format.js';
import { listOf, numberOf, objectOf } from '../../json.js';
import { otherJson, readJsonProfile } from '../../json-profile.js';
import { V8Profile } from '../../v8-profile.js';

/**
 * Reads a `.cpuprofile` of Node or Chrome: one thread, whose samples last until the next one.
 *
 * @throws AustinError ERR_CPUPROFILE_INVALID when there are no nodes, ERR_JSON_INVALID and ERR_JSON_TOO_LARGE; in strict
 * mode also ERR_CPUPROFILE_SAMPLE and ERR_CPUPROFILE_NODE
 */
export async function readCpuProfile(
  chunks: AsyncIterable<Uint8Array>,
  sink: ProfileSink,
  options: ReadOptions,
): Promise<void> {
  await readJsonProfile(chunks, sink, options, (value, losses) => {
    const file = objectOf(value);
    const nodes = listOf(file['nodes']);
    if (nodes.length === 0) {
      throw otherJson('ERR_CPUPROFILE_INVALID', 'The JSON has no `nodes`, so it is no CPU profile of V8.');
    }
    sink.addMetadata('mode', 'wall');
    const profile = new V8Profile(numberOf(file['startTime']) ?? 0);
    profile.addNodes(nodes);
    profile.addSamples(listOf(file['samples']), listOf(file['timeDeltas']), [], losses);
    const thread = new ForeignThreads(sink).thread(0, null, '0');
    profile.addTo(sink, thread, numberOf(file['endTime']), losses);
  });
}
