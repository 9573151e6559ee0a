import type { ServerResponse } from 'node:http';
import type { LiveProfile } from '@austin-profiler/convert/live';
import { type Cursor, cursorText, parseCursor } from '../picture/cursor.js';
import { LivePicture } from '../picture/live-picture.js';
import type { SessionStatus, Status, Update } from '../protocol.js';
import { begin } from './answers.js';

export interface HubSource {
  /** The profile of the present recording. Another object is another recording. */
  live(): LiveProfile;
  status(): SessionStatus;
}

export interface HubTimes {
  /** Between updates. */
  readonly updateMs: number;
  /** Without anything to tell, something is sent this often, so that both sides know that the other is there. */
  readonly beatMs: number;
  /** A viewer that takes nothing for this long is let go. It comes again if it is still there. */
  readonly patienceMs: number;
}

export const HUB_TIMES: HubTimes = { updateMs: 500, beatMs: 5_000, patienceMs: 60_000 };

/** Before the first sample, between looks: the first picture is waited for. */
const WAITING_MS = 50;

/** Browsers that come back after a loss wait this long. */
const RETRY_MS = 1_000;

interface Viewer {
  readonly response: ServerResponse;
  told: Cursor | undefined;
  toldStatus: string;
  /** When something was sent, or could have been, last. */
  lastSent: number;
}

/**
 * Tells all viewers what comes. Each gets what it does not know yet whenever it has taken the last message: what somebody slow
 * misses is not kept for it but told later, as it is by then, so a viewer costs no more than one message.
 */
export class EventHub {
  readonly #source: HubSource;
  readonly #times: HubTimes;
  readonly #viewers = new Set<Viewer>();
  #picture: LivePicture;
  #timer: NodeJS.Timeout | undefined;
  #isPaused = false;
  #isClosed = false;

  constructor(source: HubSource, times: HubTimes = HUB_TIMES) {
    this.#source = source;
    this.#times = times;
    this.#picture = new LivePicture(source.live());
  }

  get viewerCount(): number {
    return this.#viewers.size;
  }

  /** What waits for viewers to take it. */
  get pendingBytes(): number {
    return [...this.#viewers].reduce((sum, { response }) => sum + response.writableLength, 0);
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }
  /** While it is set, viewers are told nothing of what comes. Whoever comes meanwhile sees what there is then. */
  set isPaused(isPaused: boolean) {
    this.#isPaused = isPaused;
    this.tick();
  }

  /** @param after the id of the last event that the viewer has seen */
  add(response: ServerResponse, after: string | undefined): void {
    begin(response, 200, 'text/event-stream', { connection: 'keep-alive' });
    response.write(`retry: ${RETRY_MS}\n\n`);
    const viewer: Viewer = { response, told: parseCursor(after), toldStatus: '', lastSent: Date.now() };
    this.#viewers.add(viewer);
    response.on('close', () => this.#forget(viewer));
    this.#look();
    this.#tell(viewer, true);
    if (this.#timer === undefined) this.#plan();
  }

  #plan(): void {
    const { phase } = this.#source.status();
    const isWaiting = phase === 'idle' || phase === 'waiting';
    const { updateMs } = this.#times;
    this.#timer = setTimeout(
      () => {
        this.tick();
        this.#plan();
      },
      isWaiting ? Math.min(WAITING_MS, updateMs) : updateMs,
    );
  }

  /** Tells what there is to tell, now. */
  tick(): void {
    if (this.#isClosed || this.#viewers.size === 0) return;
    if (!this.#isPaused) this.#look();
    for (const viewer of this.#viewers) this.#tell(viewer, !this.#isPaused);
  }

  /** Ends all streams. Viewers come again unless the server is gone. */
  dropAll(): void {
    for (const { response } of this.#viewers) response.destroy();
  }

  close(): void {
    this.#isClosed = true;
    this.dropAll();
  }

  #forget(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const live = this.#source.live();
    if (live !== this.#picture.live) this.#picture = new LivePicture(live);
    this.#picture.refresh();
  }

  #tell(viewer: Viewer, withPicture: boolean): void {
    const { response, told } = viewer;
    const now = Date.now();
    if (response.writableNeedDrain) {
      if (now - viewer.lastSent > this.#times.patienceMs) response.destroy();
      return;
    }
    const status: Status = { ...this.#source.status(), isPaused: this.#isPaused };
    const statusText = JSON.stringify(status);
    const picture = withPicture ? this.#picture.since(told) : undefined;
    if (picture) viewer.told = this.#picture.cursor;
    if (picture || statusText !== viewer.toldStatus) {
      const update: Update = { status, ...(picture && { picture }) };
      // Only what has been told of the picture can be gone on from.
      const id = viewer.told ? `id: ${cursorText(viewer.told)}\n` : '';
      response.write(`event: update\n${id}data: ${JSON.stringify(update)}\n\n`);
      viewer.toldStatus = statusText;
    } else if (now - viewer.lastSent >= this.#times.beatMs) {
      response.write('event: beat\ndata: \n\n');
    } else {
      return;
    }
    viewer.lastSent = now;
  }
}
