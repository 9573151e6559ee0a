import { ROOT } from './call-tree.js';
import { fitCanvas } from './canvas.js';
import type { Paint, Palette } from './colours.js';
import { byId } from './dom.js';
import { type Layout, type LayoutRow, layOut, nodeAt, placeOf, REST } from './layout.js';
import type { ViewTree } from './view-tree.js';
import { shorten } from './visible-text.js';

/** What to draw, and how to name and paint it. */
export interface GraphModel {
  readonly tree: ViewTree;
  readonly zoom: number;
  /** Says what is in view: the same as before means a later state of the same, and nothing moves. */
  readonly view: string;
  readonly text: (node: number) => string;
  /** Said after the text where there is room for both. */
  readonly note: (node: number) => string;
  readonly paint: (node: number) => Paint;
  /** All that can be said of a node in one sentence, for those who cannot see it. */
  readonly label: (node: number) => string;
  readonly palette: Palette;
}

export interface GraphEvents {
  onZoom(node: number): void;
  onFocus(node: number): void;
  /** The pointer is over a node, or over none. */
  onHover(node: number | null, event: PointerEvent): void;
}

const MIN_TEXT_WIDTH = 22;
const PADDING = 4;
/** Frames wider than this say their share as well. */
const NOTE_WIDTH = 180;
/** More letters of a name than this are not measured. */
const MOST_LETTERS = 600;

/**
 * The flame graph: one canvas as large as what is in view, however deep the graph, and a single element
 * for the node that the keyboard is on, which is what assistive technology sees.
 */
export class Graph {
  readonly #host = byId('graph', HTMLDivElement);
  readonly #content = byId('graph-content', HTMLDivElement);
  readonly #canvas = byId('graph-canvas', HTMLCanvasElement);
  readonly #cursor = byId('graph-cursor', HTMLDivElement);
  readonly #hover = byId('graph-hover', HTMLDivElement);
  readonly #events: GraphEvents;
  #model: GraphModel | undefined;
  #layout: Layout = { rows: [], zoomRow: 0 };
  #rootRows = 1;
  #focus = ROOT;
  /** Where the pointer was last, as long as it is over the graph. */
  #pointer: PointerEvent | null = null;
  #rowHeight = 20;
  #isPending = false;
  #font = '12px sans-serif';
  readonly #textWidths = new Map<string, number>();

  constructor(events: GraphEvents) {
    this.#events = events;
    this.#host.addEventListener('scroll', () => this.#requestDraw());
    this.#host.addEventListener('keydown', (event) => this.#onKey(event));
    this.#host.addEventListener('pointermove', (event) => this.#onPointer(event));
    this.#host.addEventListener('pointerleave', (event) => {
      this.#hover.hidden = true;
      this.#pointer = null;
      this.#events.onHover(null, event);
    });
    this.#host.addEventListener('click', (event) => {
      const node = this.#nodeUnder(event);
      if (node === null) return;
      this.focus(node);
      this.#events.onZoom(node);
    });
    new ResizeObserver(() => this.#resize()).observe(this.#host);
  }

  /** Shows another tree, zoom or colouring. */
  show(model: GraphModel, focus: number): void {
    const before = this.#model;
    const isOtherView = before?.view !== model.view;
    this.#model = model;
    this.#focus = focus;
    this.#hover.hidden = true;
    if (isOtherView || before?.tree !== model.tree) this.#measure();
    if (isOtherView) this.#scrollToZoom();
    else if (before?.tree !== model.tree && this.#pointer) this.#onPointer(this.#pointer);
    this.#placeCursor();
    this.#requestDraw();
  }

  focus(node: number): void {
    this.#focus = node;
    this.#placeCursor();
    this.#events.onFocus(node);
  }

  #resize(): void {
    if (!this.#model) return;
    this.#measure();
    this.#placeCursor();
    this.#requestDraw();
  }

  #measure(): void {
    const model = this.#model!;
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const font = `${Math.round(rem * 0.8)}px system-ui, sans-serif`;
    if (font !== this.#font) this.#textWidths.clear();
    this.#font = font;
    this.#rowHeight = Math.round(rem * 1.35);
    const width = this.#content.clientWidth;
    this.#layout = layOut(model.tree, model.zoom, width);
    const root = model.zoom === ROOT ? this.#layout : layOut(model.tree, ROOT, width);
    this.#rootRows = root.rows.length;
    // The height does not shrink on zooming, so that what is below does not jump.
    const rows = Math.max(this.#layout.rows.length, this.#rootRows);
    this.#content.style.height = `${rows * this.#rowHeight}px`;
  }

  #scrollToZoom(): void {
    const above = this.#layout.zoomRow * this.#rowHeight - this.#host.clientHeight * 0.4;
    this.#host.scrollTop = Math.max(0, above);
  }

  #placeCursor(): void {
    const { tree, label } = this.#model!;
    const place = placeOf(this.#layout, tree, this.#focus);
    const cursor = this.#cursor;
    cursor.ariaLabel = label(this.#focus);
    cursor.ariaLevel = String(tree.depth(this.#focus) + 1);
    cursor.ariaExpanded = tree.children(this.#focus).length > 0 ? 'true' : null;
    cursor.style.display = place ? '' : 'none';
    if (place) this.#cover(cursor, place.row, place.left, place.width);
  }

  #cover(box: HTMLElement, row: number, left: number, width: number): void {
    box.style.top = `${row * this.#rowHeight}px`;
    box.style.left = `${left}px`;
    box.style.width = `${Math.max(width, 3)}px`;
    box.style.height = `${this.#rowHeight}px`;
  }

  #nodeUnder(event: MouseEvent): number | null {
    const box = this.#content.getBoundingClientRect();
    const row = Math.floor((event.clientY - box.top) / this.#rowHeight);
    return nodeAt(this.#layout, row, event.clientX - box.left);
  }

  #onPointer(event: PointerEvent): void {
    this.#pointer = event;
    const node = this.#nodeUnder(event);
    const place = node === null ? null : placeOf(this.#layout, this.#model!.tree, node);
    this.#hover.hidden = place === null;
    if (place) this.#cover(this.#hover, place.row, place.left, place.width);
    this.#events.onHover(node, event);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = this.#keyTarget(event.key);
    if (target === undefined) return;
    event.preventDefault();
    if (target === null) return;
    this.focus(target);
    if (event.key === 'Enter' || event.key === ' ') this.#events.onZoom(target);
    else if (event.key === 'Escape') this.#events.onZoom(ROOT);
    else this.#scrollToFocus();
  }

  /** Where a key leads: undefined when it is none of ours, null when there is nowhere to go. */
  #keyTarget(key: string): number | null | undefined {
    const { tree } = this.#model!;
    const place = placeOf(this.#layout, tree, this.#focus);
    switch (key) {
      case 'Enter':
      case ' ':
      case 'Escape':
        return this.#focus;
      case 'Home':
        return ROOT;
      case 'ArrowUp':
        return tree.parent(this.#focus);
      case 'ArrowDown': {
        const below = place ? this.#layout.rows[place.row + 1] : undefined;
        return below?.node.find((node) => node !== REST && tree.parent(node) === this.#focus) ?? null;
      }
      case 'ArrowLeft':
      case 'ArrowRight': {
        const nodes = place ? this.#layout.rows[place.row]!.node : [];
        const next = nodes[nodes.indexOf(this.#focus) + (key === 'ArrowLeft' ? -1 : 1)];
        return next === undefined || next === REST ? null : next;
      }
      default:
        return undefined;
    }
  }

  #scrollToFocus(): void {
    const place = placeOf(this.#layout, this.#model!.tree, this.#focus);
    if (!place) return;
    const top = place.row * this.#rowHeight;
    const { scrollTop, clientHeight } = this.#host;
    if (top < scrollTop) this.#host.scrollTop = top;
    else if (top + this.#rowHeight > scrollTop + clientHeight) {
      this.#host.scrollTop = top + this.#rowHeight - clientHeight;
    }
  }

  #requestDraw(): void {
    if (this.#isPending) return;
    this.#isPending = true;
    requestAnimationFrame(() => {
      this.#isPending = false;
      this.#draw();
    });
  }

  #draw(): void {
    const height = this.#host.clientHeight;
    const context = fitCanvas(this.#canvas, this.#host);
    if (!context || !this.#model) return;
    context.font = this.#font;
    context.textBaseline = 'middle';
    const { scrollTop } = this.#host;
    const first = Math.floor(scrollTop / this.#rowHeight);
    const last = Math.min(Math.ceil((scrollTop + height) / this.#rowHeight), this.#layout.rows.length);
    for (let row = first; row < last; row++) {
      const isAbove = row < this.#layout.zoomRow;
      this.#drawRow(context, this.#layout.rows[row]!, row * this.#rowHeight - scrollTop, isAbove);
    }
  }

  #drawRow(context: CanvasRenderingContext2D, row: LayoutRow, top: number, isAbove: boolean): void {
    const model = this.#model!;
    const height = this.#rowHeight;
    for (let i = 0; i < row.node.length; i++) {
      const node = row.node[i]!;
      const left = row.left[i]!;
      const width = row.width[i]!;
      // A gap between neighbours, as long as there is something left to see.
      const shown = width > 3 ? width - 1 : Math.max(width * 0.75, 0.75);
      if (node === REST) {
        context.fillStyle = model.palette.rest;
        context.fillRect(left, top, shown, height - 1);
        continue;
      }
      const paint = model.paint(node);
      context.globalAlpha = isAbove ? 0.6 : 1;
      context.fillStyle = paint.fill;
      context.fillRect(left, top, shown, height - 1);
      context.globalAlpha = 1;
      if (width < MIN_TEXT_WIDTH) continue;
      const text = this.#fit(context, shorten(model.text(node), MOST_LETTERS), width - 2 * PADDING);
      if (text === '') continue;
      context.fillStyle = paint.text;
      context.fillText(text, left + PADDING, top + height / 2);
      if (width >= NOTE_WIDTH) this.#drawNote(context, text, model.note(node), { left, top, width });
    }
  }

  #drawNote(
    context: CanvasRenderingContext2D,
    text: string,
    note: string,
    { left, top, width }: { left: number; top: number; width: number },
  ): void {
    const used = this.#widthOf(context, text) + 4 * PADDING;
    const wanted = context.measureText(note).width;
    if (used + wanted + PADDING > width) return;
    context.globalAlpha = 0.72;
    context.fillText(note, left + width - PADDING - 1 - wanted, top + this.#rowHeight / 2);
    context.globalAlpha = 1;
  }

  #widthOf(context: CanvasRenderingContext2D, text: string): number {
    let width = this.#textWidths.get(text);
    if (width === undefined) {
      width = context.measureText(text).width;
      this.#textWidths.set(text, width);
    }
    return width;
  }

  /** As much of a text as fits, judged from its average letter: exact measures cost too much here. */
  #fit(context: CanvasRenderingContext2D, text: string, width: number): string {
    const full = this.#widthOf(context, text);
    if (full <= width) return text;
    const letters = Math.floor((text.length * width) / full) - 1;
    return letters < 2 ? '' : `${text.slice(0, letters).trimEnd()}…`;
  }
}
