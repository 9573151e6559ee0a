import { AustinError } from '@austin-profiler/profile';
import { EventId, eventName, isKnownEvent, lastEventId } from './events.js';
import { LOOK_BYTES, looksLike } from './looks-like.js';
import { checkVersion, hasInterpreterId, hasPositions, MAGIC, type MojoVersion } from './version.js';
import { type ByteReader, createByteReader } from './wire/byte-reader.js';
import { checkTextLength, readText } from './wire/text.js';
import { type MojoInt, readVarint, toMojoInt } from './wire/varint.js';

/**
 * Receives the events of a file, in order, as bare values: no object is made per event. A text comes as a range of
 * `bytes`, its NUL not included; the bytes are the parser's and valid only during the call. A method may throw to
 * stop the parser.
 */
export interface MojoHandler {
  header(version: MojoVersion): void;
  metadata(bytes: Uint8Array, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void;
  /** @param iid null in versions 1 and 2 */
  stack(pid: MojoInt, iid: MojoInt | null, bytes: Uint8Array, threadStart: number, threadEnd: number): void;
  frame(
    key: MojoInt,
    file: MojoInt,
    scope: MojoInt,
    line: MojoInt,
    lineEnd: MojoInt,
    column: MojoInt,
    columnEnd: MojoInt,
  ): void;
  frameInvalid(): void;
  /**
   * Takes references to frames by their bytes, if it knows these from an earlier sample: most samples begin with the
   * frames of the one before. Optional.
   *
   * @param start index in `bytes` of the first reference
   * @returns the index of the last reference that it took, -1 for none
   */
  knownFrameRefs?(bytes: Uint8Array, start: number): number;
  /** @param start index in `bytes` of the event, which ends at `end` */
  frameRef(key: MojoInt, bytes: Uint8Array, start: number, end: number): void;
  frameKernel(bytes: Uint8Array, scopeStart: number, scopeEnd: number): void;
  gc(): void;
  idle(): void;
  metricTime(value: MojoInt): void;
  metricMemory(value: MojoInt): void;
  string(key: MojoInt, bytes: Uint8Array, valueStart: number, valueEnd: number): void;
  stringRef(key: MojoInt): void;
  stackRepeat(): void;
  taskStack(task: MojoInt, name: MojoInt): void;
  taskWaiter(task: MojoInt, waiter: MojoInt): void;
}

/**
 * Takes MOJO bytes in chunks with any borders and calls a {@link MojoHandler} for each whole event. An event that a
 * chunk cuts is read again from its start when the rest is there; its bytes are copied, so the caller may reuse
 * a chunk after `push`.
 */
export class MojoParser {
  readonly #handler: MojoHandler;
  readonly #reader: ByteReader = createByteReader();
  #version: MojoVersion | undefined;
  #positions = false;
  #interpreters = false;
  /** Bytes of the event that the last chunk cut: `#tail[0 .. #tailLength)`. */
  #tail = new Uint8Array(0);
  #tailLength = 0;
  /** Index in the tail of a text whose NUL has not come, or -1. Without a NUL there is nothing to retry. */
  #openText = -1;
  /** Index in the reader's bytes of the event being handled. */
  #start = 0;
  /** The last event handled whole: its id (0 = none) and its index, which is negative if an earlier chunk had it. */
  #goodId = 0;
  #goodStart = 0;
  #failure: unknown;

  constructor(handler: MojoHandler) {
    this.#handler = handler;
  }

  /** Undefined until the header is read. */
  get version(): MojoVersion | undefined {
    return this.#version;
  }

  /** Offset in the input of the event being handled; between calls, of the first byte not handled yet. */
  get offset(): number {
    return this.#reader.base + this.#start;
  }

  /** Length in bytes of the event being handled. */
  get size(): number {
    return this.#reader.at - this.#start;
  }

  /** The bytes of the event being handled: a view, valid during the call. */
  get eventBytes(): Uint8Array {
    return this.#reader.bytes.subarray(this.#start, this.#reader.at);
  }

  /**
   * @throws AustinError of kind `data` with the offset of the damage; after that, every call throws it again.
   * Codes: `ERR_MOJO_NOT_MOJO`, `ERR_MOJO_VERSION`, `ERR_MOJO_UNKNOWN_EVENT`, `ERR_MOJO_VARINT`,
   * `ERR_MOJO_TEXT_TOO_LONG`, and what the handler throws
   */
  push(chunk: Uint8Array): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      if (this.#tailLength === 0) {
        this.#parse(chunk, false);
        return;
      }
      const isStillOpen = this.#openText >= 0 && !chunk.includes(0);
      this.#keep(chunk);
      if (isStillOpen) checkTextLength(this.#reader, this.#openText, this.#tailLength);
      else this.#parse(this.#tail.subarray(0, this.#tailLength), true);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /**
   * Says that the input is over.
   *
   * @throws AustinError `ERR_MOJO_EMPTY` for no input at all, `ERR_MOJO_NOT_MOJO`, or `ERR_MOJO_TRUNCATED` with the
   * offset of the event that is cut
   */
  end(): void {
    if (this.#failure !== undefined) throw this.#failure;
    const offset = this.#reader.base;
    if (this.#version !== undefined) {
      if (this.#tailLength === 0) return;
      const name = eventName(this.#tail[0]!);
      throw truncated(offset, `inside the event ${name} that starts at byte ${offset}`);
    }
    if (this.#tailLength === 0) {
      throw new AustinError(
        'ERR_MOJO_EMPTY',
        'The file is empty; expected at least the 4 bytes of a MOJO header.',
        {
          kind: 'data',
          offset: 0,
          hint: 'The recorder may have failed before it wrote anything; look at what it printed.',
        },
      );
    }
    checkMagic(this.#tail.subarray(0, this.#tailLength), true);
    throw truncated(0, 'inside its header');
  }

  #keep(chunk: Uint8Array): void {
    const length = this.#tailLength + chunk.length;
    if (length > this.#tail.length) {
      const grown = new Uint8Array(Math.max(length, this.#tail.length * 2, 256));
      grown.set(this.#tail.subarray(0, this.#tailLength));
      this.#tail = grown;
    }
    this.#tail.set(chunk, this.#tailLength);
    this.#tailLength = length;
  }

  /** Handles every whole event in `bytes`, which follow the input handled so far, and keeps the rest. */
  #parse(bytes: Uint8Array, isTail: boolean): void {
    const reader = this.#reader;
    reader.bytes = bytes;
    reader.at = 0;
    reader.isShort = false;
    reader.openText = -1;
    this.#start = 0;
    if (this.#version !== undefined || this.#header()) this.#events();

    const start = this.#start;
    reader.base += start;
    this.#openText = reader.openText < 0 ? -1 : reader.openText - start;
    if (isTail) {
      this.#tail.copyWithin(0, start, this.#tailLength);
      this.#tailLength -= start;
    } else if (start < bytes.length) {
      this.#keep(bytes.subarray(start));
    }
    reader.at -= start;
    this.#goodStart -= start;
    this.#start = 0;
  }

  /** Reads the header; false if it is not all there. */
  #header(): boolean {
    const reader = this.#reader;
    if (!checkMagic(reader.bytes, false)) return false;
    reader.at = MAGIC.length;
    const value = readVarint(reader);
    if (reader.isShort) return false;
    const version = checkVersion(value);
    this.#version = version;
    this.#positions = hasPositions(version);
    this.#interpreters = hasInterpreterId(version);
    this.#handler.header(version);
    this.#start = reader.at;
    return true;
  }

  #events(): void {
    const reader = this.#reader;
    const handler = this.#handler;
    const bytes = reader.bytes;
    const length = bytes.length;
    while (reader.at < length) {
      this.#start = reader.at;
      const id = bytes[reader.at++]!;
      switch (id) {
        case EventId.FrameRef: {
          // Behind a reference that was not known, none is.
          const isFirst = this.#goodId !== EventId.FrameRef;
          const known = isFirst ? (handler.knownFrameRefs?.(bytes, this.#start) ?? -1) : -1;
          if (known >= 0) {
            this.#start = known;
            reader.at = known + 1;
            readVarint(reader);
            break;
          }
          const key = readVarint(reader);
          if (reader.isShort) return;
          handler.frameRef(key, bytes, this.#start, reader.at);
          break;
        }
        case EventId.MetricTime: {
          const value = readVarint(reader);
          if (reader.isShort) return;
          handler.metricTime(value);
          break;
        }
        case EventId.Stack: {
          const pid = readVarint(reader);
          const iid = this.#interpreters ? toSigned(readVarint(reader)) : null;
          const start = reader.at;
          const end = readText(reader);
          if (reader.isShort) return;
          handler.stack(pid, iid, bytes, start, end);
          break;
        }
        case EventId.Gc:
          handler.gc();
          break;
        case EventId.Idle:
          handler.idle();
          break;
        default:
          this.#rareEvent(id);
          if (reader.isShort) return;
      }
      this.#goodId = id;
      this.#goodStart = this.#start;
    }
    this.#start = reader.at;
  }

  /** Definitions and what else does not come with every sample. */
  #rareEvent(id: number): void {
    const reader = this.#reader;
    const handler = this.#handler;
    const bytes = reader.bytes;
    if (!isKnownEvent(id, this.#version!)) throw this.#unknownEvent(id);
    switch (id) {
      case EventId.MetricMemory: {
        const value = readVarint(reader);
        if (!reader.isShort) handler.metricMemory(value);
        break;
      }
      case EventId.String: {
        const key = readVarint(reader);
        const start = reader.at;
        const end = readText(reader);
        if (!reader.isShort) handler.string(key, bytes, start, end);
        break;
      }
      case EventId.Frame: {
        const key = readVarint(reader);
        const file = readVarint(reader);
        const scope = readVarint(reader);
        const line = readVarint(reader);
        const lineEnd = this.#positions ? readVarint(reader) : 0;
        const column = this.#positions ? readVarint(reader) : 0;
        const columnEnd = this.#positions ? readVarint(reader) : 0;
        if (!reader.isShort) handler.frame(key, file, scope, line, lineEnd, column, columnEnd);
        break;
      }
      case EventId.Metadata: {
        const keyStart = reader.at;
        const keyEnd = readText(reader);
        const valueStart = reader.at;
        const valueEnd = readText(reader);
        if (!reader.isShort) handler.metadata(bytes, keyStart, keyEnd, valueStart, valueEnd);
        break;
      }
      case EventId.FrameInvalid:
        handler.frameInvalid();
        break;
      case EventId.FrameKernel: {
        const start = reader.at;
        const end = readText(reader);
        if (!reader.isShort) handler.frameKernel(bytes, start, end);
        break;
      }
      case EventId.StringRef: {
        const key = readVarint(reader);
        if (!reader.isShort) handler.stringRef(key);
        break;
      }
      case EventId.StackRepeat:
        handler.stackRepeat();
        break;
      case EventId.TaskStack: {
        const task = readVarint(reader);
        const name = readVarint(reader);
        if (!reader.isShort) handler.taskStack(task, name);
        break;
      }
      case EventId.TaskWaiter: {
        const task = readVarint(reader);
        const waiter = readVarint(reader);
        if (!reader.isShort) handler.taskWaiter(task, waiter);
        break;
      }
    }
  }

  #unknownEvent(id: number): AustinError {
    const offset = this.offset;
    const before =
      this.#goodId === 0
        ? 'directly after the header'
        : `after ${eventName(this.#goodId)} at byte ${this.#reader.base + this.#goodStart}`;
    return new AustinError(
      'ERR_MOJO_UNKNOWN_EVENT',
      `Unknown event ${id} at byte ${offset}, ${before}; MOJO version ${this.#version} has events 1 to ` +
        `${lastEventId(this.#version!)}.`,
      { kind: 'data', offset, hint: 'Events carry no length, so nothing behind this one can be read.' },
    );
  }
}

const TWO_63 = 1n << 63n;
const TWO_64 = 1n << 64n;

/** Recorders before Austin 4.0 wrote a negative interpreter id as its 64-bit two's complement. */
function toSigned(iid: MojoInt): MojoInt {
  return typeof iid === 'bigint' && iid >= TWO_63 ? toMojoInt(iid - TWO_64) : iid;
}

/** Whether the input starts as MOJO does; false if that takes more bytes to tell. */
function checkMagic(head: Uint8Array, isAll: boolean): boolean {
  const isMojo = MAGIC.every((byte, i) => i >= head.length || head[i] === byte);
  if (isMojo) return head.length > MAGIC.length;
  if (!isAll && head.length < LOOK_BYTES) return false;
  throw new AustinError(
    'ERR_MOJO_NOT_MOJO',
    `This is not a MOJO file: it looks like ${looksLike(head)}; expected it to start with the bytes "MOJ".`,
    { kind: 'data', offset: 0 },
  );
}

function truncated(offset: number, where: string): AustinError {
  return new AustinError('ERR_MOJO_TRUNCATED', `The file ends ${where}.`, {
    kind: 'data',
    offset,
    hint: 'The recording was cut off or is still being written; the samples before this are whole.',
  });
}
