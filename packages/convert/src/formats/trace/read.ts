import { type Mode, type ProfileSink, SampleFlag } from '@austin-profiler/profile';
import { ForeignStacks, ForeignThreads } from '../../foreign-stacks.js';
import type { ReadOptions } from '../../format.js';
import { type JsonObject, listOf, objectOf, textOf } from '../../json.js';
import { otherJson, readJsonProfile } from '../../json-profile.js';
import type { Losses } from '../../losses.js';
import { WholeSeries } from '../../quantities.js';
import { isFactOfThread, THREAD_IDS_KEY } from '../../thread-ids.js';
import { WEIGHT_UNIT_KEY } from '../../weights.js';
import { readCpuProfiles } from './cpu-profiles.js';
import { sortEvents } from './events.js';
import { type Stretch, slicesOf, stretchesOf } from './slices.js';
import { type Track, trackOf } from './tracks.js';

/**
 * Reads Trace Event JSON. If it holds CPU profiles of V8, their samples are read and nothing else; else the slices
 * of each thread, where a stack has the time in which it was the innermost.
 *
 * @throws AustinError ERR_TRACE_INVALID when there are no events, ERR_JSON_INVALID and ERR_JSON_TOO_LARGE; in strict
 * mode also ERR_TRACE_EVENT, ERR_CPUPROFILE_SAMPLE and ERR_CPUPROFILE_NODE
 */
export async function readTrace(
  chunks: AsyncIterable<Uint8Array>,
  sink: ProfileSink,
  options: ReadOptions,
): Promise<void> {
  const format = { ...options, mayStayOpen: true };
  await readJsonProfile(chunks, sink, format, (value, losses) => {
    const file = objectOf(value);
    const events = Array.isArray(value) ? (value as unknown[]) : listOf(file['traceEvents']);
    if (events.length === 0) {
      throw otherJson('ERR_TRACE_INVALID', 'The JSON has no `traceEvents`, so it is no trace.');
    }
    const { threads, profiles } = sortEvents(events, losses);
    if (profiles.length > 0) {
      const slices = [...threads.values()].reduce((sum, thread) => sum + thread.events.length, 0);
      if (slices > 0) {
        const message = 'slices are left out: the trace has CPU profiles, whose samples are read';
        losses.unheld('ERR_EVENT_NOT_HELD', message, {}, slices);
      }
      readCpuProfiles(profiles, threads, sink, losses);
    } else {
      const stacks = new ForeignStacks(sink);
      const tracks = [...threads.values()]
        .filter((thread) => thread.events.length > 0)
        .map((thread) => {
          const slices = slicesOf(thread.events, stacks, losses);
          return { track: trackOf(thread), stretches: [...stretchesOf(slices, stacks, losses)] };
        });
      addTracks(tracks, objectOf(file['otherData']), sink, losses);
    }
  });
}

interface FilledTrack {
  readonly track: Track;
  readonly stretches: readonly Stretch[];
}

function addTracks(
  tracks: readonly FilledTrack[],
  otherData: JsonObject,
  sink: ProfileSink,
  losses: Losses,
): void {
  const weights = new Set(tracks.map(({ track }) => track.weight));
  addFacts(otherData, weights, sink);
  const threads = new ForeignThreads(sink);
  const cpuOf = new Map(
    tracks.filter(({ track }) => track.weight === 'cpu').map((cpu) => [idOf(cpu.track), cpu]),
  );
  const walls = new Set(
    tracks.filter(({ track }) => track.weight === 'wall').map(({ track }) => idOf(track)),
  );
  // As our writer says it. Threads that were idle all the time have no track of CPU time.
  const hasIdle = weights.has('cpu') || otherData['metadata mode'] === 'full';
  const isTime = ({ weight }: Track): boolean => weight === 'wall' || weight === 'cpu';
  let zero = Number.POSITIVE_INFINITY;
  for (const { track, stretches } of tracks) {
    if (isTime(track) && stretches.length > 0) zero = Math.min(zero, stretches[0]!.start);
  }
  for (const { track, stretches } of tracks) {
    const { pid, iid, tid, name, weight } = track;
    if (weight === 'cpu' && walls.has(idOf(track))) continue;
    const running = cpuOf.get(idOf(track))?.stretches ?? [];
    const parts = weight === 'wall' && hasIdle ? splitByRunning(stretches, running) : stretches;
    const whole = new WholeSeries(losses);
    for (const { start, end, stack, isIdle } of parts as Iterable<Part>) {
      const ofFrames = stack.thread;
      const thread = threads.thread(stack.pid ?? pid, iid, ofFrames?.tid ?? tid, ofFrames?.name || name);
      const amount = whole.next(end - start);
      const flags = stack.flags | (isIdle ? SampleFlag.Idle : 0);
      if (isTime(track)) threads.takenAt(thread, end - zero, amount);
      if (weight === 'allocated') sink.addSample(stack.id, thread, 0, amount, flags);
      else if (weight === 'deallocated') sink.addSample(stack.id, thread, 0, -amount, flags);
      else sink.addSample(stack.id, thread, amount, 0, flags);
    }
  }
}

function idOf({ pid, iid, tid }: Track): string {
  return `${pid}:${iid ?? ''}:${tid}`;
}

interface Part extends Stretch {
  readonly isIdle?: boolean;
}

/** Cuts the stretches of wall time where CPU time begins and ends: in the gaps between the thread was idle. */
function* splitByRunning(wall: readonly Stretch[], cpu: readonly Stretch[]): Iterable<Part> {
  let next = 0;
  for (const { start, end, stack } of wall) {
    let now = start;
    while (now < end) {
      while (next < cpu.length && cpu[next]!.end <= now) next++;
      const running = cpu[next];
      const isIdle = !running || running.start > now;
      const until = Math.min(end, (isIdle ? running?.start : running.end) ?? end);
      yield { start: now, end: until, stack, isIdle };
      now = until;
    }
  }
}

/** Our writer keeps metadata as members called `metadata <key>`. */
function addFacts(otherData: JsonObject, weights: ReadonlySet<Track['weight']>, sink: ProfileSink): void {
  let saidMode = false;
  for (const [member, value] of Object.entries(otherData)) {
    const key = /^metadata (.+)$/s.exec(member)?.[1];
    if (key === undefined || key === THREAD_IDS_KEY || isFactOfThread(key)) continue;
    saidMode ||= key === 'mode';
    sink.addMetadata(key, textOf(value));
  }
  if (saidMode) return;
  if (weights.has('samples')) sink.addMetadata(WEIGHT_UNIT_KEY, 'count');
  else sink.addMetadata('mode', modeOf(weights));
}

function modeOf(weights: ReadonlySet<Track['weight']>): Mode {
  const hasMemory = weights.has('allocated') || weights.has('deallocated');
  if (weights.has('wall')) return hasMemory || weights.has('cpu') ? 'full' : 'wall';
  if (weights.has('cpu')) return hasMemory ? 'full' : 'cpu';
  return hasMemory ? 'memory' : 'wall';
}
