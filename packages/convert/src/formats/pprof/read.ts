import {
  AustinError,
  FrameKind,
  MERGED_SAMPLES_KEY,
  type ProfileSink,
  SampleFlag,
  type ThreadId,
} from '@austin-profiler/profile';
import { type Entry, type ForeignStack, ForeignStacks, ForeignThreads } from '../../foreign-stacks.js';
import type { ReadOptions } from '../../format.js';
import { positionOf } from '../../json.js';
import { Losses } from '../../losses.js';
import { microsecondsIn, WholeSeries } from '../../quantities.js';
import { isFactOfThread } from '../../thread-ids.js';
import { WEIGHT_UNIT_KEY } from '../../weights.js';
import { factsOf, type Label } from './labels.js';
import { machineCodeOf, type NamedMapping } from './machine-code.js';
import { decodePprof, type PprofMessage, type SampleFields } from './message.js';
import { type Chosen, type ChosenValues, chooseValues } from './weights.js';

/**
 * Reads a pprof message of any program: time, memory or counts, inlined calls, labels of threads. Values and labels
 * that a profile has no place for are named in its diagnostics.
 *
 * @throws AustinError ERR_PPROF_INVALID with the byte offset, when no sample type can be read, and in strict mode for
 * any damage; in strict mode also ERR_PPROF_SAMPLE, ERR_PPROF_LOCATION and ERR_PPROF_FUNCTION
 */
export async function readPprof(
  chunks: AsyncIterable<Uint8Array>,
  sink: ProfileSink,
  options: ReadOptions,
): Promise<void> {
  const message = await decodePprof(chunks);
  if (message.damage && options.strict) throw message.damage;
  const text = textsOf(message);
  const types = message.sampleTypes.map(({ type, unit }) => ({ type: text(type), unit: text(unit) }));
  if (!types.some(({ type }) => type !== '')) throw message.damage ?? noTypes();
  const losses = new Losses(sink, options.strict);
  const values = chooseValues(types, text(message.defaultSampleType));

  addFacts(message, values, text, sink);
  const foreign = new ForeignStacks(sink);
  const stacks = stacksOf(message, text, foreign, losses);
  const threads = new ForeignThreads(sink);
  const series = new SeriesByThread(losses);
  for (const sample of message.samples) {
    const labels = (sample.label ?? []).map((label): Label => {
      const value = Number(label.str) === 0 ? String(Number(label.num ?? 0)) : text(label.str);
      return { key: text(label.key), value };
    });
    const facts = factsOf(labels);
    for (const key of facts.dropped) {
      losses.unheld('ERR_LABEL_NOT_HELD', `a profile has no place for the label "${key}"`);
    }
    if ((sample.value ?? []).length !== types.length) {
      losses.damage('ERR_PPROF_SAMPLE', 'samples that have not a value for each type are left out');
      continue;
    }
    const found = stacks(sample);
    if (!found)
      losses.damage(
        'ERR_PPROF_LOCATION',
        'stacks of samples whose locations are not there are marked invalid',
      );
    const stack = found ?? foreign.lost;
    const ofFrames = stack.thread;
    const name = ofFrames?.name || facts.threadName;
    const thread = threads.thread(stack.pid ?? facts.pid, facts.iid, ofFrames?.tid ?? facts.tid, name);
    const of = (chosen: Chosen | undefined): number | undefined =>
      chosen && series.next(thread, chosen, Number(sample.value![chosen.at]) * chosen.scale);
    addRows(sink, stack, thread, stack.flags | facts.flags, values, of, losses);
  }
  if (values.dropped.length > 0) {
    const message = `a profile has no place for the values ${values.dropped.join(', ')}`;
    losses.unheld('ERR_WEIGHT_NOT_HELD', message);
  }
  const { damage } = message;
  if (damage) {
    const { code, offset } = damage;
    sink.addDiagnostic({ code, message: damage.message, ...(offset !== undefined && { offset }), count: 1 });
  }
  losses.report();
}

function noTypes(): AustinError {
  return new AustinError(
    'ERR_PPROF_INVALID',
    'The pprof message has no sample type: its values have no meaning.',
    {
      kind: 'data',
      offset: 0,
      hint: 'Check with `go tool pprof -raw` that it is a profile.',
    },
  );
}

type Text = (index: unknown) => string;

function textsOf({ strings }: PprofMessage): Text {
  return (index) => strings[Number(index ?? 0)] ?? '';
}

/** What holds for the whole file, as metadata. Facts about single threads name them by ids that are not the labels'. */
function addFacts(message: PprofMessage, values: ChosenValues, text: Text, sink: ProfileSink): void {
  const { mode, count } = values;
  const said = new Set(['mode']);
  for (const comment of message.comments) {
    const match = /^([a-z][a-z-]*(?::\S+)?): (.*)$/s.exec(text(comment));
    if (!match || said.has(match[1]!) || isFactOfThread(match[1]!)) continue;
    said.add(match[1]!);
    sink.addMetadata(match[1]!, match[2]!);
  }
  if (count) sink.addMetadata(WEIGHT_UNIT_KEY, 'count');
  else sink.addMetadata('mode', mode);
  const add = (key: string, value: string | undefined): void => {
    if (value !== undefined && !said.has(key)) sink.addMetadata(key, value);
  };
  const start = new Date(message.timeNanos / 1e6);
  if (message.timeNanos > 0 && !Number.isNaN(start.getTime())) add('x-start-time', start.toISOString());
  if (message.durationNanos > 0) add('duration', String(Math.round(message.durationNanos / 1e3)));
  const scale = microsecondsIn(text(message.periodType?.unit));
  if (message.period > 0 && scale !== undefined) add('interval', String(Math.round(message.period * scale)));
  // The samples of a row may have been taken at any time.
  add(MERGED_SAMPLES_KEY, samplesTaken(message, values) ?? 'unknown');
}

function samplesTaken({ samples }: PprofMessage, values: ChosenValues): string | undefined {
  const chosen = values.samples;
  if (!chosen) return undefined;
  const taken = samples.reduce((sum, { value }) => sum + Number(value?.[chosen.at] ?? 0), 0);
  return taken > 0 && Number.isSafeInteger(taken) ? String(taken) : undefined;
}

/** The stack of a sample; undefined if one of its locations is missing. */
function stacksOf(
  message: PprofMessage,
  text: Text,
  stacks: ForeignStacks,
  losses: Losses,
): (sample: SampleFields) => ForeignStack | undefined {
  const known = [new Map<number, readonly Entry[] | undefined>(), new Map()] as const;
  const entriesOf = (id: number, isCall: boolean): readonly Entry[] | undefined => {
    const entries = known[isCall ? 1 : 0];
    if (!entries.has(id)) entries.set(id, locationEntries(message, id, isCall, text, stacks, losses));
    return entries.get(id);
  };
  return (sample) => {
    const ids = (sample.locationId ?? []).map(Number);
    // What is in the kernel was called by an instruction, and not from one that it returns to.
    const inKernel = ids.findIndex((id) => !isKernel(message, id, text));
    let stack = stacks.root;
    for (const [at, id] of [...ids.entries()].reverse()) {
      const entries = entriesOf(id, inKernel >= 0 && at > inKernel);
      if (!entries) return undefined;
      for (const entry of entries) stack = stacks.child(stack, entry);
    }
    return stack;
  };
}

function mappingOf(message: PprofMessage, id: number, text: Text): NamedMapping | undefined {
  const fields = message.mappings.get(Number(message.locations.get(id)?.mappingId ?? 0));
  return fields && { fields, file: text(fields.filename), buildId: text(fields.buildId) };
}

function isKernel(message: PprofMessage, id: number, text: Text): boolean {
  const location = message.locations.get(id);
  return (
    location !== undefined &&
    machineCodeOf(location, mappingOf(message, id, text), '', false).kind === FrameKind.Kernel
  );
}

/** The frames of a location, outermost first: pprof has the innermost of inlined calls first. */
function locationEntries(
  message: PprofMessage,
  id: number,
  isCall: boolean,
  text: Text,
  stacks: ForeignStacks,
  losses: Losses,
): readonly Entry[] | undefined {
  const location = message.locations.get(id);
  if (!location) return undefined;
  const lines = location.line ?? [];
  const mapping = mappingOf(message, id, text);
  const address = `0x${Number(location.address ?? 0).toString(16)}`;
  if (lines.length === 0) {
    const file = mapping?.file ?? '';
    const code = machineCodeOf(location, mapping, file, isCall);
    return [stacks.entry({ name: address, file, kind: FrameKind.Native, ...code })];
  }
  return [...lines].reverse().map((line) => {
    const fn = message.functions.get(Number(line.functionId ?? 0));
    const name = text(fn?.name) || text(fn?.systemName);
    if (name === '')
      losses.damage('ERR_PPROF_FUNCTION', 'functions without a name are called by their address');
    const file = text(fn?.filename);
    return stacks.entry({
      name: name === '' ? address : name,
      file,
      firstLine: positionOf(Number(fn?.startLine ?? 0)),
      line: positionOf(Number(line.line ?? 0)),
      column: positionOf(Number(line.column ?? 0)),
      ...machineCodeOf(location, mapping, file, isCall),
    });
  });
}

/** Keeps the sum of each value of each thread, whatever is rounded. */
class SeriesByThread {
  readonly #losses: Losses;
  readonly #series: WholeSeries[][] = [];

  constructor(losses: Losses) {
    this.#losses = losses;
  }

  next(thread: ThreadId, { at }: Chosen, amount: number): number {
    this.#series[thread] ??= [];
    const ofThread = this.#series[thread];
    ofThread[at] ??= new WholeSeries(this.#losses);
    return ofThread[at].next(amount);
  }
}

/** A row of a profile has one time and one change of memory: a sample that sums up more of them becomes several. */
function addRows(
  sink: ProfileSink,
  stack: ForeignStack,
  thread: ThreadId,
  flags: number,
  values: ChosenValues,
  of: (chosen: Chosen | undefined) => number | undefined,
  losses: Losses,
): void {
  const cpu = of(values.cpu);
  const wall = of(values.wall);
  const time = wall ?? cpu ?? of(values.count) ?? 0;
  const allocated = of(values.allocated) ?? 0;
  const deallocated = of(values.deallocated) ?? 0;
  if (time < 0 || (cpu ?? 0) < 0) {
    losses.damage(
      'ERR_PPROF_SAMPLE',
      'times below 0, as a difference of two profiles has them, are left out',
    );
    return;
  }
  // Where CPU time is given, what is not in it was idle; where it is not, only the label says.
  const idle = cpu === undefined || wall === undefined ? 0 : Math.max(0, wall - cpu);
  const isAllIdle = idle > 0 && idle === time;
  const rowFlags = isAllIdle ? flags | SampleFlag.Idle : flags;
  const split = idle > 0 && !isAllIdle;
  sink.addSample(
    stack.id,
    thread,
    split ? time - idle : time,
    allocated !== 0 ? allocated : 0 - deallocated,
    rowFlags,
  );
  if (split) sink.addSample(stack.id, thread, idle, 0, flags | SampleFlag.Idle);
  if (allocated !== 0 && deallocated !== 0) sink.addSample(stack.id, thread, 0, -deallocated, rowFlags);
}
