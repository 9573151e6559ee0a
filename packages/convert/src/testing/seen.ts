import { type Profile, SampleFlag, type StackId, type ThreadId } from '@austin-profiler/profile';
import { perftools } from '#pprof-messages';
import { readProfile } from '../convert.js';
import { GARBAGE_COLLECTION, INVALID_STACK, NO_FRAMES, UNNAMED } from '../synthetic-names.js';
import { threadIdText } from '../thread-ids.js';
import { weightOf, weightTypes } from '../weights.js';

/** Names of functions, outermost first, with marks of samples as functions; and what they weigh. */
export interface SeenSample {
  readonly stack: readonly string[];
  readonly weight: number;
}

/** Samples by `<pid>:<iid>:<thread> <weight>`, in the order of the file. Those without weight are left out. */
export type Seen = Map<string, SeenSample[]>;

/** What a profile has, in these words. */
export function seenInProfile(profile: Profile): Seen {
  const { tables, samples } = profile;
  const text = threadIdText(profile);
  const seen: Seen = new Map();
  for (const type of weightTypes(profile)) {
    for (let i = 0; i < samples.length; i++) {
      const { pid, iid, tid } = tables.thread(samples.thread[i]! as ThreadId);
      const names = tables
        .stackFrames(samples.stack[i]! as StackId)
        .map((frame) => tables.frameInfo(frame).name || UNNAMED);
      const stack = withMarks(names, samples.flags[i]!);
      add(seen, threadKey(pid, iid, text(tid)), type.metric, { stack, weight: weightOf(profile, i, type) });
    }
  }
  return seen;
}

/** What a written file has, by a reader that knows nothing of the writer; undefined for files that only people read. */
export async function seenInFile(format: string, bytes: Uint8Array): Promise<Seen | undefined> {
  const text = (): string => new TextDecoder().decode(bytes);
  switch (format) {
    case 'mojo':
    case 'collapsed':
      return seenInProfile(await readProfile([bytes], { format }));
    case 'speedscope':
      return seenInSpeedscope(JSON.parse(text()) as never);
    case 'pprof':
      return seenInPprof(bytes);
    case 'firefox':
      return seenInFirefox(JSON.parse(text()) as never);
    case 'trace':
      return seenInTrace(JSON.parse(text()) as never);
    case 'jsonl':
      return seenInJsonLines(text());
    default:
      return undefined;
  }
}

/** Neighbours with equal stacks as one: what a format keeps that has slices and no samples. */
export function joined(samples: readonly SeenSample[]): SeenSample[] {
  const rows: { stack: readonly string[]; weight: number }[] = [];
  for (const { stack, weight } of samples) {
    const last = rows.at(-1);
    if (last && last.stack.join('\n') === stack.join('\n')) last.weight += weight;
    else rows.push({ stack, weight });
  }
  return rows;
}

/** Equal stacks summed, in an order of their own. */
export function summed(samples: readonly SeenSample[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { stack, weight } of samples) {
    const key = JSON.stringify(stack);
    sums[key] = (sums[key] ?? 0) + weight;
  }
  return sums;
}

function add(seen: Seen, thread: string, metric: string, sample: SeenSample): void {
  if (sample.weight === 0) return;
  const key = `${thread} ${metric}`;
  const samples = seen.get(key);
  if (samples) samples.push(sample);
  else seen.set(key, [sample]);
}

function threadKey(
  pid: number | string,
  iid: number | string | null | undefined,
  thread: string | number,
): string {
  return `${pid}:${iid ?? ''}:${thread}`;
}

function withMarks(names: readonly string[], flags: number): string[] {
  const stack = [...names];
  if (flags & SampleFlag.Invalid) stack.unshift(INVALID_STACK);
  if (flags & SampleFlag.Gc) stack.push(GARBAGE_COLLECTION);
  return stack.length === 0 ? [NO_FRAMES] : stack;
}

const SPEEDSCOPE_WEIGHTS: Record<string, string> = {
  'CPU time': 'cpu',
  'Wall time': 'wall',
  'Memory allocation': 'allocated',
  'Memory deallocation': 'deallocated',
  Samples: 'samples',
};

function seenInSpeedscope(file: {
  shared: { frames: { name: string }[] };
  profiles: { name: string; samples: number[][]; weights: number[] }[];
}): Seen {
  const seen: Seen = new Map();
  for (const { name, samples, weights } of file.profiles) {
    const [, title, ids] = /^(.+?) profile for (.+?)(?: \(.*\))?$/s.exec(name)!;
    const parts = ids!.split(':');
    const thread = parts.length === 3 ? ids! : `${parts[0]}::${parts[1]}`;
    for (const [at, stack] of samples.entries()) {
      const names = stack.map((frame) =>
        file.shared.frames[frame]!.name.replace(/ \[(?:native|kernel)\]$/, ''),
      );
      add(seen, thread, SPEEDSCOPE_WEIGHTS[title!]!, { stack: names, weight: weights[at]! });
    }
  }
  return seen;
}

const PPROF_WEIGHTS: Record<string, string> = { alloc_space: 'allocated', dealloc_space: 'deallocated' };

function seenInPprof(bytes: Uint8Array): Seen {
  const seen: Seen = new Map();
  const message = perftools.profiles.Profile.decode(bytes);
  const text = (id: unknown): string => message.stringTable[Number(id)]!;
  const functions = new Map(message.function.map((fn) => [Number(fn.id), text(fn.name)]));
  const locations = new Map(
    message.location.map(({ id, line }) => [Number(id), functions.get(Number(line![0]!.functionId))!]),
  );
  const types = message.sampleType.map(({ type }) => PPROF_WEIGHTS[text(type)] ?? text(type));
  for (const { locationId, value, label } of message.sample) {
    const labels = new Map(label!.map((one) => [text(one.key), Number(one.num) || text(one.str)]));
    const flags = (labels.has('gc') ? SampleFlag.Gc : 0) | (labels.has('invalid') ? SampleFlag.Invalid : 0);
    const names = locationId!.map((id) => locations.get(Number(id))!).reverse();
    const stack = withMarks(names.length === 1 && names[0] === NO_FRAMES ? [] : names, flags);
    const thread = threadKey(labels.get('pid')!, labels.get('iid'), labels.get('tid')!);
    for (const [at, type] of types.entries()) {
      if (type === 'samples' && types.length > 1) continue;
      add(seen, thread, type, { stack, weight: Number(value![at]) });
    }
  }
  return seen;
}

interface FirefoxFile {
  meta: { extra: { entries: { label: string; value: string }[] }[] };
  threads: {
    pid: string;
    tid: string | number;
    interpreterId?: number;
    samples: { stack: (number | null)[]; weight: number[]; weightType: string; threadCPUDelta?: number[] };
    nativeAllocations?: { stack: number[]; weight: number[] };
  }[];
  shared: {
    stringArray: string[];
    stackTable: { frame: number[]; prefix: (number | null)[] };
    frameTable: { func: number[] };
    funcTable: { name: number[] };
  };
}

function seenInFirefox({ meta, threads, shared }: FirefoxFile): Seen {
  const seen: Seen = new Map();
  const mode = meta.extra[0]!.entries.find(({ label }) => label === 'mode')?.value;
  const namesOf = (stack: number | null): string[] => {
    const names: string[] = [];
    for (let at = stack; at !== null; at = shared.stackTable.prefix[at]!) {
      const fn = shared.frameTable.func[shared.stackTable.frame[at]!]!;
      names.push(shared.stringArray[shared.funcTable.name[fn]!]!);
    }
    return names.reverse();
  };
  for (const { pid, tid, interpreterId, samples, nativeAllocations } of threads) {
    const thread = threadKey(pid, interpreterId, tid);
    const isTime = samples.weightType === 'tracing-ms';
    for (const [at, stack] of samples.stack.entries()) {
      const names = namesOf(stack);
      const weight = isTime ? Math.round(samples.weight[at]! * 1000) : samples.weight[at]!;
      if (mode !== 'cpu') add(seen, thread, isTime ? 'wall' : 'samples', { stack: names, weight });
      add(seen, thread, 'cpu', { stack: names, weight: samples.threadCPUDelta?.[at] ?? 0 });
    }
    for (const [at, stack] of nativeAllocations?.stack.entries() ?? []) {
      const bytes = nativeAllocations!.weight[at]!;
      add(seen, thread, 'allocated', { stack: namesOf(stack), weight: Math.max(0, bytes) });
      add(seen, thread, 'deallocated', { stack: namesOf(stack), weight: Math.max(0, -bytes) });
    }
  }
  return seen;
}

interface TraceEvent {
  ph: string;
  ts: number;
  pid: number;
  tid: number;
  name: string;
  args?: Record<string, string | number>;
}

function seenInTrace({ traceEvents }: { traceEvents: TraceEvent[] }): Seen {
  const seen: Seen = new Map();
  const tracks = new Map<string, { thread: string; weight: string; open: string[]; since: number }>();
  for (const { ph, ts, pid, tid, name, args } of traceEvents) {
    if (name === 'thread_name' && ph === 'M') {
      const thread = threadKey(pid, args!.interpreter, args!.thread!);
      tracks.set(`${pid} ${tid}`, { thread, weight: String(args!.weight), open: [], since: 0 });
    }
    if (ph === 'M') continue;
    const track = tracks.get(`${pid} ${tid}`)!;
    const sample = { stack: [...track.open], weight: ts - track.since };
    if (track.open.length > 0) add(seen, track.thread, track.weight, sample);
    track.since = ts;
    if (ph === 'B') track.open.push(name);
    else track.open.pop();
  }
  return seen;
}

function seenInJsonLines(text: string): Seen {
  const seen: Seen = new Map();
  interface Line {
    type: string;
    key: string;
    value: string;
    pid: number;
    iid?: number;
    thread: string;
    time: number;
    memory: number;
    gc?: true;
    idle?: true;
    invalid?: true;
    frames: { function: string }[];
  }
  const lines = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
  const metadata = (key: string) =>
    lines.findLast((line) => line.type === 'metadata' && line.key === key)?.value;
  const isCounts = metadata('x-weight-unit') === 'count';
  const mode = metadata('mode');
  for (const line of lines.filter(({ type }) => type === 'sample')) {
    const names = line.frames.map((frame) => frame.function || UNNAMED);
    const stack = withMarks(names, (line.gc ? SampleFlag.Gc : 0) | (line.invalid ? SampleFlag.Invalid : 0));
    const thread = threadKey(line.pid, line.iid, line.thread);
    if (isCounts) add(seen, thread, 'samples', { stack, weight: line.time });
    else if (mode !== 'cpu' && mode !== 'memory') add(seen, thread, 'wall', { stack, weight: line.time });
    if (mode === 'cpu' || mode === 'full')
      add(seen, thread, 'cpu', { stack, weight: line.idle ? 0 : line.time });
    if (mode === 'wall' || mode === 'cpu') continue;
    add(seen, thread, 'allocated', { stack, weight: Math.max(0, line.memory) });
    add(seen, thread, 'deallocated', { stack, weight: Math.max(0, -line.memory) });
  }
  return seen;
}
