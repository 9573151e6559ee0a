import { type CallTree, mergeThreads, NO_FUNCTION, ROOT } from './call-tree.js';
import { DARK, LIGHT, type Paint } from './colours.js';
import { type Details, hideTooltip, showDetails, showTooltip } from './details.js';
import { byId, element } from './dom.js';
import { FunctionTable } from './function-table.js';
import { type FunctionTotals, functionTotals } from './function-totals.js';
import { type FunctionInfo, functionInfos, functionPaints, kindText, placeText } from './functions.js';
import { Graph } from './graph.js';
import { hotLines, indexLines, type LineIndex } from './hot-lines.js';
import { measure, metricTitle, type Whole, wholeOf } from './measures.js';
import { formatCount, formatPercent } from './numbers.js';
import type { Payload } from './payload.js';
import { type Matcher, matchedWeight, parseQuery } from './search.js';
import { chosenThreads, fillThreadsMenu } from './threads-menu.js';
import { ForwardTree, followPath, InvertedTree, pathOf, type ViewTree } from './view-tree.js';

const SHOWN_LINES = 8;

/** What the controls stand at, turned into what the views show. */
export class App {
  readonly #payload: Payload;
  readonly #infos: readonly FunctionInfo[];
  readonly #lineIndex: LineIndex;
  readonly #graph: Graph;
  readonly #table = new FunctionTable();
  readonly #metricMenu = byId('metric', HTMLSelectElement);
  readonly #threadsMenu = byId('threads', HTMLSelectElement);
  readonly #split = byId('split', HTMLInputElement);
  readonly #invert = byId('invert', HTMLButtonElement);
  readonly #reset = byId('reset', HTMLButtonElement);
  readonly #search = byId('search', HTMLInputElement);
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  #paints: readonly Paint[] = [];
  #threads: number[] = [];
  #metric = 0;
  #isInverted = false;
  #calls!: CallTree;
  #tree!: ViewTree;
  #totals!: FunctionTotals;
  #whole!: Whole;
  #isMatch: Uint8Array | null = null;
  #zoom = ROOT;
  #focus = ROOT;
  #hovered: number | null = null;

  constructor(payload: Payload) {
    this.#payload = payload;
    this.#infos = functionInfos(payload);
    this.#lineIndex = indexLines(payload);
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
  }

  start(): void {
    for (const [index, metric] of this.#payload.metrics.entries()) {
      const option = element('option', '', metricTitle(metric));
      option.value = String(index);
      this.#metricMenu.append(option);
    }
    this.#metricMenu.disabled = this.#payload.metrics.length < 2;
    fillThreadsMenu(this.#threadsMenu, this.#payload);
    this.#threadsMenu.disabled = this.#threadsMenu.options.length < 2;
    this.#metricMenu.addEventListener('change', () => this.#rebuild());
    this.#threadsMenu.addEventListener('change', () => this.#rebuild());
    this.#split.addEventListener('change', () => this.#rebuild());
    this.#invert.addEventListener('click', () => {
      this.#isInverted = !this.#isInverted;
      this.#invert.ariaPressed = String(this.#isInverted);
      this.#plant();
    });
    this.#reset.addEventListener('click', () => this.#zoomTo(ROOT));
    this.#search.addEventListener('input', () => this.#applySearch());
    this.#dark.addEventListener('change', () => this.#recolour());
    document.addEventListener('keydown', (event) => this.#onKey(event));
    this.#recolour();
    this.#rebuild();
  }

  #onKey(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.#search.focus();
      this.#search.select();
    } else if (event.key === 'Escape' && event.target === this.#search) {
      this.#search.value = '';
      this.#applySearch();
    }
  }

  #recolour(): void {
    this.#paints = functionPaints(this.#infos, this.#dark.matches);
    if (this.#tree) this.#showGraph();
  }

  /** Works everything out anew for what is selected. */
  #rebuild(): void {
    this.#metric = Number(this.#metricMenu.value);
    this.#threads = chosenThreads(this.#threadsMenu.value, this.#payload);
    this.#split.disabled = this.#threads.length < 2;
    this.#calls = mergeThreads(this.#payload, {
      threads: this.#threads,
      metric: this.#metric,
      splitByThread: this.#split.checked && !this.#split.disabled,
    });
    this.#totals = functionTotals(this.#calls, this.#infos.length);
    this.#whole = wholeOf(this.#payload, this.#threads, this.#metric, this.#calls.total[ROOT]!);
    this.#showSummary();
    this.#plant();
  }

  /** Makes the tree to draw; keeps the zoom where the new one has the same call path. */
  #plant(): void {
    const keepsPath = this.#tree && this.#tree instanceof InvertedTree === this.#isInverted;
    const zoomPath = keepsPath ? pathOf(this.#tree, this.#zoom) : [];
    this.#tree = this.#isInverted ? new InvertedTree(this.#calls) : new ForwardTree(this.#calls);
    this.#zoom = followPath(this.#tree, zoomPath);
    this.#focus = this.#zoom;
    this.#reset.disabled = this.#zoom === ROOT;
    this.#applySearch();
    this.#showDetails(this.#focus);
  }

  #showSummary(): void {
    const metric = this.#payload.metrics[this.#metric]!;
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
    const output = byId('matched', HTMLOutputElement);
    let matcher: Matcher | null = null;
    this.#search.ariaInvalid = null;
    output.className = '';
    try {
      matcher = parseQuery(this.#search.value);
      output.textContent = '';
    } catch (error) {
      this.#search.ariaInvalid = 'true';
      output.className = 'mistake';
      output.textContent = error instanceof Error ? error.message : String(error);
    }
    this.#isMatch = matcher
      ? Uint8Array.from(this.#infos, ({ name, file }) => (matcher(name, file) ? 1 : 0))
      : null;
    if (this.#isMatch) {
      const { weight, percent, interval } = measure(matchedWeight(this.#calls, this.#isMatch), this.#whole);
      output.textContent = `Matched ${weight}, ${percent} (95 %: ${interval})`;
    }
    this.#showGraph();
    this.#table.show({
      // Without the threads, which follow the functions.
      infos: this.#infos.slice(0, this.#payload.functions.name.length),
      totals: this.#totals,
      whole: this.#whole,
      isMatch: this.#isMatch,
      onPick: (fn) => this.#pick(fn),
    });
  }

  #pick(fn: number): void {
    this.#search.value = this.#infos[fn]!.name;
    this.#applySearch();
    this.#search.scrollIntoView({ block: 'nearest' });
  }

  #zoomTo(node: number): void {
    this.#zoom = node;
    // It speaks of what the pointer was over before.
    hideTooltip();
    this.#reset.disabled = node === ROOT;
    this.#showGraph();
    this.#showDetails(this.#focus);
  }

  #showGraph(): void {
    const palette = this.#dark.matches ? DARK : LIGHT;
    const tree = this.#tree;
    const model = {
      tree,
      zoom: this.#zoom,
      palette,
      text: (node: number) => this.#name(node),
      label: (node: number) => this.#label(node),
      paint: (node: number): Paint => {
        const fn = tree.fn(node);
        if (this.#isMatch) return fn !== NO_FUNCTION && this.#isMatch[fn] ? palette.match : palette.faded;
        return fn === NO_FUNCTION ? palette.root : this.#paints[fn]!;
      },
    };
    this.#graph.show(model, this.#focus);
  }

  #name(node: number): string {
    const fn = this.#tree.fn(node);
    if (fn !== NO_FUNCTION) return this.#infos[fn]!.name;
    return this.#threads.length === 1 ? this.#payload.threads.label[this.#threads[0]!]! : 'all';
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
    showDetails(this.#details(node));
  }

  #details(node: number): Details {
    const tree = this.#tree;
    const fn = tree.fn(node);
    const info = fn === NO_FUNCTION ? undefined : this.#infos[fn]!;
    const row = (label: string, weight: number) => ({ label, measure: measure(weight, this.#whole) });
    const rows = this.#isInverted
      ? [row(node === ROOT ? 'Total' : 'Ends in this path', tree.total(node))]
      : [row('Self', tree.self(node)), row('Total', tree.total(node))];
    if (info) {
      rows.push(row('Self, all paths', this.#totals.self[fn]!));
      rows.push(row('Total, all paths', this.#totals.total[fn]!));
    }
    const lines = info
      ? hotLines(this.#payload, this.#lineIndex, fn, new Set(this.#threads), this.#metric)
      : [];
    const zoomed = tree.total(this.#zoom);
    return {
      name: this.#name(node),
      place: info ? placeText(info) : '',
      kind: info ? kindText(info) : 'everything selected',
      rows,
      ...(this.#zoom === ROOT || zoomed === 0
        ? {}
        : { zoomPercent: formatPercent(Math.min(1, tree.total(node) / zoomed)) }),
      lines: lines.slice(0, SHOWN_LINES).map(({ line, self, total }) => ({
        line,
        self: measure(self, this.#whole),
        total: measure(total, this.#whole),
      })),
      hiddenLines: Math.max(0, lines.length - SHOWN_LINES),
    };
  }
}
