import type { Update } from '../protocol.js';

export interface ConnectionEvents {
  onUpdate(update: Update): void;
  /** The server answers, does not answer, or wants nothing to do with this page. */
  onState(state: 'connected' | 'lost' | 'refused'): void;
}

/** Without anything for this long, not even a sign of life, the connection is no good. */
const SILENCE_MS = 15_000;
const AGAIN_MS = 2_000;

/** The stream of updates: goes on where it was after a loss. */
export class Connection {
  readonly #events: ConnectionEvents;
  #source: EventSource | undefined;
  #seen = '';
  #watch: ReturnType<typeof setTimeout> | undefined;

  constructor(events: ConnectionEvents) {
    this.#events = events;
    this.#open();
  }

  #open(): void {
    // A new source knows nothing of what another has seen; one that comes again by itself says so in a header.
    const after = this.#seen === '' ? '' : `?after=${encodeURIComponent(this.#seen)}`;
    const source = new EventSource(`events${after}`);
    this.#source = source;
    source.addEventListener('open', () => {
      this.#events.onState('connected');
      this.#hear();
    });
    source.addEventListener('update', (event) => {
      this.#seen = event.lastEventId;
      this.#hear();
      this.#events.onUpdate(JSON.parse(event.data) as Update);
    });
    source.addEventListener('beat', () => this.#hear());
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) void this.#askWhy();
      else this.#events.onState('lost');
    });
    this.#hear();
  }

  /** The other side is there: looks again in a while. */
  #hear(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      this.#events.onState('lost');
      this.#again();
    }, SILENCE_MS);
  }

  #again(): void {
    clearTimeout(this.#watch);
    this.#source?.close();
    this.#open();
  }

  /** A source does not say what it was answered. */
  async #askWhy(): Promise<void> {
    clearTimeout(this.#watch);
    let isRefused = false;
    try {
      isRefused = (await fetch('formats')).status === 403;
    } catch {
      // There is no answer: it is lost.
    }
    this.#events.onState(isRefused ? 'refused' : 'lost');
    if (!isRefused) setTimeout(() => this.#again(), AGAIN_MS);
  }
}
