import type { ProfileSink } from '@austin-profiler/profile';
import { type Entry, ForeignStacks, ForeignThreads } from '../../foreign-stacks.js';
import type { ReadOptions } from '../../format.js';
import { forEachLine } from '../../lines.js';
import { Losses } from '../../losses.js';
import { WholeSeries } from '../../quantities.js';
import { WEIGHT_UNIT_KEY } from '../../weights.js';
import { parseFrame, splitFrameLine } from './frame.js';
import { isClock, type PerfHeader, parseHeader } from './header.js';

/** Frames are remembered by their text, and forgotten all at once when there are this many. */
const MAX_KNOWN_FRAMES = 1 << 16;

const NS_PER_US = 1000;

/**
 * Reads what `perf script` prints: a line for each sample, its call chain below, innermost first, and an empty line. Of
 * clock events the period is CPU time; samples of all other events are counted. The first sample decides; samples of
 * other events are left out.
 *
 * @throws AustinError ERR_PERF_LINE with the line, in strict mode; else bad lines become diagnostics
 */
export async function readPerf(
  chunks: AsyncIterable<Uint8Array>,
  sink: ProfileSink,
  options: ReadOptions,
): Promise<void> {
  const losses = new Losses(sink, options.strict);
  const reader = new PerfReader(sink, losses);
  await forEachLine(chunks, (line, number) => reader.read(line, number));
  reader.end();
  losses.report();
}

class PerfReader {
  readonly #sink: ProfileSink;
  readonly #losses: Losses;
  readonly #stacks: ForeignStacks;
  readonly #threads: ForeignThreads;
  readonly #entries = new Map<string, Entry>();
  /** By thread. */
  readonly #times: WholeSeries[] = [];
  #header: PerfHeader | undefined;
  #headerLine = 0;
  /** Innermost first. */
  #frames: Entry[] = [];
  /** The event of the first sample, and whether it is time. */
  #kind: { readonly event: string; readonly isTime: boolean } | undefined;

  constructor(sink: ProfileSink, losses: Losses) {
    this.#sink = sink;
    this.#losses = losses;
    this.#stacks = new ForeignStacks(sink);
    this.#threads = new ForeignThreads(sink);
  }

  read(line: string, number: number): void {
    if (line.startsWith('#')) return;
    if (line === '') {
      this.#finish();
      return;
    }
    const header = parseHeader(line);
    if (header) {
      this.#finish();
      this.#header = header;
      this.#headerLine = number;
      const only = splitFrameLine(` ${header.rest}`);
      if (only && / \(.*\)$/.test(header.rest)) this.#frames.push(this.#entry(only.address, only.text));
      return;
    }
    const frame = this.#header && splitFrameLine(line);
    if (frame) this.#frames.push(this.#entry(frame.address, frame.text));
    else
      this.#losses.damage('ERR_PERF_LINE', `line ${number} is no sample, no frame and not empty`, {
        line: number,
      });
  }

  /** Ends the input. A sample that no empty line follows may have lost its outermost frames. */
  end(): void {
    if (!this.#header) return;
    const line = this.#headerLine;
    this.#header = undefined;
    this.#losses.damage(
      'ERR_PERF_LINE',
      `the input ends within the sample of line ${line}, which is left out`,
      { line },
    );
  }

  #entry(address: string, text: string): Entry {
    // Whether an address is the kernel's is all that matters of it.
    const key = `${address.startsWith('ffff') ? address.length : 0} ${text}`;
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = this.#stacks.entry(parseFrame(address, text));
      if (this.#entries.size >= MAX_KNOWN_FRAMES) this.#entries.clear();
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #finish(): void {
    const header = this.#header;
    if (!header) return;
    const { pid, tid, command, event, period } = header;
    const kind = this.#kind ?? this.#decide(header);
    const stack = this.#stacks.stack(this.#frames.reverse());
    this.#header = undefined;
    this.#frames = [];
    if (event !== kind.event) {
      this.#losses.unheld(
        'ERR_WEIGHT_NOT_HELD',
        `samples of "${event}" are left out: the first is of "${kind.event}"`,
      );
      return;
    }
    const thread = this.#threads.thread(pid, null, tid, command);
    this.#times[thread] ??= new WholeSeries(this.#losses);
    const weight = kind.isTime ? this.#times[thread].next((period ?? 0) / NS_PER_US) : 1;
    this.#sink.addSample(stack.id, thread, weight, 0, stack.flags);
  }

  #decide({ event, period }: PerfHeader): { event: string; isTime: boolean } {
    const kind = { event, isTime: isClock(event) && period !== undefined };
    this.#kind = kind;
    if (kind.isTime) this.#sink.addMetadata('mode', 'cpu');
    else this.#sink.addMetadata(WEIGHT_UNIT_KEY, 'count');
    this.#sink.addMetadata('x-event', event);
    return kind;
  }
}
