import {
  AustinError,
  type Mode,
  type ProfileSink,
  SampleFlag,
  type ThreadId,
} from '@austin-profiler/profile';
import { type ForeignStack, ForeignStacks, ForeignThreads } from '../../foreign-stacks.js';
import type { ReadOptions } from '../../format.js';
import { type JsonObject, listOf, numberOf, objectOf, textOf, wholeOf } from '../../json.js';
import { readJsonProfile } from '../../json-profile.js';
import type { Losses } from '../../losses.js';
import { microsecondsIn, WholeSeries } from '../../quantities.js';
import { isFactOfThread, THREAD_IDS_KEY } from '../../thread-ids.js';
import { WEIGHT_UNIT_KEY } from '../../weights.js';
import { NativeCode } from './native-code.js';
import { samplesOf, weightKind } from './samples.js';
import { type Dialect, StackReader } from './stack-table.js';
import { type Tables, tablesOf } from './thread-tables.js';

const US_PER_MS = 1000;

/** Tables of changes of memory. */
const ALLOCATIONS = ['nativeAllocations', 'jsAllocations'] as const;

/**
 * Reads the processed format of the Firefox Profiler, of any version: tables by thread or shared.
 *
 * @throws AustinError ERR_FIREFOX_INVALID when there are no threads, or the profile is as Firefox records it, not
 * processed; ERR_JSON_INVALID and ERR_JSON_TOO_LARGE; in strict mode also ERR_FIREFOX_SAMPLE, ERR_FIREFOX_STACK and
 * ERR_FIREFOX_NAME
 */
export async function readFirefox(
  chunks: AsyncIterable<Uint8Array>,
  sink: ProfileSink,
  options: ReadOptions,
): Promise<void> {
  await readJsonProfile(chunks, sink, options, (value, losses) => {
    const file = objectOf(value);
    const meta = objectOf(file['meta']);
    const threads = listOf(file['threads']).map(objectOf);
    if (threads.length === 0 || numberOf(meta['preprocessedProfileVersion']) === undefined)
      throw notProcessed();
    const reader = new FirefoxReader(meta, sink, losses);
    reader.addFacts(threads);
    const tables = threads.map((thread) => tablesOf(objectOf(file['shared']), thread));
    const native = new NativeCode(listOf(file['libs']), tables);
    for (const [at, thread] of threads.entries()) reader.addThread(thread, tables[at]!, native);
  });
}

function notProcessed(): AustinError {
  return new AustinError(
    'ERR_FIREFOX_INVALID',
    'The JSON has no threads, or no version of the processed format of the Firefox Profiler.',
    {
      kind: 'data',
      offset: 0,
      hint: 'If Firefox itself recorded it, open it in https://profiler.firefox.com and save it from there.',
    },
  );
}

class FirefoxReader {
  readonly #meta: JsonObject;
  readonly #sink: ProfileSink;
  readonly #losses: Losses;
  readonly #cpuUnit: string;
  readonly #stacks: ForeignStacks;
  readonly #threads: ForeignThreads;
  readonly #dialect: Dialect;
  readonly #intervalUs: number;
  /** Every table of samples counts, so numbers have no unit. */
  #isCount = false;

  constructor(meta: JsonObject, sink: ProfileSink, losses: Losses) {
    this.#meta = meta;
    this.#sink = sink;
    this.#losses = losses;
    this.#cpuUnit = textOf(objectOf(meta['sampleUnits'])['threadCPUDelta']);
    this.#stacks = new ForeignStacks(sink);
    this.#threads = new ForeignThreads(sink);
    this.#intervalUs = (numberOf(meta['interval']) ?? 1) * US_PER_MS;
    this.#dialect = {
      categories: listOf(meta['categories']).map((category) => textOf(objectOf(category)['name'])),
      isTachyon: textOf(meta['importedFrom']).startsWith('Tachyon'),
    };
  }

  /** Metadata, before the samples: what the file says of itself, and what its tables hold. */
  addFacts(threads: readonly JsonObject[]): void {
    const said = new Set([THREAD_IDS_KEY]);
    for (const group of listOf(this.#meta['extra']).map(objectOf)) {
      // As our writer calls it.
      if (group['label'] !== 'Recording') continue;
      for (const { label, value } of listOf(group['entries']).map(objectOf)) {
        const key = textOf(label);
        if (key === '' || said.has(key) || isFactOfThread(key)) continue;
        said.add(key);
        this.#sink.addMetadata(key, textOf(value));
      }
    }
    const kinds = threads
      .map((thread) => objectOf(thread['samples']))
      .filter((table) => listOf(table['stack']).length > 0);
    this.#isCount = kinds.length > 0 && kinds.every((table) => weightKind(table) === 'count');
    const add = (key: string, value: string): void => {
      if (!said.has(key)) this.#sink.addMetadata(key, value);
    };
    if (this.#isCount) add(WEIGHT_UNIT_KEY, 'count');
    else add('mode', this.#mode(threads));
    if (this.#meta['interval'] !== undefined && !this.#isCount)
      add('interval', String(Math.round(this.#intervalUs)));
    const start = new Date(numberOf(this.#meta['startTime']) ?? 0);
    // Times before 2000 are those of a clock that began with the machine.
    if (start.getTime() > Date.UTC(2000)) add('x-start-time', start.toISOString());
  }

  #mode(threads: readonly JsonObject[]): Mode {
    const has = (name: string): boolean =>
      threads.some((thread) => listOf(objectOf(thread[name])['stack']).length > 0);
    const hasMemory = ALLOCATIONS.some(has) || threads.some((thread) => this.#isBytes(thread));
    const hasTime = threads.some(
      (thread) => !this.#isBytes(thread) && listOf(objectOf(thread['samples'])['stack']).length > 0,
    );
    if (hasMemory) return hasTime ? 'full' : 'memory';
    const hasCpu = threads.some((thread) => listOf(objectOf(thread['samples'])['threadCPUDelta']).length > 0);
    return hasCpu && microsecondsIn(this.#cpuUnit) !== undefined ? 'full' : 'wall';
  }

  #isBytes(thread: JsonObject): boolean {
    return weightKind(objectOf(thread['samples'])) === 'bytes';
  }

  addThread(thread: JsonObject, tables: Tables, native: NativeCode): void {
    const stacks = new StackReader(tables, native, this.#stacks, this.#dialect, this.#losses);
    const stackOf = (row: number): ForeignStack | undefined => stacks.stack(row);
    const id = threadIds(thread, this.#threads);
    this.#addSamples(objectOf(thread['samples']), id, stackOf);
    for (const name of ALLOCATIONS) {
      const table = objectOf(thread[name]);
      const whole = new WholeSeries(this.#losses);
      for (const { stack, weight } of samplesOf(table, '', this.#losses)) {
        const found = this.#stack(stack, stackOf);
        this.#sink.addSample(found.id, id(found), 0, whole.next(weight), found.flags);
      }
    }
  }

  #addSamples(
    table: JsonObject,
    id: (stack: ForeignStack) => ThreadId,
    stackOf: (row: number) => ForeignStack | undefined,
  ): void {
    const kind = weightKind(table);
    const whole = new WholeSeries(this.#losses);
    const scale = kind === 'time' ? US_PER_MS : kind === 'bytes' || this.#isCount ? 1 : this.#intervalUs;
    // Where every sample stands for one interval, it was not taken after exactly one.
    const toleranceUs = kind === 'interval' ? this.#intervalUs / 2 : 1;
    for (const { stack, weight, cpuUs, timeMs } of samplesOf(table, this.#cpuUnit, this.#losses)) {
      // The first sample of a thread may only say where the time of the next begins.
      if (stack === undefined && weight === 0) continue;
      const found = this.#stack(stack, stackOf);
      const amount = whole.next(weight * scale);
      if (kind === 'bytes') this.#sink.addSample(found.id, id(found), 0, amount, found.flags);
      else {
        const taken =
          this.#isCount || timeMs === undefined ? undefined : { us: timeMs * US_PER_MS, toleranceUs };
        this.#addTime(found, id(found), amount, this.#isCount ? undefined : cpuUs, taken);
      }
    }
  }

  /**
   * What is not in the CPU time was idle. A sample that has some of both becomes two.
   *
   * @param taken when the sample was taken, if the file says so
   */
  #addTime(
    stack: ForeignStack,
    thread: ThreadId,
    timeUs: number,
    cpuUs: number | undefined,
    taken: { readonly us: number; readonly toleranceUs: number } | undefined,
  ): void {
    const running = cpuUs === undefined ? timeUs : Math.min(timeUs, Math.round(cpuUs));
    const idle = timeUs - running;
    const add = (partUs: number, endUs: number, flags: number): void => {
      if (taken) this.#threads.takenAt(thread, endUs, partUs, taken.toleranceUs);
      this.#sink.addSample(stack.id, thread, partUs, 0, flags);
    };
    const endUs = taken?.us ?? 0;
    if (running > 0 || idle === 0) add(running, endUs - idle, stack.flags);
    if (idle > 0) add(idle, endUs, stack.flags | SampleFlag.Idle);
  }

  #stack(row: number | undefined, stackOf: (row: number) => ForeignStack | undefined): ForeignStack {
    if (row === undefined) return this.#stacks.root;
    const stack = stackOf(row);
    if (stack) return stack;
    this.#losses.damage('ERR_FIREFOX_STACK', 'stacks that are not in the tables are marked invalid');
    return this.#stacks.lost;
  }
}

/** The thread that samples of a thread's tables are of: py-spy's frames, if any, know better. */
function threadIds(thread: JsonObject, threads: ForeignThreads): (stack: ForeignStack) => ThreadId {
  const pid = Number(/^\d{1,10}/.exec(String(thread['pid']))?.[0] ?? 0);
  const tid =
    typeof thread['tid'] === 'number' || typeof thread['tid'] === 'string' ? String(thread['tid']) : '0';
  const iid = wholeOf(thread['interpreterId']) ?? null;
  const title = textOf(thread['name']).replace(` (interpreter ${iid})`, '');
  // Programs make up a name where they do not know one.
  const name = title === `Thread ${tid}` || title === `Thread-${tid}` ? '' : title;
  return (stack) =>
    threads.thread(stack.pid ?? pid, iid, stack.thread?.tid ?? tid, stack.thread?.name || name);
}
