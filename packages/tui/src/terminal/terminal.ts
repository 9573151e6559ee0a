import { writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import type { ReadStream, WriteStream } from 'node:tty';
import type { Display } from '../app.js';
import type { Size } from '../frame.js';
import { type ColourDepth, colourDepth } from '../screen/colour-depth.js';
import { type InputEvent, InputParser } from './input-parser.js';

/** The second screen, no cursor, no wrapping, the mouse as SGR, and pastes marked as such. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?1000h\x1b[?1006h\x1b[?2004h';
/** All of it back, after whatever was cut off in the middle. */
const LEAVE = '\x1b[?2026l\x1b[0m\x1b[?2004l\x1b[?1006l\x1b[?1000l\x1b[?7h\x1b[?25h\x1b[?1049l';

/** So long after an escape character nothing else belongs to it. */
const ESCAPE_MS = 30;
/** Between attempts to write to a terminal that takes nothing. */
const RETRY_MS = 10;
/** As many attempts are made to give a terminal back when the process ends. */
const LAST_ATTEMPTS = 50;
/** A process that is to stop has stopped by then. */
const STOPPED_MS = 50;
/** A terminal that goes away sends SIGHUP, as a rule, and who has heard that by then has left. */
const HANGUP_MS = 250;
/** Where nothing tells the size. */
const USUAL: Size = { columns: 80, rows: 24 };

export interface TerminalOptions {
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** Where it is written: a descriptor of `output` that never waits, if there is one. It stays open. */
  readonly fd: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface TerminalListener {
  onInput(events: readonly InputEvent[]): void;
  /** It has another size, or shows something else than what was written last. */
  onChange(): void;
  /** It is gone, and no signal has said so in time: whoever got that has kept it for himself. Called once. */
  onGone(): void;
}

/**
 * A terminal that belongs to a view from `enter` to `leave`. It is given back however the process ends, unless that is
 * killed with SIGKILL: on exit, on an uncaught error before anything else hears of it, and while it is stopped.
 */
export class Terminal implements Display {
  readonly depth: ColourDepth;
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #parser = new InputParser();
  readonly #decoder = new StringDecoder('utf8');
  readonly #fd: number;
  #listener: TerminalListener | undefined;
  #isEntered = false;
  #isOver = false;
  #isStuck = false;
  #escapeTimer: NodeJS.Timeout | undefined;
  #goneTimer: NodeJS.Timeout | undefined;

  constructor({ input, output, fd, env }: TerminalOptions) {
    this.#input = input;
    this.#output = output;
    this.depth = colourDepth(env);
    this.#fd = fd;
  }

  /** From here on the terminal shows what is written, and the listener hears what is pressed. */
  enter(listener: TerminalListener): void {
    this.#listener = listener;
    process.on('exit', this.#giveBack);
    // Before those who print the error, which would be lost with the second screen.
    process.prependListener('uncaughtException', this.#giveBack);
    process.on('SIGTSTP', this.#stop);
    process.on('SIGCONT', this.#resume);
    this.#input.on('data', this.#onData);
    this.#input.on('end', this.#onEnd);
    // For good: nobody else would hear of it.
    this.#input.on('error', this.#onEnd);
    this.#output.on('resize', this.#onResize);
    this.#isEntered = true;
    this.#setRaw();
    this.#writeNow(ENTER);
    this.#input.resume();
  }

  /** Gives the terminal back for good. */
  leave(): void {
    this.#isOver = true;
    this.#giveBack();
    clearTimeout(this.#escapeTimer);
    clearTimeout(this.#goneTimer);
    process.off('exit', this.#giveBack);
    process.off('uncaughtException', this.#giveBack);
    process.off('SIGTSTP', this.#stop);
    process.off('SIGCONT', this.#resume);
    this.#input.off('data', this.#onData);
    this.#input.off('end', this.#onEnd);
    this.#output.off('resize', this.#onResize);
    this.#input.pause();
  }

  /** Whether it took nothing when it was to be given back: whatever else is written to it waits for ever. */
  get isStuck(): boolean {
    return this.#isStuck;
  }

  size(): Size {
    const { columns, rows } = this.#output;
    return columns > 0 && rows > 0 ? { columns, rows } : USUAL;
  }

  async write(text: string): Promise<void> {
    let rest = Buffer.from(text);
    while (rest.length > 0 && this.#isEntered) {
      const written = this.#writeSome(rest);
      if (written === undefined) return;
      rest = rest.subarray(written);
      if (rest.length > 0) await delay(RETRY_MS);
    }
  }

  /** As Ctrl-Z does in a terminal that is not ours: everything in our process group stops, a program started by us too. */
  suspend(): void {
    process.kill(0, 'SIGTSTP');
  }

  readonly #giveBack = (): void => {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    this.#writeNow(LEAVE);
    this.#setMode(false);
  };

  #setRaw(): void {
    // What is set already is not set again, even if somebody else has changed it.
    this.#setMode(false);
    this.#setMode(true);
  }

  #setMode(isRaw: boolean): void {
    try {
      this.#input.setRawMode(isRaw);
    } catch {
      // The terminal is gone: nothing is left to put back.
    }
  }

  readonly #stop = (): void => {
    this.#giveBack();
    process.off('SIGTSTP', this.#stop);
    // Without a listener it does what it always does: it stops us, but not where nobody could continue us.
    process.kill(process.pid, 'SIGTSTP');
    setTimeout(() => {
      if (!this.#isOver) process.on('SIGTSTP', this.#stop);
      this.#resume();
    }, STOPPED_MS);
  };

  readonly #resume = (): void => {
    if (this.#isOver) return;
    // Whoever was in the foreground meanwhile may have changed anything.
    this.#isEntered = true;
    this.#setRaw();
    this.#writeNow(ENTER);
    this.#listener?.onChange();
  };

  readonly #onResize = (): void => this.#listener?.onChange();

  /** No key can come any more: one could not even leave. */
  readonly #onEnd = (): void => {
    if (this.#isOver) return;
    this.#goneTimer ??= setTimeout(() => this.#listener?.onGone(), HANGUP_MS);
  };

  readonly #onData = (bytes: Buffer): void => {
    clearTimeout(this.#escapeTimer);
    this.#tell(this.#parser.push(this.#decoder.write(bytes)));
    if (!this.#parser.isPending) return;
    this.#escapeTimer = setTimeout(() => this.#tell(this.#parser.flush()), ESCAPE_MS);
  };

  #tell(events: readonly InputEvent[]): void {
    if (events.length > 0 && this.#isEntered) this.#listener?.onInput(events);
  }

  /** Answers with how much was taken; undefined if there is no terminal any more, which its input tells. */
  #writeSome(bytes: Uint8Array): number | undefined {
    try {
      return writeSync(this.#fd, bytes);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : undefined;
    }
  }

  /** Writes without waiting for anything but the terminal, and not for long. */
  #writeNow(text: string): void {
    let rest = Buffer.from(text);
    for (let attempt = 0; rest.length > 0 && attempt < LAST_ATTEMPTS; attempt++) {
      const written = this.#writeSome(rest);
      if (written === undefined) return;
      rest = rest.subarray(written);
      if (rest.length > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
    this.#isStuck = rest.length > 0;
  }
}
