import type { ProfileSink } from '@austin-profiler/profile';
import { ForeignThreads } from '../../foreign-stacks.js';
import { type JsonObject, listOf, numberOf, objectOf, textOf } from '../../json.js';
import type { Losses } from '../../losses.js';
import { V8Profile } from '../../v8-profile.js';
import { type TraceThread, threadKey } from './events.js';
import { idsOf } from './tracks.js';

/** One CPU profile: announced by `Profile` on the thread it is of, and continued in chunks from another thread. */
interface Recording {
  pid: unknown;
  tid: unknown;
  startTime: number;
  endTime: number | undefined;
  readonly chunks: JsonObject[];
}

/** Reads the CPU profiles of V8 that a trace holds, each a thread. */
export function readCpuProfiles(
  events: readonly JsonObject[],
  threads: ReadonlyMap<string, TraceThread>,
  sink: ProfileSink,
  losses: Losses,
): void {
  sink.addMetadata('mode', 'wall');
  const ids = new ForeignThreads(sink);
  const recordings = [...recordingsOf(events)];
  let zero = Number.POSITIVE_INFINITY;
  for (const { startTime } of recordings) zero = Math.min(zero, startTime);
  for (const { pid, tid, startTime, endTime, chunks } of recordings) {
    const profile = new V8Profile(startTime);
    for (const data of chunks) {
      const inner = objectOf(data['cpuProfile']);
      const timeDeltas = listOf(data['timeDeltas'] ?? inner['timeDeltas']);
      profile.addNodes(listOf(inner['nodes']));
      const lines = listOf(data['lines'] ?? inner['lines']);
      profile.addSamples(listOf(inner['samples']), timeDeltas, lines, losses);
    }
    const name = textOf(threads.get(threadKey(pid, tid))?.names['name']);
    const thread = idsOf(pid, tid);
    const id = ids.thread(thread.pid, null, thread.tid, name);
    profile.addTo(sink, id, endTime, losses, (time, timeUs) => ids.takenAt(id, time - zero, timeUs));
  }
}

function recordingsOf(events: readonly JsonObject[]): Iterable<Recording> {
  const recordings = new Map<string, Recording>();
  for (const event of events) {
    const data = objectOf(objectOf(event['args'])['data']);
    const { name, pid, tid } = event as { name: unknown; pid: unknown; tid: unknown };
    const key = JSON.stringify(name === 'CpuProfile' ? [pid, tid] : [pid, event['id']]);
    let recording = recordings.get(key);
    if (!recording) {
      recording = { pid, tid, startTime: 0, endTime: undefined, chunks: [] };
      recordings.set(key, recording);
    }
    if (name === 'Profile') {
      recording.pid = pid;
      recording.tid = tid;
    }
    const profile = objectOf(data['cpuProfile']);
    recording.startTime =
      numberOf(data['startTime']) ?? numberOf(profile['startTime']) ?? recording.startTime;
    recording.endTime = numberOf(data['endTime']) ?? numberOf(profile['endTime']) ?? recording.endTime;
    if (name !== 'Profile') recording.chunks.push(data);
  }
  return recordings.values();
}
