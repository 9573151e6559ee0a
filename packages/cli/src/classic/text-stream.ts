import { type MojoHandler, type MojoInt, MojoParser } from '@austin-profiler/mojo';
import { isFactOfMapping } from '@austin-profiler/profile';

/** Readers of the stream refuse lines of 64 KiB, the line end included. */
const LONGEST_LINE = 65_535;

const HEADER_KEYS = ['austin', 'interval', 'mode', 'memory', 'multiprocess'];

/** The key whose value in MOJO is what the name says it is unknown by. */
const UNKNOWN_KEY = 1;
const UNKNOWN = '<unknown>';

/** Stands for the frames in the middle of a stack that would make its line too long. */
const LEFT_OUT = ';<austin>:<frames left out>:0';

interface FrameText {
  /** With the semicolon before it. */
  readonly text: string;
  readonly bytes: number;
}

interface ProcessKeys {
  readonly strings: Map<MojoInt, string>;
  readonly frames: Map<MojoInt, FrameText>;
}

const INVALID = frameText(';:INVALID:');
const COLLECTING = frameText(';:GC:');

/**
 * The text stream of Austin 3, made of a MOJO stream of ours of version 3:
 *
 * ```
 * # austin: 3.7.0
 * # interval: 100
 * # mode: wall
 * # python: 3.12.1
 *
 * P4242;T0:4242;/app/main.py:<module>:16;/app/main.py:main:14 103
 *
 * # duration: 1001224
 * # saturation: 0/9921
 * # errors: 0/9921
 *
 * ```
 *
 * There is an empty line after the header, before the footer and after it, and nowhere else. Frames run from the
 * outermost to the innermost. What would break a line or a frame apart is written as `\x3b`.
 */
export class TextStream implements MojoHandler {
  readonly #pipe: boolean;
  readonly #parser = new MojoParser(this);
  readonly #decoder = new TextDecoder();
  readonly #processes = new Map<MojoInt, ProcessKeys>();
  readonly #header = new Map<string, string>();
  readonly #footer = new Map<string, string>();
  #isHeaderWritten = false;
  #mode = 'wall';
  #text = '';

  #keys: ProcessKeys = { strings: new Map(), frames: new Map() };
  #thread = '';
  readonly #frames: FrameText[] = [];
  #isInvalid = false;
  #isCollecting = false;
  #isIdle = false;
  #timeUs: MojoInt = 0;

  /** @param options.pipe whether a front end reads it, which gets the version of Python and the sampling times too */
  constructor(options: { pipe: boolean }) {
    this.#pipe = options.pipe;
  }

  /** The lines that this chunk completes. */
  push(chunk: Uint8Array): string {
    this.#parser.push(chunk);
    return this.#take();
  }

  /** The last lines. Nothing at all for a recording that did not begin. */
  end(): string {
    if (this.#header.size === 0) return '';
    this.#writeHeader();
    const keys = ['duration', 'gc', ...(this.#pipe ? ['sampling'] : []), 'saturation', 'errors'];
    const lines = keys
      .filter((key) => this.#footer.has(key))
      .map((key) => `# ${key}: ${this.#footer.get(key)}\n`);
    this.#text += `\n${lines.join('')}\n`;
    return this.#take();
  }

  #take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  header(): void {}

  metadata(bytes: Uint8Array, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    const key = this.#decode(bytes, keyStart, keyEnd);
    const value = this.#decode(bytes, valueStart, valueEnd).replace(/\p{Cc}/gu, escaped);
    if (key === 'mode') this.#mode = value;
    // What is mapped where comes first of all, and again whenever there is more of it.
    if (isFactOfMapping(key)) this.#text += `# ${key}: ${value}\n`;
    if (['duration', 'sampling', 'saturation', 'errors'].includes(key)) this.#footer.set(key, value);
    else if (key === 'gc' && /^\d+$/.test(value)) this.#footer.set(key, value);
    else if (HEADER_KEYS.includes(key)) this.#header.set(key, value);
    // The version of Python is the last thing that the header waits for.
    if (key !== 'python' || this.#isHeaderWritten) return;
    if (this.#pipe) this.#header.set(key, value);
    this.#writeHeader();
  }

  #writeHeader(): void {
    if (this.#isHeaderWritten) return;
    this.#isHeaderWritten = true;
    for (const [key, value] of this.#header) this.#text += `# ${key}: ${value}\n`;
    this.#text += '\n';
  }

  stack(pid: MojoInt, iid: MojoInt | null, bytes: Uint8Array, start: number, end: number): void {
    this.#writeHeader();
    const tid = this.#decode(bytes, start, end);
    this.#thread = `P${pid};T${iid ?? 0}:${/^[0-9a-f]+$/.test(tid) ? BigInt(`0x${tid}`) : tid}`;
    let keys = this.#processes.get(pid);
    if (keys === undefined) {
      keys = { strings: new Map([[UNKNOWN_KEY, UNKNOWN]]), frames: new Map() };
      this.#processes.set(pid, keys);
    }
    this.#keys = keys;
    this.#frames.length = 0;
    this.#isInvalid = this.#isCollecting = this.#isIdle = false;
  }

  string(key: MojoInt, bytes: Uint8Array, start: number, end: number): void {
    if (key !== UNKNOWN_KEY) this.#keys.strings.set(key, this.#decode(bytes, start, end));
  }

  frame(key: MojoInt, file: MojoInt, scope: MojoInt, line: MojoInt): void {
    const { strings, frames } = this.#keys;
    // Frames are read from their right end, so a colon in a file does no harm.
    const fileText = (strings.get(file) ?? '').replace(/[;\p{Cc}]/gu, escaped);
    // The scope of a native frame begins at the first colon, and names of C++ have more.
    const separators = fileText.startsWith('native@') ? /[;\p{Cc}]/gu : /[;:\p{Cc}]/gu;
    const scopeText = (strings.get(scope) ?? UNKNOWN).replace(separators, escaped);
    frames.set(key, frameText(`;${fileText}:${scopeText}:${line}`));
  }

  frameRef(key: MojoInt): void {
    this.#frames.push(this.#keys.frames.get(key) ?? frameText(`;:${UNKNOWN}:0`));
  }

  frameKernel(bytes: Uint8Array, start: number, end: number): void {
    const symbol = this.#decode(bytes, start, end).replace(/[;:\p{Cc}]/gu, escaped);
    this.#frames.push(frameText(`;kernel:${symbol}:0`));
  }

  frameInvalid(): void {
    this.#isInvalid = true;
  }

  gc(): void {
    this.#isCollecting = true;
  }

  idle(): void {
    this.#isIdle = true;
  }

  metricTime(value: MojoInt): void {
    this.#timeUs = value;
    if (this.#mode === 'wall' || this.#mode === 'cpu') this.#writeSample(`${value}`);
  }

  /** In every mode that has it, it is the last metric of a sample. */
  metricMemory(value: MojoInt): void {
    this.#writeSample(
      this.#mode === 'full' ? `${this.#timeUs},${this.#isIdle ? 1 : 0},${value}` : `${value}`,
    );
  }

  #writeSample(metrics: string): void {
    if (this.#isInvalid) this.#frames.unshift(INVALID);
    if (this.#isCollecting) this.#frames.push(COLLECTING);
    const room = LONGEST_LINE - Buffer.byteLength(this.#thread) - metrics.length - 2;
    this.#text += `${this.#thread}${joinWithin(this.#frames, room)} ${metrics}\n`;
  }

  // Nothing that a stream of ours of version 3 has.
  stringRef(): void {}
  stackRepeat(): void {}
  taskStack(): void {}
  taskWaiter(): void {}

  #decode(bytes: Uint8Array, start: number, end: number): string {
    return this.#decoder.decode(bytes.subarray(start, end));
  }
}

function frameText(text: string): FrameText {
  return { text, bytes: Buffer.byteLength(text) };
}

/** The whole stack, or both its ends: the outer frames tell where the time belongs, the inner ones what took it. */
function joinWithin(frames: readonly FrameText[], room: number): string {
  let bytes = 0;
  let text = '';
  for (const frame of frames) {
    bytes += frame.bytes;
    text += frame.text;
  }
  if (bytes <= room) return text;
  const outer = takeWithin(frames, (room - LEFT_OUT.length) / 2);
  const inner = takeWithin(frames.slice(outer.length).reverse(), (room - LEFT_OUT.length) / 2).reverse();
  return [...outer, LEFT_OUT, ...inner].join('');
}

function takeWithin(frames: readonly FrameText[], room: number): string[] {
  let bytes = 0;
  const end = frames.findIndex((frame) => {
    bytes += frame.bytes;
    return bytes > room;
  });
  return frames.slice(0, end === -1 ? frames.length : end).map(({ text }) => text);
}

function escaped(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
