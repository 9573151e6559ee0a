import { formatCount, formatPercent, formatWeight } from '../../../numbers.js';
import { ACTIVITIES, ACTIVITY_TITLES } from './activity.js';
import { type ActivityPaint, paintActivity } from './activity-paint.js';
import { fitCanvas } from './canvas.js';
import { byId, element } from './dom.js';
import { metricTitle } from './measures.js';
import type { Recording } from './recording.js';
import { axisTicks, barTotal, type LaneBars, TimeLanes } from './time-lanes.js';
import { edgeAfterKey, moveEdge, rangeBetween, type SlotRange } from './time-range.js';
import { placeTooltip } from './tooltip.js';
import { shorten, visible } from './visible-text.js';

export interface TimeLineEvents {
  onRange(range: SlotRange): void;
  /** A lane was clicked. */
  onThread(thread: number): void;
}

/** What the lanes show. */
export interface TimeLineModel {
  readonly metric: number;
  /** Rows of the table of threads; the others are dimmed. */
  readonly threads: ReadonlySet<number>;
  readonly paint: ActivityPaint;
}

const DRAG_PIXELS = 4;

/** A lane for each thread, and the range of time that everything else is about. Draws the lanes in view only. */
export class TimeLine {
  #recording: Recording;
  #lanes: TimeLanes;
  readonly #events: TimeLineEvents;
  readonly #host = byId('lanes', HTMLDivElement);
  readonly #content = byId('lanes-content', HTMLDivElement);
  readonly #canvas = byId('lanes-canvas', HTMLCanvasElement);
  readonly #track = byId('track', HTMLDivElement);
  readonly #chosen = byId('chosen', HTMLDivElement);
  readonly #edges = { from: byId('edge-from', HTMLDivElement), to: byId('edge-to', HTMLDivElement) };
  readonly #rangeText = byId('range', HTMLOutputElement);
  readonly #whole = byId('whole-time', HTMLButtonElement);
  readonly #cache = new Map<string, LaneBars>();
  #slots: number;
  #model: TimeLineModel | undefined;
  #capacity = 0;
  #barCount = 0;
  #range: SlotRange;
  #laneHeight = 24;
  #labelHeight = 0;
  #isPending = false;
  #dragFrom: { x: number; place: number } | undefined;

  constructor(recording: Recording, events: TimeLineEvents) {
    this.#recording = recording;
    this.#lanes = new TimeLanes(recording);
    this.#events = events;
    this.#slots = recording.payload.time.slots;
    this.#range = { from: 0, to: this.#slots };
    this.#host.addEventListener('scroll', () => this.#requestDraw());
    this.#listenToPointer();
    for (const edge of ['from', 'to'] as const) this.#listenToEdge(edge);
    this.#whole.addEventListener('click', () => this.#choose({ from: 0, to: this.#slots }));
    new ResizeObserver(() => this.#requestDraw()).observe(this.#host);
    this.#showRange();
  }

  /**
   * Goes on with a later state of the recording, which may be longer and have longer slots. What is selected is the same time
   * as before, or everything if it was everything or `isOther`.
   */
  update(recording: Recording, isOther: boolean): SlotRange {
    const scale = this.#recording.payload.time.slotLength / recording.payload.time.slotLength;
    const isWhole = isOther || this.#isWhole;
    this.#recording = recording;
    this.#lanes = new TimeLanes(recording);
    this.#slots = recording.payload.time.slots;
    this.#cache.clear();
    this.#barCount = 0;
    const to = Math.max(1, Math.min(this.#slots, Math.ceil(this.#range.to * scale)));
    const from = Math.min(Math.floor(this.#range.from * scale), to - 1);
    this.#range = isWhole ? { from: 0, to: this.#slots } : { from, to };
    this.#showRange();
    return this.#range;
  }

  show(model: TimeLineModel): void {
    if (model.metric !== this.#model?.metric) {
      this.#cache.clear();
      this.#barCount = 0;
    }
    this.#model = model;
    const { metrics, threads } = this.#recording.payload;
    this.#canvas.ariaLabel = `${metricTitle(metrics[model.metric]!)} of ${formatCount(threads.pid.length)} threads over time`;
    this.#requestDraw();
  }

  #choose(range: SlotRange): void {
    this.#range = range;
    this.#showRange();
    this.#events.onRange(range);
  }

  get #isWhole(): boolean {
    return this.#range.from === 0 && this.#range.to === this.#slots;
  }

  #showRange(): void {
    const { from, to } = this.#range;
    byId('time-note', HTMLParagraphElement).textContent = NOTES[this.#recording.payload.time.unit];
    const share = (slot: number): string => `${(100 * slot) / this.#slots}%`;
    this.#chosen.style.left = share(from);
    this.#chosen.style.right = share(this.#slots - to);
    this.#chosen.classList.toggle('whole', this.#isWhole);
    for (const [edge, handle] of Object.entries(this.#edges)) {
      const slot = this.#range[edge as 'from' | 'to'];
      handle.style.left = share(slot);
      handle.ariaValueMin = '0';
      handle.ariaValueMax = String(this.#slots);
      handle.ariaValueNow = String(slot);
      handle.ariaValueText = this.#at(slot);
    }
    this.#whole.disabled = this.#isWhole;
    this.#rangeText.textContent = this.#isWhole
      ? `Everything is shown, ${this.#at(this.#slots)}. Drag over the lanes to select a part.`
      : `Selected: ${this.#at(from)} to ${this.#at(to)}, ${formatPercent((to - from) / this.#slots)} of the time.`;
  }

  #at(slot: number): string {
    const { unit, slotLength } = this.#recording.payload.time;
    return unit === 'samples'
      ? `${formatCount(slot * slotLength)} samples`
      : formatWeight(slot * slotLength, 'microseconds');
  }

  #listenToPointer(): void {
    const track = this.#track;
    track.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || event.target instanceof Element === false) return;
      const edge = Object.entries(this.#edges).find(([, handle]) => handle === event.target)?.[0];
      const other = edge === 'from' ? this.#range.to : this.#range.from;
      this.#dragFrom = {
        x: edge ? Number.NEGATIVE_INFINITY : event.clientX,
        place: edge ? other / this.#slots : this.#placeOf(event),
      };
      track.setPointerCapture(event.pointerId);
    });
    track.addEventListener('pointermove', (event) => {
      const start = this.#dragFrom;
      if (start && Math.abs(event.clientX - start.x) >= DRAG_PIXELS) {
        placeTooltip(null, event);
        this.#dragFrom = { x: Number.NEGATIVE_INFINITY, place: start.place };
        this.#choose(rangeBetween(start.place, this.#placeOf(event), this.#slots));
      } else if (!start) this.#hover(event);
    });
    track.addEventListener('pointerup', (event) => {
      const start = this.#dragFrom;
      this.#dragFrom = undefined;
      if (!start || start.x === Number.NEGATIVE_INFINITY) return;
      const thread = this.#laneUnder(event);
      if (thread !== undefined) this.#events.onThread(thread);
    });
    track.addEventListener('pointercancel', () => {
      this.#dragFrom = undefined;
    });
    track.addEventListener('pointerleave', (event) => placeTooltip(null, event));
    // The track lies over the lanes, which scroll.
    track.addEventListener(
      'wheel',
      (event) => {
        this.#host.scrollTop += event.deltaY;
        if (this.#host.scrollHeight > this.#host.clientHeight) event.preventDefault();
      },
      { passive: false },
    );
  }

  #listenToEdge(edge: 'from' | 'to'): void {
    this.#edges[edge].addEventListener('keydown', (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const slot = edgeAfterKey(event.key, event.shiftKey, this.#range[edge], this.#slots);
      if (event.key === 'Escape') this.#choose({ from: 0, to: this.#slots });
      else if (slot !== undefined) {
        event.preventDefault();
        this.#choose(moveEdge(this.#range, edge, slot, this.#slots));
      }
    });
  }

  #placeOf(event: MouseEvent): number {
    const box = this.#track.getBoundingClientRect();
    return (event.clientX - box.left) / box.width;
  }

  #laneUnder(event: MouseEvent): number | undefined {
    const lane = Math.floor((event.clientY - this.#content.getBoundingClientRect().top) / this.#laneHeight);
    return lane >= 0 && lane < this.#recording.payload.threads.pid.length ? lane : undefined;
  }

  #hover(event: PointerEvent): void {
    const thread = this.#laneUnder(event);
    const place = this.#placeOf(event);
    if (thread === undefined || !this.#model || place < 0 || place >= 1 || this.#barCount === 0) {
      placeTooltip(null, event);
      return;
    }
    const bar = Math.floor(place * this.#barCount);
    const bars = this.#barsOf(thread);
    const { unit } = this.#recording.payload.metrics[this.#model.metric]!;
    const parts = ACTIVITIES.flatMap((activity, index) => {
      const weight = bars[bar * ACTIVITIES.length + index]!;
      return weight > 0
        ? [element('div', '', `${ACTIVITY_TITLES[activity]}: ${formatWeight(weight, unit)}`)]
        : [];
    });
    const slotsOfBar = this.#slots / this.#barCount;
    const when = `${this.#at(bar * slotsOfBar)} to ${this.#at((bar + 1) * slotsOfBar)}`;
    const { label, pid } = this.#recording.payload.threads;
    placeTooltip(
      [
        element('strong', '', shorten(visible(label[thread]!), 200)),
        element('div', 'quiet', `process ${pid[thread]!}, ${when}`),
        ...(parts.length > 0 ? parts : [element('div', '', 'nothing')]),
      ],
      event,
    );
  }

  #barsOf(thread: number): LaneBars {
    const metric = this.#model!.metric;
    const key = `${thread}`;
    let bars = this.#cache.get(key);
    if (!bars) {
      bars = this.#lanes.bars(thread, metric, this.#barCount);
      this.#cache.set(key, bars);
    }
    return bars;
  }

  #requestDraw(): void {
    if (this.#isPending) return;
    this.#isPending = true;
    requestAnimationFrame(() => {
      this.#isPending = false;
      if (this.#model) this.#draw(this.#model);
    });
  }

  #draw(model: TimeLineModel): void {
    const { threads, time } = this.#recording.payload;
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const left = this.#track.offsetLeft - this.#host.offsetLeft;
    const width = this.#track.clientWidth;
    // Without room beside the lanes, labels are above them.
    this.#labelHeight = left < 3 * rem ? Math.round(rem * 1.2) : 0;
    this.#laneHeight = Math.round(rem * 1.6) + this.#labelHeight;
    this.#content.style.height = `${threads.pid.length * this.#laneHeight}px`;
    this.#showAxis(axisTicks(time.slots * time.slotLength, this.#track.clientWidth / (7 * rem)));
    const count = this.#lanes.barCount(width);
    if (count !== this.#barCount) {
      this.#cache.clear();
      this.#barCount = count;
      this.#capacity = this.#lanes.capacity(model.metric, count);
    }
    const context = fitCanvas(this.#canvas, this.#host);
    if (!context) return;
    context.font = `${Math.round(rem * 0.8)}px system-ui, sans-serif`;
    context.textBaseline = 'middle';
    const { scrollTop, clientHeight } = this.#host;
    const first = Math.floor(scrollTop / this.#laneHeight);
    const last = Math.min(Math.ceil((scrollTop + clientHeight) / this.#laneHeight), threads.pid.length);
    for (let thread = first; thread < last; thread++) {
      const top = thread * this.#laneHeight - scrollTop;
      context.globalAlpha = model.threads.has(thread) ? 1 : 0.3;
      this.#drawLane(context, model.paint, this.#barsOf(thread), {
        left,
        top: top + this.#labelHeight,
        width,
      });
      this.#drawLabel(context, model.paint, thread, top, this.#labelHeight > 0 ? width : left - 8);
    }
  }

  #drawLane(
    context: CanvasRenderingContext2D,
    paint: ActivityPaint,
    bars: LaneBars,
    { left, top, width }: { left: number; top: number; width: number },
  ): void {
    const height = this.#laneHeight - this.#labelHeight - 3;
    context.fillStyle = paint.ground;
    context.fillRect(left, top + 1, width, height);
    for (let bar = 0; bar < this.#barCount; bar++) {
      const total = barTotal(bars, bar);
      if (total === 0) continue;
      // Rounding of the clock can make a bar fuller than full.
      const scale = height / Math.max(this.#capacity * this.#lanes.slotsOf(bar, this.#barCount), total);
      const x = left + Math.round((bar * width) / this.#barCount);
      const next = left + Math.round(((bar + 1) * width) / this.#barCount);
      let y = top + 1 + height;
      for (let activity = 0; activity < ACTIVITIES.length; activity++) {
        const part = bars[bar * ACTIVITIES.length + activity]! * scale;
        if (part === 0) continue;
        y -= part;
        paintActivity(context, paint, activity, { x, y, width: next - x, height: part });
      }
    }
  }

  #drawLabel(
    context: CanvasRenderingContext2D,
    paint: ActivityPaint,
    thread: number,
    top: number,
    width: number,
  ): void {
    const height = this.#labelHeight || this.#laneHeight;
    const { label, pid } = this.#recording.payload.threads;
    const hasProcesses = pid.some((other) => other !== pid[0]);
    // What does not fit is clipped.
    const name = shorten(visible(label[thread]!), 100);
    const text = hasProcesses ? `${pid[thread]!} ${name}` : name;
    context.fillStyle = paint.text;
    context.save();
    context.beginPath();
    context.rect(0, top, width, height);
    context.clip();
    context.fillText(text, 0, top + height / 2);
    context.restore();
  }

  #showAxis(ticks: readonly number[]): void {
    const { time } = this.#recording.payload;
    const end = time.slots * time.slotLength;
    const axis = byId('axis', HTMLDivElement);
    axis.replaceChildren(
      ...ticks.map((tick) => {
        const mark = element('span', '', this.#at(tick / time.slotLength));
        mark.style.left = `${(100 * tick) / end}%`;
        return mark;
      }),
    );
  }
}

const NOTES: Record<Recording['payload']['time']['unit'], string> = {
  wall: 'Each thread has a lane; its time is the running sum of its samples.',
  cpu: 'Each thread has a lane; its time is the CPU time that it used so far.',
  samples: 'Each thread has a lane; samples stand in the order in which they were taken.',
};
