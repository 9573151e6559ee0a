import { type AustinError, type ProfileSink, SampleFlag } from '@austin-profiler/profile';
import { type Entry, type ForeignStack, ForeignStacks, ForeignThreads } from '../../foreign-stacks.js';
import type { ReadOptions } from '../../format.js';
import { type JsonObject, listOf, numberOf, objectOf, positionOf, textOf } from '../../json.js';
import { otherJson, readJsonProfile } from '../../json-profile.js';
import { withoutMark } from '../../kind-mark.js';
import type { Losses } from '../../losses.js';
import { OpenStack } from '../../open-stack.js';
import { bytesIn, microsecondsIn, WholeSeries } from '../../quantities.js';
import { WEIGHT_UNIT_KEY } from '../../weights.js';
import { type NamedProfile, threadOfName } from './thread-of-name.js';

type Weight = NonNullable<NamedProfile['weight']>;

/** One profile of the file: the samples of a thread, seen through one weight. */
interface View {
  readonly thread: NamedProfile;
  readonly weight: Weight;
  readonly stacks: readonly ForeignStack[];
  /** Where its first sample begins, µs on the file's clock; undefined for what is no time. */
  readonly startUs: number | undefined;
  /** Whole microseconds, bytes or numbers; one for each stack. */
  readonly weights: readonly number[];
  /** When the time of each stack ends, µs on the file's clock; empty for what is no time. */
  readonly endsUs: readonly number[];
}

/**
 * Reads speedscope JSON: sampled and evented profiles, each a thread. The views that full mode has of one thread
 * are put together again: a sample that is in the wall time and not in the CPU time was idle.
 *
 * @throws AustinError ERR_SPEEDSCOPE_INVALID when there are no profiles, ERR_JSON_INVALID and ERR_JSON_TOO_LARGE; in
 * strict mode also ERR_SPEEDSCOPE_SAMPLE, ERR_SPEEDSCOPE_EVENT and ERR_SPEEDSCOPE_FRAME
 */
export async function readSpeedscope(
  chunks: AsyncIterable<Uint8Array>,
  sink: ProfileSink,
  options: ReadOptions,
): Promise<void> {
  await readJsonProfile(chunks, sink, options, (value, losses) => {
    const file = objectOf(value);
    const profiles = listOf(file['profiles']);
    if (profiles.length === 0) throw noProfiles();
    const stacks = new ForeignStacks(sink);
    const entryOf = frameList(listOf(objectOf(file['shared'])['frames']), stacks, losses);
    const views = profiles.map((profile, at) => readView(objectOf(profile), at, stacks, entryOf, losses));
    addViews(views, sink, losses);
  });
}

function noProfiles(): AustinError {
  return otherJson('ERR_SPEEDSCOPE_INVALID', 'The JSON has no `profiles`, so it is not of speedscope.');
}

/** The entry of a frame's number. A file that was cut may have lost the frames: their numbers are names then. */
function frameList(
  frames: readonly unknown[],
  stacks: ForeignStacks,
  losses: Losses,
): (index: unknown) => Entry | undefined {
  const entries: (Entry | undefined)[] = [];
  return (index) => {
    if (typeof index !== 'number' || !Number.isSafeInteger(index) || index < 0) return undefined;
    let entry = entries[index];
    if (entry) return entry;
    const frame = objectOf(frames[index]);
    if (typeof frame['name'] !== 'string') {
      losses.damage(
        'ERR_SPEEDSCOPE_FRAME',
        'frames without a name in `shared.frames` are called by their number',
      );
    }
    entry = stacks.entry({
      ...withoutMark(typeof frame['name'] === 'string' ? frame['name'] : `<frame ${index}>`),
      file: textOf(frame['file']),
      line: positionOf(frame['line']),
      column: positionOf(frame['col']),
    });
    entries[index] = entry;
    return entry;
  };
}

type EntryOf = (index: unknown) => Entry | undefined;

function readView(
  profile: JsonObject,
  index: number,
  stacks: ForeignStacks,
  entryOf: EntryOf,
  losses: Losses,
): View {
  const thread = threadOfName(textOf(profile['name']), index);
  const unit = textOf(profile['unit']);
  const us = microsecondsIn(unit);
  const bytes = bytesIn(unit);
  const rows = profile['type'] === 'evented' ? eventedRows : sampledRows;
  const out: { stacks: ForeignStack[]; weights: number[]; endsUs: number[] } = {
    stacks: [],
    weights: [],
    endsUs: [],
  };
  const whole = new WholeSeries(losses);
  for (const { stack, weight, end } of rows(profile, stacks, entryOf, losses)) {
    out.stacks.push(stack);
    out.weights.push(whole.next(weight * (us ?? bytes ?? 1)));
    if (us !== undefined) out.endsUs.push(end * us);
  }
  const startUs = us === undefined ? undefined : startOf(profile) * us;
  return { thread, weight: weightOfView(thread, us, bytes), startUs, ...out };
}

function startOf(profile: JsonObject): number {
  const first = profile['type'] === 'evented' ? objectOf(listOf(profile['events'])[0])['at'] : undefined;
  return numberOf(first) ?? numberOf(profile['startValue']) ?? 0;
}

function weightOfView({ weight }: NamedProfile, us: number | undefined, bytes: number | undefined): Weight {
  if (us !== undefined) return weight === 'cpu' ? 'cpu' : 'wall';
  if (bytes !== undefined) return weight === 'deallocated' ? 'deallocated' : 'allocated';
  return 'samples';
}

interface Row {
  readonly stack: ForeignStack;
  readonly weight: number;
  /** Where the weight ends, counted from where the file's values do. */
  readonly end: number;
}

function* sampledRows(
  profile: JsonObject,
  stacks: ForeignStacks,
  entryOf: EntryOf,
  losses: Losses,
): Iterable<Row> {
  const samples = listOf(profile['samples']);
  const weights = listOf(profile['weights']);
  let end = startOf(profile);
  for (const [at, sample] of samples.entries()) {
    const weight = numberOf(weights[at]);
    const entries = Array.isArray(sample) ? (sample as unknown[]).map(entryOf) : [undefined];
    if (weight === undefined || weight < 0 || !entries.every((entry) => entry !== undefined)) {
      losses.damage(
        'ERR_SPEEDSCOPE_SAMPLE',
        'samples without a weight, or with frames that cannot be, are left out',
      );
    } else {
      end += weight;
      yield { stack: stacks.stack(entries), weight, end };
    }
  }
}

/** Frames open and close: between two events, the stack of open frames ran. */
function* eventedRows(
  profile: JsonObject,
  stacks: ForeignStacks,
  entryOf: EntryOf,
  losses: Losses,
): Iterable<Row> {
  const open = new OpenStack<Entry, ForeignStack>();
  let before: number | undefined;
  const bad = (what: string): void => losses.damage('ERR_SPEEDSCOPE_EVENT', what);
  for (const item of listOf(profile['events'])) {
    const event = objectOf(item);
    const at = numberOf(event['at']);
    const entry = entryOf(event['frame']);
    const type = event['type'];
    if (at === undefined || entry === undefined || (type !== 'O' && type !== 'C')) {
      bad('events without a type, time or frame are left out');
      continue;
    }
    if (before !== undefined && at < before)
      bad('events that go back in time are taken to be at the time before');
    const inner = open.innermost;
    if (inner && before !== undefined && at > before) yield { stack: inner, weight: at - before, end: at };
    before = Math.max(at, before ?? at);
    if (type === 'O') {
      open.push(entry, stacks.child(inner ?? stacks.root, entry));
      continue;
    }
    const opened = open.depthOf(entry);
    if (opened < 0) bad('frames that close and were not open are left out');
    else if (opened < open.size - 1) bad('frames that close before those they called close them too');
    if (opened >= 0) open.end(opened);
  }
  const last = open.innermost;
  const end = numberOf(profile['endValue']);
  if (last && before !== undefined && end !== undefined && end > before) {
    yield { stack: last, weight: end - before, end };
  }
}

function addViews(views: readonly View[], sink: ProfileSink, losses: Losses): void {
  const kinds = new Set(views.filter((view) => view.stacks.length > 0).map((view) => view.weight));
  const isCount = kinds.size > 0 && [...kinds].every((kind) => kind === 'samples');
  if (isCount) sink.addMetadata(WEIGHT_UNIT_KEY, 'count');
  else sink.addMetadata('mode', modeOf(kinds));
  const threads = new ForeignThreads(sink);
  const zeroUs = Math.min(...views.flatMap(({ startUs }) => startUs ?? []));
  for (const group of byThread(views)) {
    const walls = group.filter((view) => view.weight === 'wall');
    const cpus = group.filter((view) => view.weight === 'cpu');
    const running = kinds.has('cpu') && walls.length > 0 ? new RunningSamples(cpus) : undefined;
    for (const view of group) {
      if (view.weight === 'cpu' && running) continue;
      if (view.weight !== 'samples' || isCount) addView(view, zeroUs, running, sink, threads);
      else losses.unheld('ERR_WEIGHT_NOT_HELD', 'profiles that count samples are left out: others measure');
    }
    if (running && running.left > 0) {
      const message = 'samples of CPU time are left out: they are not among those of wall time';
      losses.unheld('ERR_WEIGHT_NOT_HELD', message, {}, running.left);
    }
  }
}

function addView(
  view: View,
  zeroUs: number,
  running: RunningSamples | undefined,
  sink: ProfileSink,
  threads: ForeignThreads,
): void {
  const { pid, iid, tid, name } = view.thread;
  for (const [at, stack] of view.stacks.entries()) {
    const weight = view.weights[at]!;
    const ofFrames = stack.thread;
    const thread = threads.thread(stack.pid ?? pid, iid, ofFrames?.tid ?? tid, ofFrames?.name || name);
    if (view.weight === 'allocated') sink.addSample(stack.id, thread, 0, weight, stack.flags);
    else if (view.weight === 'deallocated') sink.addSample(stack.id, thread, 0, -weight, stack.flags);
    else {
      if (view.startUs !== undefined) threads.takenAt(thread, view.endsUs[at]! - zeroUs, weight);
      const isIdle = view.weight === 'wall' && running?.takes(stack, weight) === false;
      sink.addSample(stack.id, thread, weight, 0, stack.flags | (isIdle ? SampleFlag.Idle : 0));
    }
  }
}

function modeOf(kinds: ReadonlySet<Weight>): string {
  const hasMemory = kinds.has('allocated') || kinds.has('deallocated');
  const hasTime = kinds.has('cpu') || kinds.has('wall');
  if (hasMemory && !hasTime) return 'memory';
  if (hasMemory || (kinds.has('cpu') && kinds.has('wall'))) return 'full';
  return kinds.has('cpu') ? 'cpu' : 'wall';
}

/** Views by thread, in order of their first. */
function byThread(views: readonly View[]): Iterable<View[]> {
  const groups = new Map<string, View[]>();
  for (const view of views) {
    const { pid, iid, tid } = view.thread;
    const key = `${pid}:${iid ?? ''}:${tid}`;
    const group = groups.get(key);
    if (group) group.push(view);
    else groups.set(key, [view]);
  }
  return groups.values();
}

/** The samples of a thread's CPU time: some of those of its wall time, in the same order. The others were idle. */
class RunningSamples {
  readonly #rows: readonly Pick<Row, 'stack' | 'weight'>[];
  #next = 0;

  constructor(views: readonly View[]) {
    this.#rows = views.flatMap((view) =>
      view.stacks.map((stack, at) => ({ stack, weight: view.weights[at]! })),
    );
  }

  /** How many were not found. */
  get left(): number {
    return this.#rows.length - this.#next;
  }

  /** Tells whether the next sample of wall time is the next one of CPU time. */
  takes(stack: ForeignStack, weight: number): boolean {
    const row = this.#rows[this.#next];
    if (row?.stack !== stack || row.weight !== weight) return false;
    this.#next++;
    return true;
  }
}
