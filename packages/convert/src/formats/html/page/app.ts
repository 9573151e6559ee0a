import { formatCount, formatPercent } from '../../../numbers.js';
import { DARK_ACTIVITIES, LIGHT_ACTIVITIES } from './activity-paint.js';
import { type CallTree, NO_FUNCTION, ROOT } from './call-tree.js';
import { DARK, LIGHT, type Paint } from './colours.js';
import { Controls } from './controls.js';
import { type Details, showDetails, showTooltip } from './details.js';
import { byId } from './dom.js';
import { FunctionTable } from './function-table.js';
import { Graph } from './graph.js';
import { type LineTables, LineWeights, lineTables } from './line-weights.js';
import { measure, metricTitle, type Whole, wholeOf } from './measures.js';
import type { Recording } from './recording.js';
import { kindText, placeText, rowPaints } from './row-texts.js';
import { type RowTotals, rowTotals } from './row-totals.js';
import { makeRows, type RowInfo, type Rows } from './rows.js';
import { matchedWeight } from './search.js';
import { type Selection, weigh } from './selection.js';
import { makeShape, type Shape } from './shape.js';
import { type SourceLoader, SourceView } from './source-view.js';
import { TimeLine } from './time-line.js';
import { hideTooltip } from './tooltip.js';
import { ForwardTree, followPath, InvertedTree, pathOf, type ViewTree } from './view-tree.js';
import { visible } from './visible-text.js';

const SHOWN_LINES = 8;

/** Rows with what they weigh. */
export interface WeighedRows {
  readonly infos: readonly RowInfo[];
  readonly totals: RowTotals;
  readonly whole: Whole;
}

/** What the controls stand at, turned into what the views show. */
export class App {
  #recording: Recording;
  #lineTables: LineTables;
  readonly #controls: Controls;
  readonly #graph: Graph;
  readonly #table = new FunctionTable();
  readonly #source: SourceView;
  readonly #timeLine: TimeLine;
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  #rows!: Rows;
  #shape!: Shape;
  #shapeKey = '';
  #paints: readonly Paint[] = [];
  #selection: Selection;
  #calls!: CallTree;
  #tree!: ViewTree;
  #totals!: RowTotals;
  #lines!: LineWeights;
  #whole!: Whole;
  #isMatch: Uint8Array | null = null;
  #zoom = ROOT;
  #focus = ROOT;
  #hovered: number | null = null;

  /** @param load gives the text of a file that is not in the page */
  constructor(recording: Recording, load?: SourceLoader) {
    const { payload } = recording;
    this.#recording = recording;
    this.#lineTables = lineTables(recording);
    this.#selection = { threads: [], metric: 0, from: 0, to: payload.time.slots };
    this.#source = new SourceView(payload, this.#lineTables, load);
    this.#graph = new Graph({
      onZoom: (node) => this.#zoomTo(node),
      onFocus: (node) => {
        this.#focus = node;
        this.#showDetails(node);
      },
      onHover: (node, event) => {
        showTooltip(node === null ? null : this.#details(node), event);
        if (node !== this.#hovered) this.#showDetails(node ?? this.#focus);
        this.#hovered = node;
      },
    });
    this.#controls = new Controls(payload, {
      onSelection: () => this.#rebuild(),
      onInvert: () => this.#plant(false),
      onSearch: () => this.#applySearch(),
      onReset: () => this.#zoomTo(ROOT),
    });
    this.#timeLine = new TimeLine(this.#recording, {
      onRange: (range) => {
        this.#selection = { ...this.#selection, ...range };
        this.#requestRebuild();
      },
      onThread: (thread) => this.#controls.toggleThread(thread),
    });
  }

  get #payload() {
    return this.#recording.payload;
  }

  start(): void {
    byId('time-section', HTMLElement).hidden = this.#payload.time.slots < 2;
    this.#dark.addEventListener('change', () => {
      this.#recolour();
      this.#showGraph();
      this.#showTimeLine();
    });
    this.#rebuild();
  }

  /**
   * Shows a later state of the recording, or another one. Of the same one, numbers of strings, functions, frames, nodes and
   * threads mean what they meant, and there may be more of them: zoom, selection and what is opened stay.
   */
  update(recording: Recording, isOther: boolean): void {
    this.#recording = recording;
    this.#lineTables = lineTables(recording);
    byId('time-section', HTMLElement).hidden = recording.payload.time.slots < 2;
    this.#controls.update(recording.payload);
    this.#selection = { ...this.#selection, ...this.#timeLine.update(recording, isOther) };
    this.#source.update(recording.payload, this.#lineTables, isOther);
    if (isOther) {
      this.#shapeKey = '';
      this.#zoom = this.#focus = ROOT;
    }
    this.#rebuild();
  }

  /** Weights of the rows in a part of the time line, in its unit; of the metric and the threads that are chosen. */
  weighTime(from: number, to: number): WeighedRows {
    const { slotLength, slots } = this.#payload.time;
    const slot = (time: number): number => Math.min(slots, Math.round(time / slotLength));
    const selection = { ...this.#selection, from: slot(from), to: slot(to) };
    const calls = weigh(this.#recording, this.#shape, selection);
    return {
      // Without the threads, which follow the other rows.
      infos: this.#rows.infos.slice(0, this.#rows.other + 1),
      totals: rowTotals(calls, this.#rows.infos.length),
      whole: wholeOf(this.#payload, selection, calls.total[ROOT]!),
    };
  }

  #isPending = false;
  /** Once per frame is enough while a range is dragged. */
  #requestRebuild(): void {
    if (this.#isPending) return;
    this.#isPending = true;
    requestAnimationFrame(() => {
      this.#isPending = false;
      this.#rebuild();
    });
  }

  #recolour(): void {
    this.#paints = rowPaints(this.#rows.infos, this.#dark.matches);
  }

  /** Works everything out anew for what is selected. */
  #rebuild(): void {
    const { metric, threads } = this.#controls;
    this.#selection = { ...this.#selection, metric, threads };
    const rowsBefore = this.#rows;
    const keepsRows = this.#reshape();
    this.#calls = weigh(this.#recording, this.#shape, this.#selection);
    this.#totals = rowTotals(this.#calls, this.#rows.infos.length);
    this.#whole = wholeOf(this.#payload, this.#selection, this.#calls.total[ROOT]!);
    this.#lines = new LineWeights(this.#recording, this.#lineTables, this.#selection);
    this.#showSummary();
    this.#showTimeLine();
    this.#plant(keepsRows, rowsBefore);
    this.#source.show({ weights: this.#lines, whole: this.#whole });
  }

  /** Makes rows and shape anew if other ones are asked for; returns whether rows stayed the same. */
  #reshape(): boolean {
    const { rowsBy, isOwnOnly, isSplit } = this.#controls;
    const splitThreads = isSplit ? this.#selection.threads : null;
    const key = [rowsBy, isOwnOnly, splitThreads?.join(' ') ?? ''].join('|');
    const isLater = this.#rows !== undefined && this.#rows.payload !== this.#payload;
    const keepsShape = key === this.#shapeKey;
    if (keepsShape && !isLater) return true;
    this.#shapeKey = key;
    const keepsRows = this.#rows?.by === rowsBy;
    if (!keepsRows || isLater) {
      this.#rows = makeRows(this.#payload, rowsBy);
      this.#recolour();
    }
    const later = keepsShape ? this.#shape.later?.(this.#recording, this.#rows) : undefined;
    this.#shape = later ?? makeShape(this.#recording, { rows: this.#rows, isOwnOnly, splitThreads });
    return keepsRows;
  }

  /** Makes the tree to draw; keeps the zoom where the new one has the same call path. */
  #plant(keepsRows: boolean, rowsBefore = this.#rows): void {
    const { isInverted } = this.#controls;
    const keepsPath = keepsRows && this.#tree && this.#tree instanceof InvertedTree === isInverted;
    // Threads stand behind the rows of frames, of which there may be more now.
    const rowNow = (row: number): number =>
      row >= rowsBefore.other ? row - rowsBefore.other + this.#rows.other : row;
    const zoomPath = keepsPath ? pathOf(this.#tree, this.#zoom).map(rowNow) : [];
    const focusPath = keepsPath ? pathOf(this.#tree, this.#focus).map(rowNow) : [];
    this.#tree = isInverted ? new InvertedTree(this.#calls) : new ForwardTree(this.#calls);
    this.#zoom = followPath(this.#tree, zoomPath);
    this.#focus = followPath(this.#tree, focusPath);
    this.#controls.isZoomed = this.#zoom !== ROOT;
    this.#hovered = null;
    this.#showDetails(this.#focus);
    this.#applySearch();
  }

  /** Says what the graph is about: that it is the same says that only the recording goes on. */
  #view(): string {
    const { from, to, metric } = this.#selection;
    const { rowsBy, isOwnOnly, isSplit, isInverted, threadChoice } = this.#controls;
    const { slots, slotLength } = this.#payload.time;
    const time = from === 0 && to === slots ? 'all' : `${from * slotLength} ${to * slotLength}`;
    const parts = [rowsBy, isOwnOnly, isSplit, isInverted, time, metric, threadChoice];
    return [...parts, ...pathOf(this.#tree, this.#zoom)].join('|');
  }

  #showTimeLine(): void {
    const { metric, threads } = this.#selection;
    const paint = this.#dark.matches ? DARK_ACTIVITIES : LIGHT_ACTIVITIES;
    this.#timeLine.show({ metric, threads: new Set(threads), paint });
  }

  #showSummary(): void {
    const metric = this.#payload.metrics[this.#selection.metric]!;
    const all = measure(this.#whole.total, this.#whole);
    const text =
      this.#whole.total === 0
        ? `${metricTitle(metric)}: nothing was recorded in this selection`
        : metric.unit === 'count'
          ? `${all.weight} samples`
          : `${metricTitle(metric)}: ${all.weight} in ${formatCount(this.#whole.samples)} samples`;
    byId('summary', HTMLParagraphElement).textContent = text;
  }

  #applySearch(): void {
    const matcher = this.#controls.query();
    this.#isMatch = matcher
      ? Uint8Array.from(this.#rows.infos, ({ name, file }) => (matcher(name, file) ? 1 : 0))
      : null;
    if (this.#isMatch) {
      const { weight, percent, interval } = measure(matchedWeight(this.#calls, this.#isMatch), this.#whole);
      this.#controls.showMatched(`Matched ${weight}, ${percent} (95 %: ${interval})`);
    }
    this.#showGraph();
    this.#table.show({
      // Without the threads, which follow the other rows.
      infos: this.#rows.infos.slice(0, this.#rows.other + 1),
      by: this.#rows.by,
      totals: this.#totals,
      whole: this.#whole,
      isMatch: this.#isMatch,
      view: `${this.#rows.by} ${this.#controls.searched}`,
      onPick: (row) => this.#controls.search(this.#rows.infos[row]!.name),
    });
  }

  #zoomTo(node: number): void {
    this.#zoom = node;
    // It speaks of what the pointer was over before.
    hideTooltip();
    this.#controls.isZoomed = node !== ROOT;
    this.#showGraph();
    this.#showDetails(this.#focus);
  }

  #showGraph(): void {
    const palette = this.#dark.matches ? DARK : LIGHT;
    const tree = this.#tree;
    const model = {
      tree,
      zoom: this.#zoom,
      view: this.#view(),
      palette,
      text: (node: number) => this.#name(node),
      note: (node: number) => {
        const { percent, interval } = measure(tree.total(node), this.#whole);
        return `${percent} (${interval})`;
      },
      label: (node: number) => this.#label(node),
      paint: (node: number): Paint => {
        const row = tree.fn(node);
        if (this.#isMatch) return row !== NO_FUNCTION && this.#isMatch[row] ? palette.match : palette.faded;
        return row === NO_FUNCTION ? palette.root : this.#paints[row]!;
      },
    };
    this.#graph.show(model, this.#focus);
  }

  #name(node: number): string {
    const row = this.#tree.fn(node);
    if (row !== NO_FUNCTION) return this.#rows.infos[row]!.name;
    const { threads } = this.#selection;
    return threads.length === 1 ? visible(this.#payload.threads.label[threads[0]!]!) : 'all';
  }

  #label(node: number): string {
    const { place, rows } = this.#details(node);
    const weights = rows.map(
      ({ label, measure: { weight, percent, interval } }) =>
        `${label} ${weight}, ${percent}, interval ${interval}`,
    );
    return [this.#name(node), place, ...weights].filter((text) => text !== '').join('; ');
  }

  #showDetails(node: number): void {
    showDetails(this.#details(node), this.#linesOf(node));
  }

  #details(node: number): Details {
    const tree = this.#tree;
    const row = tree.fn(node);
    const info = row === NO_FUNCTION ? undefined : this.#rows.infos[row]!;
    const weight = (label: string, of: number) => ({ label, measure: measure(of, this.#whole) });
    const rows = this.#controls.isInverted
      ? [weight(node === ROOT ? 'Total' : 'Ends in this path', tree.total(node))]
      : [weight('Self', tree.self(node)), weight('Total', tree.total(node))];
    if (info) {
      rows.push(weight('Self, all paths', this.#totals.self[row]!));
      rows.push(weight('Total, all paths', this.#totals.total[row]!));
    }
    const zoomed = tree.total(this.#zoom);
    return {
      name: this.#name(node),
      place: info ? placeText(info) : '',
      kind: info ? kindText(info) : 'everything selected',
      rows,
      ...(this.#zoom === ROOT || zoomed === 0
        ? {}
        : { zoomPercent: formatPercent(Math.min(1, tree.total(node) / zoomed)) }),
    };
  }

  #linesOf(node: number) {
    const row = this.#tree.fn(node);
    const fn = row === NO_FUNCTION ? -1 : this.#rows.infos[row]!.fn;
    const lines = fn < 0 ? [] : this.#lines.ofFunction(fn);
    const { functions, strings } = this.#payload;
    return {
      lines: lines.slice(0, SHOWN_LINES).map(({ line, self, total }) => ({
        line,
        self: measure(self, this.#whole),
        total: measure(total, this.#whole),
      })),
      hidden: Math.max(0, lines.length - SHOWN_LINES),
      open: (line: number) => this.#source.reveal(strings[functions.file[fn]!]!, line),
    };
  }
}
