import type { Detection } from '../../format.js';
import { Field } from './fields.js';

const VARINT = 0;
const BYTES = 2;

/** Fields that are messages or texts; all others are numbers, of which comments may be packed into bytes. */
const BYTES_FIELDS: ReadonlySet<number> = new Set([
  Field.SampleType,
  Field.Sample,
  Field.Mapping,
  Field.Location,
  Field.Function,
  Field.String,
  Field.PeriodType,
]);
const LAST_FIELD = 15;

/**
 * A message has no signature. Field after field must be one of a profile's, with the right wire type, up to a sample
 * type, whose fields are two numbers: most writers begin with it, Go's runtime with the time.
 */
export function detectPprof(head: Uint8Array): Detection {
  let at = 0;
  while (at < head.length) {
    const tag = head[at]!;
    const field = tag >> 3;
    const wire = tag & 7;
    const isBytes = wire === BYTES && (BYTES_FIELDS.has(field) || field === Field.Comment);
    const isNumber = wire === VARINT && !BYTES_FIELDS.has(field);
    if (field === 0 || field > LAST_FIELD || (!isBytes && !isNumber)) return 'no';
    const number = varint(head, at + 1);
    if (number === undefined) return head.length - at > 10 ? 'no' : 'more';
    at = number.end;
    if (!isBytes) continue;
    const end = at + number.value;
    if (field === Field.SampleType && end > at) {
      if (end <= head.length) return isValueType(head.subarray(at, end)) ? 'yes' : 'no';
      if (number.value > 22) return 'no';
    }
    at = end;
  }
  return 'more';
}

/** Fields 1 and 2, numbers, each at most once: an index of the string table takes few bytes. */
function isValueType(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] !== 0x08 && bytes[at] !== 0x10) return false;
    const number = varint(bytes, at + 1);
    if (!number) return false;
    at = number.end;
  }
  return true;
}

/** A varint of at most 64 bits at `at`; its value is exact up to 2^53. */
function varint(bytes: Uint8Array, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 10 && at + i < bytes.length; i++) {
    const byte = bytes[at + i]!;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  return undefined;
}
