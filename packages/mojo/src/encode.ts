import { AustinError } from '@austin-profiler/profile';
import { eventId, eventName, isKnownEvent, type MojoEvent } from './events.js';
import { hasInterpreterId, hasPositions, MAGIC, type MojoVersion } from './version.js';
import { ByteWriter } from './wire/byte-writer.js';
import { decodeText, encodeText, writeText } from './wire/text.js';
import { writeVarint } from './wire/varint.js';

/**
 * Encodes events as MOJO bytes, header first. Integers are written in their shortest form, texts from their
 * recorded bytes where an event has them, so the events of a file in that form give the same file again.
 */
export class MojoEncoder {
  readonly version: MojoVersion;
  readonly #writer = new ByteWriter();

  /** @param header the bytes of a recorded header of this version, to be kept as they are */
  constructor(version: MojoVersion, header?: Uint8Array) {
    this.version = version;
    if (header === undefined) writeHeader(this.#writer, version);
    else this.#writer.bytes(header);
  }

  /**
   * Fields that the version does not have (interpreter ids before 3, positions before 2) are left out; an
   * interpreter id of null is written as 0.
   *
   * @throws AustinError `ERR_MOJO_UNENCODABLE` for an event that the version does not have, a text with a NUL, or a
   * number that is not an exact integer. Nothing of the event is written then
   */
  push(event: MojoEvent): void {
    const encoded = new ByteWriter(64);
    encodeEvent(encoded, event, this.version);
    this.#writer.bytes(encoded.take());
  }

  /** Appends bytes of whole events as they are, unchecked: events that are to stay as they were recorded. */
  copy(bytes: Uint8Array): void {
    this.#writer.bytes(bytes);
  }

  /** The bytes since the last call. */
  take(): Uint8Array {
    return this.#writer.take();
  }
}

/**
 * Encodes a whole file.
 *
 * @throws AustinError as {@link MojoEncoder.push} does
 */
export function encodeMojo(events: Iterable<MojoEvent>, version: MojoVersion): Uint8Array {
  const encoder = new MojoEncoder(version);
  for (const event of events) encoder.push(event);
  return encoder.take();
}

export function writeHeader(writer: ByteWriter, version: MojoVersion): void {
  for (const byte of MAGIC) writer.byte(byte);
  writeVarint(writer, version);
}

function encodeEvent(writer: ByteWriter, event: MojoEvent, version: MojoVersion): void {
  const id = eventId(event);
  if (!isKnownEvent(id, version)) {
    throw new AustinError(
      'ERR_MOJO_UNENCODABLE',
      `${eventName(id)} does not exist in MOJO version ${version}.`,
      { kind: 'data', hint: 'Write version 4.' },
    );
  }
  writer.byte(id);
  switch (event.type) {
    case 'metadata':
      writeText(writer, bytesOf(event.key, event.keyBytes));
      writeText(writer, bytesOf(event.value, event.valueBytes));
      return;
    case 'stack':
      writeVarint(writer, event.pid);
      if (hasInterpreterId(version)) writeVarint(writer, event.iid ?? 0);
      writeText(writer, bytesOf(event.thread, event.threadBytes));
      return;
    case 'frame':
      writeVarint(writer, event.key);
      writeVarint(writer, event.file);
      writeVarint(writer, event.scope);
      writeVarint(writer, event.line);
      if (!hasPositions(version)) return;
      writeVarint(writer, event.lineEnd);
      writeVarint(writer, event.column);
      writeVarint(writer, event.columnEnd);
      return;
    case 'frame-ref':
    case 'string-ref':
      writeVarint(writer, event.key);
      return;
    case 'frame-kernel':
      writeText(writer, bytesOf(event.scope, event.scopeBytes));
      return;
    case 'metric-time':
    case 'metric-memory':
      writeVarint(writer, event.value);
      return;
    case 'string':
      writeVarint(writer, event.key);
      writeText(writer, bytesOf(event.value, event.valueBytes));
      return;
    case 'task-stack':
      writeVarint(writer, event.task);
      writeVarint(writer, event.name);
      return;
    case 'task-waiter':
      writeVarint(writer, event.task);
      writeVarint(writer, event.waiter);
      return;
    case 'frame-invalid':
    case 'gc':
    case 'idle':
    case 'stack-repeat':
      return;
    default:
      assertNever(event);
  }
}

/** The bytes of a text: the recorded ones, unless the text was changed since. */
function bytesOf(text: string, recorded: Uint8Array | undefined): Uint8Array {
  const isSame = recorded !== undefined && decodeText(recorded, 0, recorded.length) === text;
  return isSame ? recorded : encodeText(text);
}

function assertNever(event: never): never {
  throw new Error(`Not a MOJO event: ${JSON.stringify(event)}`);
}
