import {
  type FunctionId,
  metadataValue,
  type Profile,
  parseThreadKey,
  SampleFlag,
  THREAD_START_KEY,
  type ThreadId,
} from '@austin-profiler/profile';
import protobuf from 'protobufjs/minimal.js';
import { perftools } from '#pprof-messages';
import type { WriteOptions } from '../../format.js';
import { NO_FRAMES, UNNAMED } from '../../synthetic-names.js';
import { THREAD_IDS_KEY, threadIdText } from '../../thread-ids.js';
import { countsSamples, type WeightType, weightTypes } from '../../weights.js';
import { Field } from './fields.js';
import { Locations } from './locations.js';
import { type MergedSamples, mergeSamples } from './merge.js';
import { StringTable } from './strings.js';

const { Function: FunctionMessage, Location, Mapping, Sample, ValueType } = perftools.profiles;

const Wire = { Varint: 0, Bytes: 2 } as const;

/** Encoded bytes are handed on after this many rows of a table: a profile is never one object. */
const ROWS_PER_PIECE = 4096;

/** The one mapping, which every location points at: pprof invents one where it finds none. */
const MAPPING_ID = 1;

/** Metadata left out: `map` has a line per mapped file region, and thread ids are written as numbers anyway. */
const NOT_COMMENTS: ReadonlySet<string> = new Set(['map', THREAD_IDS_KEY]);

const NAMES: Readonly<Record<WeightType['metric'], string>> = {
  wall: 'wall',
  cpu: 'cpu',
  allocated: 'alloc_space',
  deallocated: 'dealloc_space',
  samples: 'samples',
};

type Encode<T> = { encode(message: T, writer: protobuf.Writer): protobuf.Writer };

/** Writes a pprof message, not gzipped, in pieces that follow one another. */
export function* writePprof(profile: Profile, options: WriteOptions): Iterable<Uint8Array> {
  const strings = new StringTable();
  const locations = new Locations(profile.tables);
  const types = weightTypes(profile);
  const merged = mergeSamples(profile, locations, types);
  const out = new PieceWriter();

  for (const type of sampleTypes(profile, types)) {
    out.message(Field.SampleType, ValueType, { type: strings.id(type.name), unit: strings.id(type.unit) });
  }
  yield* samplePieces(profile, merged, locations, strings, out);
  out.message(Field.Mapping, Mapping, {
    id: MAPPING_ID,
    filename: strings.id(options.name ?? 'python'),
    hasFunctions: true,
    hasFilenames: true,
    hasLineNumbers: true,
  });
  yield* locationPieces(locations, out);
  yield* functionPieces(profile, locations, strings, out);
  writeFacts(profile, types, strings, out);
  for (const text of strings.texts()) {
    out.text(Field.String, text);
    if (out.isFull) yield out.take();
  }
  yield out.take();
}

/** `samples` counts what was merged; numbers without a unit are such counts themselves. */
function sampleTypes(
  profile: Profile,
  types: readonly WeightType[],
): readonly { readonly name: string; readonly unit: string }[] {
  const named = types.map(({ metric, unit }) => ({ name: NAMES[metric], unit }));
  return countsSamples(profile) ? named : [{ name: 'samples', unit: 'count' }, ...named];
}

function* samplePieces(
  profile: Profile,
  merged: MergedSamples,
  locations: Locations,
  strings: StringTable,
  out: PieceWriter,
): Iterable<Uint8Array> {
  const labels = threadLabels(profile, strings);
  const firstValue = countsSamples(profile) ? 1 : 0;
  const flagLabels = [
    { flag: SampleFlag.Gc, label: { key: strings.id('gc'), str: strings.id('true') } },
    { flag: SampleFlag.Idle, label: { key: strings.id('idle'), str: strings.id('true') } },
    { flag: SampleFlag.Invalid, label: { key: strings.id('invalid'), str: strings.id('true') } },
  ];
  for (let row = 0; row < merged.count; row++) {
    const flags = merged.flags(row);
    const ofThread = labels(merged.thread(row) as ThreadId);
    const ofFlags = flagLabels.filter(({ flag }) => flags & flag).map(({ label }) => label);
    out.message(Field.Sample, Sample, {
      locationId: locations.ids(merged.path(row)),
      value: merged.values(row).slice(firstValue),
      label: flags === 0 ? ofThread : [...ofThread, ...ofFlags],
    });
    if (out.isFull) yield out.take();
  }
}

type LabelFields = perftools.profiles.Label.$Properties;

/**
 * pid and tid as numbers, the rest as text. pprof drops a numeric label that is 0, and 0 is the id of the main
 * interpreter: iid must be text.
 */
function threadLabels(profile: Profile, strings: StringTable): (id: ThreadId) => LabelFields[] {
  const tidText = threadIdText(profile);
  const known: LabelFields[][] = [];
  const label = (key: string, value: number | string): LabelFields =>
    typeof value === 'number' && value > 0 && Number.isSafeInteger(value)
      ? { key: strings.id(key), num: value }
      : { key: strings.id(key), str: strings.id(String(value)) };
  return (id) => {
    known[id] ??= ((): LabelFields[] => {
      const { pid, iid, tid } = profile.tables.thread(id);
      const text = tidText(tid);
      const labels = [label('pid', pid), label('tid', /^\d{1,15}$/.test(text) ? Number(text) : text)];
      if (iid !== null) labels.push(label('iid', String(iid)));
      const name = profile.tables.threadName(id);
      if (name !== undefined && name !== '') labels.push(label('thread', name));
      return labels;
    })();
    return known[id];
  };
}

function* locationPieces(locations: Locations, out: PieceWriter): Iterable<Uint8Array> {
  let id = 0;
  for (const location of locations.all()) {
    const { line, column } = location;
    out.message(Field.Location, Location, {
      id: ++id,
      mappingId: MAPPING_ID,
      line: [{ functionId: locations.functionId(location), line, column }],
    });
    if (out.isFull) yield out.take();
  }
}

/**
 * `system_name` stays empty: where it equals the name, pprof takes names for mangled C++ and cuts what stands in
 * angle brackets, so that `<module>` and `<lambda>` have no name left.
 */
function* functionPieces(
  profile: Profile,
  locations: Locations,
  strings: StringTable,
  out: PieceWriter,
): Iterable<Uint8Array> {
  const { tables } = profile;
  for (let fn = 0; fn < tables.functionCount; fn++) {
    const name = strings.id(tables.string(tables.functionName(fn as FunctionId)) || UNNAMED);
    const filename = strings.id(tables.string(tables.functionFile(fn as FunctionId)));
    const startLine = tables.functionFirstLine(fn as FunctionId);
    out.message(Field.Function, FunctionMessage, { id: fn + 1, name, filename, startLine });
    if (out.isFull) yield out.take();
  }
  if (!locations.hasEmpty) return;
  const name = strings.id(NO_FRAMES);
  out.message(Field.Function, FunctionMessage, { id: tables.functionCount + 1, name });
}

/** What is true of the whole profile. */
function writeFacts(
  profile: Profile,
  types: readonly WeightType[],
  strings: StringTable,
  out: PieceWriter,
): void {
  const startMs = Date.parse(metadataValue(profile, 'x-start-time') ?? '');
  if (!Number.isNaN(startMs)) out.int64(Field.TimeNanos, BigInt(startMs) * 1_000_000n);

  const durationUs = positiveNumber(metadataValue(profile, 'duration')) ?? longestThreadUs(profile);
  if (durationUs > 0) out.int64(Field.DurationNanos, BigInt(Math.round(durationUs * 1000)));

  const intervalUs = positiveNumber(metadataValue(profile, 'interval'));
  if (intervalUs !== undefined) {
    const type = strings.id(profile.mode === 'cpu' ? 'cpu' : 'wall');
    out.message(Field.PeriodType, ValueType, { type, unit: strings.id('microseconds') });
    out.int64(Field.Period, BigInt(Math.round(intervalUs)));
  }
  for (const { key, value } of profile.metadata) {
    // Where nothing has a time, nobody asks for the times of threads, of which there may be one at each gap.
    if (NOT_COMMENTS.has(key) || parseThreadKey(key, THREAD_START_KEY)) continue;
    out.int64(Field.Comment, BigInt(strings.id(`${key}: ${value}`)));
  }
  out.int64(Field.DefaultSampleType, BigInt(strings.id(NAMES[types[0]!.metric])));
}

function positiveNumber(text: string | undefined): number | undefined {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

function longestThreadUs(profile: Profile): number {
  if (countsSamples(profile)) return 0;
  const { thread, timeUs, length } = profile.samples;
  const totals = new Float64Array(profile.tables.threadCount);
  for (let i = 0; i < length; i++) totals[thread[i]!]! += Math.max(0, timeUs[i]!);
  return totals.reduce((longest, total) => Math.max(longest, total), 0);
}

/** Encodes fields one after another and gives the bytes away in pieces. */
class PieceWriter {
  #writer = protobuf.Writer.create();
  #rows = 0;

  get isFull(): boolean {
    return this.#rows >= ROWS_PER_PIECE;
  }

  message<T>(field: number, type: Encode<T>, message: T): void {
    type.encode(message, this.#tag(field, Wire.Bytes).fork()).ldelim();
  }

  text(field: number, text: string): void {
    this.#tag(field, Wire.Bytes).string(text);
  }

  int64(field: number, value: bigint): void {
    // protobufjs writes a bigint as 0, and numbers beyond 2^53 are not exact: hand it the two halves.
    const low = Number(BigInt.asIntN(32, value));
    const high = Number(BigInt.asIntN(32, value >> 32n));
    this.#tag(field, Wire.Varint).int64({ low, high, unsigned: false } as never);
  }

  take(): Uint8Array {
    const bytes = this.#writer.finish();
    this.#writer = protobuf.Writer.create();
    this.#rows = 0;
    return bytes;
  }

  #tag(field: number, wire: number): protobuf.Writer {
    this.#rows++;
    return this.#writer.uint32((field << 3) | wire);
  }
}
