import { AustinError } from '@austin-profiler/profile';
import protobuf from 'protobufjs/minimal.js';
import { perftools } from '#pprof-messages';
import { join } from '../../pieces.js';
import { anyText } from './any-text.js';
import { Field } from './fields.js';

const { Function: FunctionMessage, Location, Mapping, Sample, ValueType } = perftools.profiles;

export type LocationFields = perftools.profiles.Location.$Properties;
export type FunctionFields = perftools.profiles.Function.$Properties;
export type SampleFields = perftools.profiles.Sample.$Properties;
export type ValueTypeFields = perftools.profiles.ValueType.$Properties;
export type MappingFields = perftools.profiles.Mapping.$Properties;

/** A pprof message in memory; of a damaged one, the part before the damage. Numbers beyond 2^53 are not exact. */
export interface PprofMessage {
  readonly sampleTypes: ValueTypeFields[];
  readonly samples: SampleFields[];
  readonly mappings: Map<number, MappingFields>;
  readonly locations: Map<number, LocationFields>;
  readonly functions: Map<number, FunctionFields>;
  readonly strings: string[];
  readonly comments: number[];
  timeNanos: number;
  durationNanos: number;
  periodType: ValueTypeFields | undefined;
  period: number;
  defaultSampleType: number;
  /** Where the message ended too early or was damaged. */
  damage: AustinError | undefined;
}

/** Decodes field by field, so that of a message that was cut all whole fields are kept. */
export async function decodePprof(chunks: AsyncIterable<Uint8Array>): Promise<PprofMessage> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(chunk.slice());
    size += chunk.length;
  }
  const reader = protobuf.Reader.create(join(parts, size));
  const message: PprofMessage = {
    sampleTypes: [],
    samples: [],
    mappings: new Map(),
    locations: new Map(),
    functions: new Map(),
    strings: [],
    comments: [],
    timeNanos: 0,
    durationNanos: 0,
    periodType: undefined,
    period: 0,
    defaultSampleType: 0,
    damage: undefined,
  };
  while (reader.pos < reader.len) {
    const offset = reader.pos;
    try {
      decodeField(reader, message);
    } catch (cause) {
      message.damage = damaged(offset, size, cause);
      break;
    }
  }
  return message;
}

function damaged(offset: number, size: number, cause: unknown): AustinError {
  const what = cause instanceof RangeError ? `ends too early, at byte ${size}` : 'is damaged';
  return new AustinError(
    'ERR_PPROF_INVALID',
    `The pprof message ${what}: its field at byte ${offset} cannot be read.`,
    {
      kind: 'data',
      offset,
      hint: 'What comes before can be read without `strict`, if the names are in it.',
      cause,
    },
  );
}

const BYTES = 2;

function decodeField(reader: protobuf.Reader, message: PprofMessage): void {
  const tag = reader.uint32();
  const field = tag >>> 3;
  const wire = tag & 7;
  if (wire === BYTES) decodeBytes(reader, field, message);
  else if (wire === 0) decodeNumber(reader, field, message);
  else reader.skipType(wire);
}

function decodeBytes(reader: protobuf.Reader, field: number, message: PprofMessage): void {
  switch (field) {
    case Field.SampleType:
      message.sampleTypes.push(ValueType.decode(reader, reader.uint32()));
      return;
    case Field.Sample:
      message.samples.push(Sample.decode(reader, reader.uint32()));
      return;
    case Field.Mapping: {
      const mapping = Mapping.decode(reader, reader.uint32());
      message.mappings.set(Number(mapping.id), mapping);
      return;
    }
    case Field.Location: {
      const location = Location.decode(reader, reader.uint32());
      message.locations.set(Number(location.id), location);
      return;
    }
    case Field.Function: {
      const fn = FunctionMessage.decode(reader, reader.uint32());
      message.functions.set(Number(fn.id), fn);
      return;
    }
    case Field.String:
      message.strings.push(anyText(reader.bytes()));
      return;
    case Field.PeriodType:
      message.periodType = ValueType.decode(reader, reader.uint32());
      return;
    case Field.Comment: {
      const end = reader.uint32() + reader.pos;
      while (reader.pos < end) message.comments.push(Number(reader.int64()));
      return;
    }
    default:
      reader.skipType(BYTES);
  }
}

function decodeNumber(reader: protobuf.Reader, field: number, message: PprofMessage): void {
  const value = Number(reader.int64());
  if (field === Field.TimeNanos) message.timeNanos = value;
  if (field === Field.DurationNanos) message.durationNanos = value;
  if (field === Field.Period) message.period = value;
  if (field === Field.Comment) message.comments.push(value);
  if (field === Field.DefaultSampleType) message.defaultSampleType = value;
}
