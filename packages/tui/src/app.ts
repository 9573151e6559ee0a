import type { LiveProfile, SourceText } from '@austin-profiler/convert/live';
import type { TopFacts } from './facts.js';
import { drawFrame, type Frame, type Size, Views } from './frame.js';
import { CallPaths } from './model/call-paths.js';
import { CLASSIC_KEYS, type ClassicManner } from './model/classic.js';
import { type Moment, Moments } from './model/moment.js';
import { type Action, type Effect, type PlayStep, reduce } from './model/reduce.js';
import { Chooser } from './model/shown.js';
import { Sources } from './model/sources.js';
import { INITIAL_STATE, type Message, type SaveFormat, type ViewState } from './model/state.js';
import type { ColourDepth } from './screen/colour-depth.js';
import type { Grid } from './screen/grid.js';
import { Painter } from './screen/painter.js';
import type { InputEvent } from './terminal/input-parser.js';

/** What is shown, and what can be done with it. */
export interface TopSource {
  /** Filled by whoever reads the recording, who calls {@link Top.notify} then. */
  readonly live: LiveProfile;
  /** Asked for each frame, so it should be quick. */
  facts(): TopFacts;
  /** Writes the recording so far, and answers with what to say. A rejection is shown. */
  save(format: SaveFormat): Promise<string>;
  readSource(file: string): SourceText;
  /** Plays a recording that was made before; absent where there is none. {@link TopFacts.playing} tells how far it is. */
  play?(step: PlayStep): void;
  /** The person wants to leave. */
  quit(): void;
}

/** Where frames go. */
export interface Display {
  readonly depth: ColourDepth;
  size(): Size;
  /** Writes all of it; settles when the next text may be written. */
  write(text: string): Promise<void>;
  /** Gives the terminal back until the process is continued. */
  suspend(): void;
}

/** A running view. */
export interface Top {
  /** Something has come, or changed: to be shown soon. */
  notify(): void;
  /** Says something for a while. */
  say(message: Message): void;
  onInput(events: readonly InputEvent[]): void;
  /** Whatever is on the screen, it is not what was drawn. */
  redraw(): void;
  /** Draws nothing any more. Settles when nothing is being written. */
  close(): Promise<void>;
}

/** Data is shown ten times a second at most, */
const LEAST_REFRESH_MS = 100;
/** and less often where a refresh is expensive: for each millisecond of CPU time that it takes, so many of rest. */
const REST_PER_WORK = 48;
const MOST_REST_MS = 5000;
/** Facts about the process change by themselves. */
const HEARTBEAT_MS = 1000;
const MESSAGE_MS = 8000;

export interface TopOptions {
  /** CPU time of this process: what a refresh has cost, also on a machine that is busy with something else. */
  readonly cpuMs?: () => number;
  /** Begins with the stacks, has the keys of Austin TUI, and saves what that saves. */
  readonly classic?: ClassicManner | undefined;
}

/** Shows a recording on a display until it is closed. */
export function openTop(source: TopSource, display: Display, options: TopOptions = {}): Top {
  return new RunningTop(source, display, options);
}

function usedCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

class RunningTop implements Top {
  readonly #source: TopSource;
  readonly #display: Display;
  readonly #painter: Painter;
  readonly #moments: Moments;
  readonly #chooser = new Chooser();
  readonly #paths = new CallPaths();
  readonly #views = new Views();
  readonly #sources: Sources;
  readonly #heartbeat: NodeJS.Timeout;
  #state: ViewState = INITIAL_STATE;
  #moment: Moment;
  #frame: Frame;
  /** Whether the frame is not what the state says any more. */
  #isStale = false;
  #hasNews = false;
  #onScreen: Grid | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #nextRefresh = 0;
  readonly #cpuMs: () => number;
  readonly #classic: ClassicManner | undefined;
  /** Keys that stand for others. */
  readonly #keys: Readonly<Record<string, string>>;
  #lastCostMs = 0;
  #messageUntil = 0;
  #writing: Promise<void> | undefined;
  #isClosed = false;

  constructor(source: TopSource, display: Display, { cpuMs = usedCpuMs, classic }: TopOptions) {
    this.#cpuMs = cpuMs;
    this.#classic = classic;
    this.#keys = classic ? CLASSIC_KEYS : {};
    if (classic) this.#state = { ...INITIAL_STATE, view: 'stacks' };
    this.#source = source;
    this.#display = display;
    this.#painter = new Painter(display.depth);
    this.#moments = new Moments(source.live);
    this.#sources = new Sources((file) => source.readSource(file));
    this.#moment = this.#moments.take(performance.now(), false);
    this.#frame = this.#draw();
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#show();
  }

  notify(): void {
    this.#hasNews = true;
    this.#plan(this.#nextRefresh);
  }

  say(message: Message): void {
    this.#say(message);
  }

  onInput(events: readonly InputEvent[]): void {
    for (const event of events) {
      // Each is done to what the one before has left.
      if (this.#isStale) this.#redrawFrame();
      const action = this.#actionOf(event);
      if (!action) continue;
      const { state, effect } = reduce(this.#frame.state, action, this.#frame.scene);
      const wasPaused = this.#state.isPaused;
      this.#state = state;
      this.#isStale = true;
      if (wasPaused && !state.isPaused) this.#hasNews = true;
      if (effect) this.#do(effect);
    }
    this.#plan(0);
  }

  redraw(): void {
    this.#onScreen = undefined;
    this.#isStale = true;
    this.#plan(0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#timer);
    await this.#writing;
  }

  #actionOf(event: InputEvent): Action | undefined {
    if (event.type === 'key') {
      return { kind: 'key', key: this.#isTyping() ? event.key : (this.#keys[event.key] ?? event.key) };
    }
    if (event.action !== 'press') {
      return { kind: 'wheel', step: event.action === 'wheel-up' ? 'up' : 'down' };
    }
    const click = this.#frame.clickAt(event.x, event.y);
    return click && { kind: 'click', click };
  }

  #isTyping(): boolean {
    return this.#state.prompt !== null || this.#state.overlay !== null;
  }

  #do(effect: Effect): void {
    switch (effect.kind) {
      case 'quit':
        this.#source.quit();
        break;
      case 'suspend':
        this.#display.suspend();
        break;
      case 'redraw':
        this.redraw();
        break;
      case 'reset':
        this.#source.live.reset();
        this.#hasNews = true;
        this.#nextRefresh = 0;
        break;
      case 'play':
        this.#source.play?.(effect.step);
        break;
      case 'save':
        void this.#save(() => this.#source.save(effect.format));
        break;
      case 'save-stats':
        if (this.#classic) void this.#save(this.#classic.saveStats);
        break;
    }
  }

  async #save(save: () => Promise<string>): Promise<void> {
    this.#say({ text: 'saving …', isBad: false });
    try {
      this.#say({ text: await save(), isBad: false });
    } catch (error) {
      this.#say({ text: error instanceof Error ? error.message : String(error), isBad: true });
    }
  }

  #say(message: Message | null): void {
    this.#state = { ...this.#state, message };
    this.#messageUntil = performance.now() + MESSAGE_MS;
    this.#isStale = true;
    this.#plan(0);
  }

  #beat(): void {
    if (this.#state.message && performance.now() > this.#messageUntil) this.#say(null);
    this.#isStale = true;
    this.#plan(0);
  }

  /** Calls {@link RunningTop.#show} at a time, or sooner if that was planned. */
  #plan(at: number): void {
    if (this.#isClosed || at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#show(), Math.max(0, at - performance.now()));
  }

  /** Brings the screen up to date. */
  #show(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    // A terminal that is slow to take a frame gets the next one later, and none in between.
    if (this.#isClosed || this.#writing) return;
    const begin = performance.now();
    const cpuBefore = this.#cpuMs();
    const isRefresh = this.#hasNews && !this.#state.isPaused && begin >= this.#nextRefresh;
    if (isRefresh) {
      this.#hasNews = false;
      this.#moment = this.#moments.take(begin, this.#source.facts().phase === 'ended');
    }
    if (isRefresh || this.#isStale) this.#redrawFrame();
    const { grid } = this.#frame;
    const text = this.#painter.paint(grid, this.#onScreen);
    this.#onScreen = grid;
    if (isRefresh) this.#nextRefresh = performance.now() + this.#restAfter(this.#cpuMs() - cpuBefore);
    if (this.#hasNews && !this.#state.isPaused) this.#plan(this.#nextRefresh);
    if (text !== '') this.#write(text);
  }

  /** What is expensive twice in a row is expensive. The first time, code that has never run before may be all there is to it. */
  #restAfter(costMs: number): number {
    const steadyMs = Math.min(costMs, this.#lastCostMs);
    this.#lastCostMs = costMs;
    return Math.max(LEAST_REFRESH_MS, Math.min(steadyMs * REST_PER_WORK, MOST_REST_MS));
  }

  #write(text: string): void {
    this.#writing = this.#display.write(text).finally(() => {
      this.#writing = undefined;
      if (this.#isStale) this.#plan(0);
      else if (this.#hasNews && !this.#state.isPaused) this.#plan(this.#nextRefresh);
    });
  }

  #redrawFrame(): void {
    this.#frame = this.#draw();
    this.#state = this.#frame.state;
    this.#isStale = false;
  }

  #draw(): Frame {
    const facts = this.#source.facts();
    return drawFrame({
      shown: this.#chooser.choose(this.#moment, this.#state),
      state: this.#state,
      facts,
      size: this.#display.size(),
      paths: this.#paths,
      views: this.#views,
      sources: this.#sources,
      canPlay: this.#source.play !== undefined,
      isClassic: this.#classic !== undefined,
    });
  }
}
