import {
  type FunctionId,
  isFactOfMapping,
  metadataValue,
  type Profile,
  parseThreadKey,
  SampleFlag,
  THREAD_START_KEY,
  type ThreadId,
} from '@austin-profiler/profile';
import type { WriteOptions } from '../../format.js';
import { NO_FRAMES, UNNAMED } from '../../synthetic-names.js';
import { THREAD_IDS_KEY, threadIdText } from '../../thread-ids.js';
import { countsSamples, type WeightType, weightTypes } from '../../weights.js';
import {
  Field,
  FunctionField,
  LabelField,
  LineField,
  LocationField,
  MappingField,
  SampleField,
  ValueTypeField,
} from './fields.js';
import { Locations } from './locations.js';
import { MappingList, type NumberedMapping } from './mappings.js';
import { type MergedSamples, mergeSamples } from './merge.js';
import { ProtoOutput, varintSize } from './proto-output.js';
import { StringTable } from './strings.js';

/** Encoded bytes are handed on when there are this many: a profile is never one object. */
const PIECE_BYTES = 1 << 17;

const NAMES: Readonly<Record<WeightType['metric'], string>> = {
  wall: 'wall',
  cpu: 'cpu',
  allocated: 'alloc_space',
  deallocated: 'dealloc_space',
  samples: 'samples',
};

/** Writes a pprof message, not gzipped, in pieces that follow one another. */
export function* writePprof(profile: Profile, options: WriteOptions): Iterable<Uint8Array> {
  const strings = new StringTable();
  const locations = new Locations(profile.tables);
  const types = weightTypes(profile);
  const merged = mergeSamples(profile, locations, types);
  const out = new ProtoOutput();

  for (const type of sampleTypes(profile, types)) {
    writeValueType(out, Field.SampleType, strings.id(type.name), strings.id(type.unit));
  }
  yield* samplePieces(profile, merged, locations, strings, out);
  const mappings = new MappingList(profile.tables, options.name ?? 'python');
  yield* locationPieces(locations, mappings, out);
  for (const mapping of mappings.all) writeMapping(out, mapping, strings);
  yield* functionPieces(profile, locations, strings, out);
  writeFacts(profile, types, strings, out);
  for (const text of strings.texts()) {
    out.text(Field.String, text);
    if (out.length >= PIECE_BYTES) yield* out.given();
  }
  yield* out.given();
}

function writeValueType(out: ProtoOutput, field: number, type: number, unit: number): void {
  out.message(field, (valueType) => {
    valueType.number(ValueTypeField.Type, type);
    valueType.number(ValueTypeField.Unit, unit);
  });
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
  out: ProtoOutput,
): Iterable<Uint8Array> {
  const ofThread = threadLabels(profile, strings);
  const hasCounts = !countsSamples(profile);
  const { weights } = merged;
  const ofFlags = [
    { flag: SampleFlag.Gc, label: labels([['gc', 'true']], strings) },
    { flag: SampleFlag.Idle, label: labels([['idle', 'true']], strings) },
    { flag: SampleFlag.Invalid, label: labels([['invalid', 'true']], strings) },
  ];
  for (let row = 0; row < merged.count; row++) {
    const path = merged.path(row);
    const flags = merged.flags(row);
    const threadLabel = ofThread(merged.thread(row) as ThreadId);
    const flagLabels = flags === 0 ? [] : ofFlags.filter(({ flag }) => flags & flag);

    // All lengths are known before: a sample is written in one go, and there are many.
    const idsSize = locations.idsSize(path);
    let valuesSize = hasCounts ? varintSize(merged.samples(row)) : 0;
    for (let at = 0; at < weights.length; at++) valuesSize += varintSize(weights[at]![row]!);
    let size =
      threadLabel.length + 1 + varintSize(idsSize) + idsSize + 1 + varintSize(valuesSize) + valuesSize;
    for (const { label } of flagLabels) size += label.length;

    out.head(Field.Sample, size);
    out.head(SampleField.LocationId, idsSize);
    locations.writeIds(path, out);
    out.head(SampleField.Value, valuesSize);
    if (hasCounts) out.varint(merged.samples(row));
    for (let at = 0; at < weights.length; at++) out.varint(weights[at]![row]!);
    out.raw(threadLabel);
    for (const { label } of flagLabels) out.raw(label);
    if (out.length >= PIECE_BYTES) yield* out.given();
  }
}

/**
 * pid and tid as numbers, the rest as text. pprof drops a numeric label that is 0, and 0 is the id of the main
 * interpreter: iid must be text.
 */
function threadLabels(profile: Profile, strings: StringTable): (id: ThreadId) => Uint8Array {
  const tidText = threadIdText(profile);
  const known: Uint8Array[] = [];
  return (id) => {
    known[id] ??= ((): Uint8Array => {
      const { pid, iid, tid } = profile.tables.thread(id);
      const text = tidText(tid);
      const found: [string, number | string][] = [
        ['pid', pid],
        ['tid', /^\d{1,15}$/.test(text) ? Number(text) : text],
      ];
      if (iid !== null) found.push(['iid', String(iid)]);
      const name = profile.tables.threadName(id);
      if (name !== undefined && name !== '') found.push(['thread', name]);
      return labels(found, strings);
    })();
    return known[id];
  };
}

/** Labels as fields of a sample. */
function labels(found: readonly (readonly [string, number | string])[], strings: StringTable): Uint8Array {
  const out = new ProtoOutput();
  for (const [key, value] of found) {
    out.message(SampleField.Label, (label) => {
      label.number(LabelField.Key, strings.id(key));
      if (typeof value === 'number' && value > 0 && Number.isSafeInteger(value))
        label.number(LabelField.Num, value);
      else label.number(LabelField.Str, strings.id(String(value)));
    });
  }
  return out.copy();
}

/** All names are there: pprof need not look for symbols, unless it is told to. */
function writeMapping(out: ProtoOutput, mapping: NumberedMapping, strings: StringTable): void {
  out.message(Field.Mapping, (message) => {
    message.number(MappingField.Id, mapping.id);
    message.number(MappingField.MemoryStart, mapping.start);
    message.number(MappingField.MemoryLimit, mapping.limit);
    message.number(MappingField.FileOffset, mapping.offset);
    message.number(MappingField.Filename, strings.id(mapping.filename));
    message.number(MappingField.BuildId, strings.id(mapping.buildId));
    message.number(MappingField.HasFunctions, 1);
    message.number(MappingField.HasFilenames, 1);
    message.number(MappingField.HasLineNumbers, 1);
  });
}

function* locationPieces(
  locations: Locations,
  mappings: MappingList,
  out: ProtoOutput,
): Iterable<Uint8Array> {
  let id = 0;
  for (const location of locations.all()) {
    out.message(Field.Location, (message) => {
      message.number(LocationField.Id, ++id);
      message.number(LocationField.MappingId, mappings.id(location));
      message.number(LocationField.Address, location.code?.address ?? 0);
      message.message(LocationField.Line, (line) => {
        line.number(LineField.FunctionId, locations.functionId(location));
        line.number(LineField.Line, location.line);
        line.number(LineField.Column, location.column);
      });
    });
    if (out.length >= PIECE_BYTES) yield* out.given();
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
  out: ProtoOutput,
): Iterable<Uint8Array> {
  const { tables } = profile;
  for (let fn = 0; fn < tables.functionCount; fn++) {
    const name = strings.id(tables.string(tables.functionName(fn as FunctionId)) || UNNAMED);
    const filename = strings.id(tables.string(tables.functionFile(fn as FunctionId)));
    out.message(Field.Function, (message) => {
      message.number(FunctionField.Id, fn + 1);
      message.number(FunctionField.Name, name);
      message.number(FunctionField.Filename, filename);
      message.number(FunctionField.StartLine, tables.functionFirstLine(fn as FunctionId));
    });
    if (out.length >= PIECE_BYTES) yield* out.given();
  }
  if (!locations.hasEmpty) return;
  out.message(Field.Function, (message) => {
    message.number(FunctionField.Id, tables.functionCount + 1);
    message.number(FunctionField.Name, strings.id(NO_FRAMES));
  });
}

/** What is true of the whole profile. */
function writeFacts(
  profile: Profile,
  types: readonly WeightType[],
  strings: StringTable,
  out: ProtoOutput,
): void {
  const startMs = Date.parse(metadataValue(profile, 'x-start-time') ?? '');
  if (!Number.isNaN(startMs)) out.number(Field.TimeNanos, BigInt(startMs) * 1_000_000n);

  const durationUs = positiveNumber(metadataValue(profile, 'duration')) ?? longestThreadUs(profile);
  if (durationUs > 0) out.number(Field.DurationNanos, BigInt(Math.round(durationUs * 1000)));

  const intervalUs = positiveNumber(metadataValue(profile, 'interval'));
  if (intervalUs !== undefined) {
    const type = strings.id(profile.mode === 'cpu' ? 'cpu' : 'wall');
    writeValueType(out, Field.PeriodType, type, strings.id('microseconds'));
    out.number(Field.Period, BigInt(Math.round(intervalUs)));
  }
  for (const { key, value } of profile.metadata) {
    // Where nothing has a time, nobody asks for the times of threads, of which there may be one at each gap.
    // Thread ids are written as numbers, and what was mapped in mappings.
    const isSaid = key === THREAD_IDS_KEY || isFactOfMapping(key);
    if (isSaid || parseThreadKey(key, THREAD_START_KEY)) continue;
    out.number(Field.Comment, strings.id(`${key}: ${value}`));
  }
  out.number(Field.DefaultSampleType, strings.id(NAMES[types[0]!.metric]));
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
