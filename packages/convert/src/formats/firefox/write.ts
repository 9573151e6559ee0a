import {
  clockTimes,
  metadataValue,
  type Profile,
  SampleFlag,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import type { WriteOptions } from '../../format.js';
import { jsonTable } from '../../json-lists.js';
import { type ShownNode, ShownStacks } from '../../shown-stacks.js';
import { threadIdText, threadsInOrder } from '../../thread-ids.js';
import { samplesByThread, startTimeMs, threadTitle } from '../../thread-samples.js';
import { countsSamples } from '../../weights.js';
import { CATEGORIES, Category } from './categories.js';
import { libsOf } from './libs.js';
import { SharedTables } from './tables.js';

/** The first version in which threads share their tables. Firefox upgrades it when it opens the file. */
export const PROCESSED_VERSION = 60;

const US_PER_MS = 1000;

/** Where a recording has no times, each sample takes this long in the time line, so that their order shows. */
const STEP_US = 1000;

const GC_MARKER = 'PythonGC';

/** Metadata with an entry per mapped file, per thread or per process: nobody reads it in a list. */
const BULKY = /^(?:map$|x-module:|x-thread-|x-process:)/;

/**
 * Writes the processed format of the Firefox Profiler. Every sample is an entry, in order. Wall time is its weight, CPU time its
 * CPU delta, memory an allocation with its stack. Runs of the garbage collector are markers.
 */
export function* writeFirefox(profile: Profile, options: WriteOptions): Iterable<string> {
  const shared = new SharedTables(new ShownStacks(profile.tables, true), libsOf(profile.tables));
  const rows = samplesByThread(profile);
  const clock = new Clock(profile);
  const threads = threadsInOrder(profile).filter((thread) => rows[thread]!.length > 0);

  const meta = JSON.stringify(metaOf(profile, threads.length, options));
  yield `{"meta":${meta},"libs":${JSON.stringify(shared.libs)},"threads":[`;
  for (const [at, thread] of threads.entries()) {
    if (at > 0) yield ',';
    yield* threadPieces(profile, thread, rows[thread]!, clock, shared);
  }
  yield '],"shared":';
  yield* shared.pieces();
  yield '}';
}

/** Times of samples, µs since the recording began. */
class Clock {
  readonly #timeUs: Float64Array;
  readonly #times: Float64Array | undefined;

  constructor(profile: Profile) {
    const hasTimes = profile.mode !== 'memory' && !countsSamples(profile);
    this.#timeUs = profile.samples.timeUs;
    this.#times = hasTimes ? clockTimes(profile) : undefined;
  }

  /** When the time began that the first sample of a thread stands for. */
  start(row: number): number {
    const time = this.#time(row);
    return Math.max(0, time - (this.#times ? Math.max(0, this.#timeUs[row]!) : STEP_US));
  }

  /** When each sample of a thread was taken: a sample stands for the time before it. */
  times(rows: Uint32Array): Float64Array {
    return Float64Array.from(rows, (row) => this.#time(row));
  }

  /** Without times, samples of all threads follow one another as they do in the recording. */
  #time(row: number): number {
    return this.#times?.[row] ?? (row + 1) * STEP_US;
  }
}

function* threadPieces(
  profile: Profile,
  thread: ThreadId,
  rows: Uint32Array,
  clock: Clock,
  shared: SharedTables,
): Iterable<string> {
  const { samples, mode } = profile;
  const { pid, iid, tid } = profile.tables.thread(thread);
  const tidText = threadIdText(profile)(tid);
  const times = clock.times(rows);
  const startMs = clock.start(rows[0]!) / US_PER_MS;
  const stack = (at: number): string => {
    const node: ShownNode = shared.stacks.node(
      samples.stack[rows[at]!]! as StackId,
      samples.flags[rows[at]!]!,
    );
    return String(node - 1);
  };
  const head = {
    name: threadTitle(profile, thread),
    processName: 'Python',
    processType: 'default',
    pid: String(pid),
    tid: /^\d{1,15}$/.test(tidText) ? Number(tidText) : tidText,
    ...(iid !== null && { interpreterId: iid }),
    isMainThread: tidText === String(pid) && (iid ?? 0) === 0,
    processStartupTime: 0,
    processShutdownTime: null,
    registerTime: startMs,
    unregisterTime: null,
    pausedRanges: [],
  };
  yield `${JSON.stringify(head).slice(0, -1)},"samples":`;
  if (mode === 'memory') yield EMPTY_SAMPLES;
  else yield* samplePieces(profile, rows, times, startMs, stack);
  if (mode === 'memory' || mode === 'full') yield* allocationPieces(profile, rows, times, stack);
  yield ',"markers":';
  yield* markerPieces(profile, rows, times, startMs, shared);
  yield '}';
}

const EMPTY_SAMPLES = '{"stack":[],"time":[],"weight":[],"weightType":"tracing-ms","length":0}';

/**
 * Firefox does not look at the CPU delta of the first sample, since it does not know when the one before it was taken. So
 * where there are CPU deltas, a sample without stack and weight stands at the thread's start.
 */
function* samplePieces(
  profile: Profile,
  rows: Uint32Array,
  times: Float64Array,
  startMs: number,
  stack: (at: number) => string,
): Iterable<string> {
  const { timeUs, flags } = profile.samples;
  const isCounts = countsSamples(profile);
  const hasCpu = !isCounts && (profile.mode === 'cpu' || profile.mode === 'full');
  const before = hasCpu ? 1 : 0;
  const weightUs = (at: number): number => Math.max(0, timeUs[rows[at]!]!);
  const cpuUs = (at: number): number => (flags[rows[at]!]! & SampleFlag.Idle ? 0 : weightUs(at));
  const column = (ofStart: string, ofSample: (at: number) => string) => (i: number) =>
    i < before ? ofStart : ofSample(i - before);

  yield `{"weightType":${isCounts ? '"samples"' : '"tracing-ms"'},`;
  const table = jsonTable(rows.length + before, {
    stack: column('null', stack),
    time: column(String(startMs), (at) => String(times[at]! / US_PER_MS)),
    weight: column('0', (at) => String(isCounts ? weightUs(at) : weightUs(at) / US_PER_MS)),
    ...(hasCpu && { threadCPUDelta: column('0', (at) => String(cpuUs(at))) }),
  });
  yield* withoutBrace(table);
}

/** Changes of memory, positive and negative: Firefox shows allocations and deallocations by themselves. */
function* allocationPieces(
  profile: Profile,
  rows: Uint32Array,
  times: Float64Array,
  stack: (at: number) => string,
): Iterable<string> {
  const { memoryBytes } = profile.samples;
  const changes = Uint32Array.from(rows.keys()).filter((at) => memoryBytes[rows[at]!] !== 0);
  if (changes.length === 0) return;
  yield ',"nativeAllocations":{"weightType":"bytes",';
  const table = jsonTable(changes.length, {
    stack: (i) => stack(changes[i]!),
    time: (i) => String(times[changes[i]!]! / US_PER_MS),
    weight: (i) => String(memoryBytes[rows[changes[i]!]!]!),
  });
  yield* withoutBrace(table);
}

function* withoutBrace(object: Iterable<string>): Iterable<string> {
  let isFirst = true;
  for (const piece of object) {
    yield isFirst ? piece.slice(1) : piece;
    isFirst = false;
  }
}

/** A marker for each run of samples in which the garbage collector was seen. */
function* markerPieces(
  profile: Profile,
  rows: Uint32Array,
  times: Float64Array,
  startMs: number,
  shared: SharedTables,
): Iterable<string> {
  const { flags } = profile.samples;
  const spans: { start: number; end: number }[] = [];
  let wasGc = false;
  for (let at = 0; at < rows.length; at++) {
    const isGc = (flags[rows[at]!]! & SampleFlag.Gc) !== 0;
    const end = times[at]! / US_PER_MS;
    if (isGc && wasGc) spans.at(-1)!.end = end;
    else if (isGc) spans.push({ start: at === 0 ? startMs : times[at - 1]! / US_PER_MS, end });
    wasGc = isGc;
  }
  const name = spans.length > 0 ? String(shared.strings.id('Garbage collection')) : '';
  yield* jsonTable(spans.length, {
    data: () => `{"type":"${GC_MARKER}"}`,
    name: () => name,
    startTime: (i) => String(spans[i]!.start),
    endTime: (i) => String(spans[i]!.end),
    phase: () => '1',
    category: () => String(Category.GarbageCollection),
  });
}

function metaOf(profile: Profile, threads: number, options: WriteOptions): object {
  const intervalUs = Number(metadataValue(profile, 'interval'));
  const platform = metadataValue(profile, 'x-platform');
  const command = metadataValue(profile, 'x-command') ?? metadataValue(profile, 'command');
  const facts = new Map<string, string>();
  for (const { key, value } of profile.metadata) if (!BULKY.test(key)) facts.set(key, value);
  return {
    interval: intervalUs > 0 && Number.isFinite(intervalUs) ? intervalUs / US_PER_MS : 1,
    startTime: startTimeMs(profile) ?? 0,
    processType: 0,
    product: options.name ?? 'Python',
    stackwalk: 1,
    debug: false,
    version: 31,
    preprocessedProfileVersion: PROCESSED_VERSION,
    importedFrom: options.exporter ?? 'austin-profiler',
    ...(platform !== undefined && { platform }),
    ...(command !== undefined && { arguments: command }),
    symbolicated: true,
    symbolicationNotSupported: true,
    usesOnlyOneStackType: true,
    sourceCodeIsNotOnSearchfox: true,
    keepProfileThreadOrder: true,
    // Without samples of time Firefox would take every thread for an idle one, and hide it.
    ...(profile.mode === 'memory' && {
      initialVisibleThreads: Array.from({ length: threads }, (_, at) => at),
    }),
    sampleUnits: { time: 'ms', eventDelay: 'ms', threadCPUDelta: 'µs' },
    categories: CATEGORIES,
    markerSchema: [
      {
        name: GC_MARKER,
        tooltipLabel: 'Garbage collection',
        tableLabel: 'Garbage collection',
        chartLabel: 'Garbage collection',
        display: ['marker-chart', 'marker-table', 'timeline-overview'],
        fields: [],
      },
    ],
    extra: [
      {
        label: 'Recording',
        entries: [...facts].map(([label, value]) => ({ label, format: 'string', value })),
      },
    ],
  };
}
