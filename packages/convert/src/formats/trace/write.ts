import {
  clockTimes,
  FrameKind,
  isFactOfMapping,
  type Profile,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import type { WriteOptions } from '../../format.js';
import { SHOWN_ROOT, type ShownNode, ShownStacks } from '../../shown-stacks.js';
import { threadIdText, threadsInOrder } from '../../thread-ids.js';
import { samplesByThread, startTimeMs, threadTitle } from '../../thread-samples.js';
import { WEIGHT_TITLES } from '../../weight-titles.js';
import { type WeightType, weightOf, weightTypes } from '../../weights.js';

/** Events are handed on in pieces of about this many characters. */
const PIECE_LENGTH = 1 << 14;

/** Perfetto reads ids of processes and threads as 32 bits; those that do not fit, or are taken, are given out from here on. */
const MAX_ID = 2 ** 31 - 1;
const FIRST_FREE_ID = 1_000_000_000;

/** What viewers can show and hide slices by. */
export const CATEGORIES: Readonly<Record<FrameKind, string>> = {
  [FrameKind.Python]: 'python',
  [FrameKind.Native]: 'native',
  [FrameKind.Kernel]: 'kernel',
};

/** A thread seen through one weight. */
interface Track {
  readonly thread: ThreadId;
  readonly type: WeightType;
  /** In the file; almost always that of the profile. */
  readonly pid: number;
  readonly tid: number;
}

/**
 * Writes trace events: for each thread and weight a track on which every function that samples found on a stack is a slice,
 * from the sample in which it appears to the one in which it is gone. Slices of time stand where they were in the recording, µs
 * from its start, those of CPU time too, with gaps in between. On tracks of memory and of plain numbers a byte, or a sample, is
 * a microsecond.
 */
export function* writeTrace(profile: Profile, options: WriteOptions): Iterable<string> {
  const stacks = new ShownStacks(profile.tables, false);
  const rows = samplesByThread(profile);
  const times = clockTimes(profile);
  const tracks = tracksOf(profile, rows);
  const names: string[] = [];
  const functionText = (fn: number): string => {
    names[fn] ??= functionMembers(stacks, fn);
    return names[fn];
  };

  yield '{"traceEvents":[\n';
  let before = '';
  for (const [at, track] of tracks.entries()) {
    if (tracks[at - 1]?.pid !== track.pid) {
      const { pid } = profile.tables.thread(track.thread);
      yield before + metadataEvent('process_name', track.pid, 0, { name: `Python ${pid}` });
      before = ',\n';
    }
    yield before + metadataEvent('thread_name', track.pid, track.tid, threadArgs(profile, track));
    yield `${before}${metadataEvent('thread_sort_index', track.pid, track.tid, { sort_index: at })}`;
    yield* trackPieces(profile, track, rows[track.thread]!, times, stacks, functionText);
  }
  yield '\n],"displayTimeUnit":"ms","otherData":';
  yield `${JSON.stringify(otherData(profile, options))}}\n`;
}

/** Threads in numeric order, and for each its weights; tracks that would be empty are left out. */
function tracksOf(profile: Profile, rows: readonly Uint32Array[]): Track[] {
  const text = threadIdText(profile);
  const processes = new Ids(0);
  const idsIn = new Map<number, Ids>();
  const tracks: Track[] = [];
  const types = weightTypes(profile);
  const pids = new Map<number, number>();
  for (const thread of threadsInOrder(profile)) {
    const { pid, tid } = profile.tables.thread(thread);
    const filePid = pids.get(pid) ?? processes.give(pid);
    pids.set(pid, filePid);
    const ids = idsIn.get(pid) ?? new Ids(1);
    idsIn.set(pid, ids);
    for (const type of types) {
      if (!rows[thread]!.some((i) => weightOf(profile, i, type) > 0)) continue;
      const wanted = /^\d{1,10}$/.test(text(tid)) ? Number(text(tid)) : Number.NaN;
      tracks.push({ thread, type, pid: filePid, tid: ids.give(wanted) });
    }
  }
  return tracks;
}

/** Gives each of several things a number of its own that viewers can hold: the one that it has, if possible. */
class Ids {
  readonly #least: number;
  readonly #taken = new Set<number>();
  #free = FIRST_FREE_ID;

  constructor(least: number) {
    this.#least = least;
  }

  give(wanted: number): number {
    const fits =
      Number.isInteger(wanted) && wanted >= this.#least && wanted <= MAX_ID && !this.#taken.has(wanted);
    while (!fits && this.#taken.has(this.#free)) this.#free++;
    const id = fits ? wanted : this.#free;
    this.#taken.add(id);
    return id;
  }
}

/** Whom a track is of, for people in `name`, and for programs in the rest: the `tid` of a track may be made up. */
function threadArgs(profile: Profile, { thread, type }: Track): object {
  const { pid, iid, tid } = profile.tables.thread(thread);
  const title = threadTitle(profile, thread);
  const weight = WEIGHT_TITLES[type.metric];
  const isOnly = weightTypes(profile).length === 1;
  return {
    name: isOnly ? title : `${title}: ${weight.toLowerCase()}`,
    pid,
    ...(iid !== null && { interpreter: iid }),
    thread: threadIdText(profile)(tid),
    weight: type.metric,
    unit: type.unit,
  };
}

/**
 * Begins and ends of slices, in order of time; what is on the stack of two samples in a row is not ended in between.
 *
 * @param times when samples were taken, in µs: where the thread was not seen for a while, there is a gap
 */
function* trackPieces(
  profile: Profile,
  { type, pid, tid }: Track,
  rows: Uint32Array,
  times: Float64Array,
  stacks: ShownStacks,
  functionText: (fn: number) => string,
): Iterable<string> {
  const { stack, flags, timeUs } = profile.samples;
  const isTime = type.unit === 'microseconds';
  const where = `"pid":${pid},"tid":${tid}`;
  let now = 0;
  let open: number[] = [];
  let openNode: ShownNode = SHOWN_ROOT;
  let text = '';
  const end = (keep: number): void => {
    for (let depth = open.length; depth > keep; depth--)
      text += `,\n{"ph":"E","ts":${now},${where},${functionText(stacks.frameFunction(open[depth - 1]!))}}`;
    open.length = Math.min(open.length, keep);
  };

  for (const i of rows) {
    const weight = weightOf(profile, i, type);
    const step = isTime ? Math.max(0, timeUs[i]!) : weight;
    const node = weight === 0 ? SHOWN_ROOT : stacks.node(stack[i]! as StackId, flags[i]!);
    // Without weight there is nothing to show; where time passes meanwhile, there is a gap.
    if (weight === 0 && step === 0) continue;
    if (isTime && times[i]! - step > now) {
      end(0);
      openNode = SHOWN_ROOT;
      now = times[i]! - step;
    }
    if (node !== openNode) {
      const path = stacks.path(node);
      let common = 0;
      while (common < open.length && common < path.length && open[common] === path[common]) common++;
      end(common);
      for (const frame of path.slice(common)) {
        text += `,\n{"ph":"B","ts":${now},${where},${functionText(stacks.frameFunction(frame))}}`;
      }
      open = path;
      openNode = node;
    }
    now += step;
    if (text.length < PIECE_LENGTH) continue;
    yield text;
    text = '';
  }
  end(0);
  yield text;
}

function functionMembers(stacks: ShownStacks, fn: number): string {
  const { name, file, firstLine, kind } = stacks.fn(fn);
  const args = { ...(file !== '' && { file }), ...(firstLine !== 0 && { line: firstLine }) };
  return JSON.stringify({
    name,
    cat: CATEGORIES[kind],
    ...((file !== '' || firstLine !== 0) && { args }),
  }).slice(1, -1);
}

function metadataEvent(name: string, pid: number, tid: number, args: object): string {
  return JSON.stringify({ ph: 'M', ts: 0, pid, tid, cat: '__metadata', name, args });
}

/** What is true of the whole profile. Members are texts: viewers print them as they are. */
function otherData(profile: Profile, options: WriteOptions): object {
  const startMs = startTimeMs(profile);
  const data: Record<string, string> = {
    exporter: options.exporter ?? 'austin-profiler',
    ...(options.name !== undefined && { name: options.name }),
    ...(startMs !== undefined && { start: new Date(startMs).toISOString() }),
  };
  for (const { key, value } of profile.metadata) if (!isFactOfMapping(key)) data[`metadata ${key}`] = value;
  return data;
}
