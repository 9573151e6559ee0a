import type { LiveProfile } from '@austin-profiler/convert/live';
import { metadataValue, type Profile, sampleTimes } from '@austin-profiler/profile';
import type { PlayingFacts, PlayStep } from '@austin-profiler/tui';

/** How often what was played meanwhile is shown. */
const TICK_MS = 100;
const SPEEDS = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64] as const;
/** Of the whole, how far back and forward go. */
const JUMP = 0.05;

export interface PlayerOptions {
  /** What is played is put there. */
  readonly live: LiveProfile;
  /** Reads the recording, into the tables of `live`. */
  readonly load: () => Promise<Profile>;
  /** Something has been played, or the playing is another. */
  readonly onChange: () => void;
  /** It cannot be played. */
  readonly onFailure: (error: unknown) => void;
  /** Milliseconds, of any clock that does not jump. */
  readonly now?: () => number;
}

interface Loaded {
  readonly profile: Profile;
  /** When samples were taken, µs since the start of the recording. */
  readonly times: Float64Array;
  /** Rows in order of time. */
  readonly order: Uint32Array;
  readonly durationUs: number;
}

/** Plays a recording into a live profile: at the pace at which it was made, faster or slower, and from any moment on. */
export class Player {
  readonly #options: PlayerOptions;
  readonly #now: () => number;
  #loading: Promise<Loaded> | undefined;
  #loaded: Loaded | undefined;
  /** How many samples have been played. */
  #next = 0;
  #positionUs = 0;
  #speed = 1;
  #timer: NodeJS.Timeout | undefined;
  #lastTick = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Undefined until it has been played. */
  get facts(): PlayingFacts | undefined {
    if (!this.#loaded) return undefined;
    const { durationUs } = this.#loaded;
    return {
      isPlaying: this.#timer !== undefined,
      positionUs: this.#positionUs,
      durationUs,
      speed: this.#speed,
    };
  }

  /** Plays from the beginning. */
  async play(speed: number): Promise<void> {
    this.#speed = speed;
    await this.do('begin');
    if (this.#loaded && this.#timer === undefined) this.#start();
  }

  /** The first step loads the recording; what is asked for meanwhile is done when that is there. */
  async do(step: PlayStep): Promise<void> {
    try {
      this.#loading ??= this.#load();
      this.#do(step, await this.#loading);
      this.#options.onChange();
    } catch (error) {
      this.#options.onFailure(error);
    }
  }

  #do(step: PlayStep, { durationUs }: Loaded): void {
    switch (step) {
      case 'toggle':
        if (this.#timer !== undefined) this.pause();
        else {
          if (this.#positionUs >= durationUs) this.#seek(0);
          this.#start();
        }
        break;
      case 'slower':
        this.#speed = SPEEDS.findLast((speed) => speed < this.#speed) ?? this.#speed;
        break;
      case 'faster':
        this.#speed = SPEEDS.find((speed) => speed > this.#speed) ?? this.#speed;
        break;
      case 'back':
        this.#seek(this.#positionUs - JUMP * durationUs);
        break;
      case 'forward':
        this.#seek(this.#positionUs + JUMP * durationUs);
        break;
      case 'begin':
        this.#seek(0);
        break;
      case 'end':
        this.#seek(durationUs);
        break;
    }
  }

  pause(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #load(): Promise<Loaded> {
    const profile = await this.#options.load();
    const times = sampleTimes(profile);
    const last = times.reduce((latest, time) => Math.max(latest, time), 0);
    const durationUs = Math.max(last, Number(metadataValue(profile, 'duration')) || 0);
    this.#loaded = { profile, times, order: orderOf(times), durationUs };
    // All of it is what has been shown so far.
    this.#next = profile.samples.length;
    this.#positionUs = durationUs;
    return this.#loaded;
  }

  #start(): void {
    this.#lastTick = this.#now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  #tick(): void {
    const now = this.#now();
    const passedUs = (now - this.#lastTick) * 1000 * this.#speed;
    this.#lastTick = now;
    this.#seek(this.#positionUs + passedUs);
    this.#options.onChange();
  }

  /** What lies behind is played again from the beginning: samples that were added up cannot be taken away. */
  #seek(wantedUs: number): void {
    const { live } = this.#options;
    const { profile, times, order, durationUs } = this.#loaded!;
    const positionUs = Math.min(Math.max(wantedUs, 0), durationUs);
    if (positionUs < this.#positionUs) {
      live.reset();
      this.#next = 0;
    }
    this.#positionUs = positionUs;
    for (; this.#next < order.length; this.#next++) {
      const row = order[this.#next]!;
      if (times[row]! > positionUs) break;
      live.addRow(profile.samples, row);
    }
    if (positionUs === durationUs) this.pause();
  }
}

/** Formats have the samples of one thread after those of another. */
function orderOf(times: Float64Array): Uint32Array {
  const order = Uint32Array.from(times, (_, row) => row);
  const isSorted = times.every((time, row) => row === 0 || time >= times[row - 1]!);
  return isSorted ? order : order.sort((a, b) => times[a]! - times[b]! || a - b);
}
