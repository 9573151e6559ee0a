import { type AustinError, type Diagnostic, isAustinError } from '@austin-profiler/profile';
import type { LocatedMojoEvent, MojoEvent } from './events.js';
import { type MojoHandler, MojoParser } from './parser.js';
import type { MojoVersion } from './version.js';
import { decodeText, lostBytes } from './wire/text.js';
import type { MojoInt } from './wire/varint.js';

export interface DecodeOptions {
  /** Throw at the first damage. Otherwise the damage becomes a diagnostic and what is before it counts. */
  readonly strict?: boolean;
}

export interface DecodeEventsOptions extends DecodeOptions {
  /** Keep the bytes that each event came from, for writing it again as it was: `LocatedMojoEvent.bytes`. */
  readonly keepBytes?: boolean;
}

/** A file as its events. */
export interface DecodedMojo {
  readonly version: MojoVersion;
  readonly events: LocatedMojoEvent[];
  /** What ended the reading early; empty for an undamaged file. */
  readonly diagnostics: Diagnostic[];
}

/**
 * Decodes a MOJO stream into event objects, for tools that look at events. To read samples use `readMojo`, which
 * makes no object per event. Keys are not looked up here: an undefined one is not an error.
 */
export class MojoDecoder {
  readonly diagnostics: Diagnostic[] = [];
  readonly #strict: boolean;
  readonly #collector: EventCollector;
  readonly #parser: MojoParser;

  constructor(options: DecodeEventsOptions = {}) {
    this.#strict = options.strict ?? false;
    this.#collector = new EventCollector(options.keepBytes ?? false);
    this.#parser = new MojoParser(this.#collector);
    this.#collector.parser = this.#parser;
  }

  /** Undefined until the header is read. */
  get version(): MojoVersion | undefined {
    return this.#parser.version;
  }

  /** Offset of the first byte that is not part of an event handed out, or of the header; that of the damage if any. */
  get offset(): number {
    return this.#parser.offset;
  }

  /** The header as recorded: empty until it is read. */
  get header(): Uint8Array {
    return this.#collector.headerBytes;
  }

  /** Whether damage ended the reading: further input is ignored. Never true when strict. */
  get isStopped(): boolean {
    return this.diagnostics.length > 0;
  }

  /**
   * The events that this chunk completes.
   *
   * @throws AustinError of kind `data` for a file that is not MOJO 1 to 4; when strict, for any damage
   */
  push(chunk: Uint8Array): LocatedMojoEvent[] {
    if (!this.isStopped) this.#attempt(() => this.#parser.push(chunk));
    return this.#collector.take();
  }

  /**
   * Says that the input is over. There are no further events.
   *
   * @throws AustinError `ERR_MOJO_EMPTY`, `ERR_MOJO_NOT_MOJO`, `ERR_MOJO_TRUNCATED`; the last only when strict or if
   * not even the header is whole
   */
  end(): void {
    if (!this.isStopped) this.#attempt(() => this.#parser.end());
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (this.#strict || this.version === undefined || !isAustinError(error)) throw error;
      this.diagnostics.push(toDiagnostic(error));
    }
  }
}

/**
 * Decodes a whole file.
 *
 * @throws AustinError as {@link MojoDecoder} does
 */
export function decodeMojo(bytes: Uint8Array, options: DecodeEventsOptions = {}): DecodedMojo {
  const decoder = new MojoDecoder(options);
  const events = decoder.push(bytes);
  decoder.end();
  return { version: decoder.version!, events, diagnostics: decoder.diagnostics };
}

/** The damage that an error tells of, as a lenient reader reports it. */
export function toDiagnostic(error: AustinError): Diagnostic {
  const { code, message, offset } = error;
  return offset === undefined ? { code, message, count: 1 } : { code, message, offset, count: 1 };
}

class EventCollector implements MojoHandler {
  parser!: MojoParser;
  headerBytes = new Uint8Array(0);
  readonly #keepBytes: boolean;
  #events: LocatedMojoEvent[] = [];

  constructor(keepBytes: boolean) {
    this.#keepBytes = keepBytes;
  }

  take(): LocatedMojoEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  header(): void {
    this.headerBytes = this.parser.eventBytes.slice();
  }

  metadata(bytes: Uint8Array, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    const key = decodeText(bytes, keyStart, keyEnd);
    const value = decodeText(bytes, valueStart, valueEnd);
    const keyBytes = lostBytes(key, bytes, keyStart, keyEnd);
    const valueBytes = lostBytes(value, bytes, valueStart, valueEnd);
    this.#add({
      type: 'metadata',
      key,
      value,
      ...(keyBytes && { keyBytes }),
      ...(valueBytes && { valueBytes }),
    });
  }

  stack(pid: MojoInt, iid: MojoInt | null, bytes: Uint8Array, start: number, end: number): void {
    const thread = decodeText(bytes, start, end);
    const threadBytes = lostBytes(thread, bytes, start, end);
    this.#add({ type: 'stack', pid, iid, thread, ...(threadBytes && { threadBytes }) });
  }

  frame(
    key: MojoInt,
    file: MojoInt,
    scope: MojoInt,
    line: MojoInt,
    lineEnd: MojoInt,
    column: MojoInt,
    columnEnd: MojoInt,
  ): void {
    this.#add({ type: 'frame', key, file, scope, line, lineEnd, column, columnEnd });
  }

  frameInvalid(): void {
    this.#add({ type: 'frame-invalid' });
  }

  frameRef(key: MojoInt): void {
    this.#add({ type: 'frame-ref', key });
  }

  frameKernel(bytes: Uint8Array, start: number, end: number): void {
    const scope = decodeText(bytes, start, end);
    const scopeBytes = lostBytes(scope, bytes, start, end);
    this.#add({ type: 'frame-kernel', scope, ...(scopeBytes && { scopeBytes }) });
  }

  gc(): void {
    this.#add({ type: 'gc' });
  }

  idle(): void {
    this.#add({ type: 'idle' });
  }

  metricTime(value: MojoInt): void {
    this.#add({ type: 'metric-time', value });
  }

  metricMemory(value: MojoInt): void {
    this.#add({ type: 'metric-memory', value });
  }

  string(key: MojoInt, bytes: Uint8Array, start: number, end: number): void {
    const value = decodeText(bytes, start, end);
    const valueBytes = lostBytes(value, bytes, start, end);
    this.#add({ type: 'string', key, value, ...(valueBytes && { valueBytes }) });
  }

  stringRef(key: MojoInt): void {
    this.#add({ type: 'string-ref', key });
  }

  stackRepeat(): void {
    this.#add({ type: 'stack-repeat' });
  }

  taskStack(task: MojoInt, name: MojoInt): void {
    this.#add({ type: 'task-stack', task, name });
  }

  taskWaiter(task: MojoInt, waiter: MojoInt): void {
    this.#add({ type: 'task-waiter', task, waiter });
  }

  #add(event: MojoEvent): void {
    const { offset, size } = this.parser;
    if (this.#keepBytes) this.#events.push({ ...event, offset, size, bytes: this.parser.eventBytes.slice() });
    else this.#events.push({ ...event, offset, size });
  }
}
