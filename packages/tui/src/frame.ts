import type { ThreadId } from '@austin-profiler/profile';
import type { TopFacts } from './facts.js';
import type { CallPaths } from './model/call-paths.js';
import { processesOf } from './model/names.js';
import { chosenKey, type Scene, settle } from './model/reduce.js';
import type { Shown } from './model/shown.js';
import type { Sources } from './model/sources.js';
import type { ViewState } from './model/state.js';
import { Grid } from './screen/grid.js';
import { Style } from './screen/styles.js';
import { choiceTexts, drawChoices } from './views/choices.js';
import { flameView } from './views/flame-view.js';
import { drawFooter } from './views/footer.js';
import { functionsView } from './views/functions-view.js';
import { drawHeader, HEADER_ROWS } from './views/header.js';
import { helpOf } from './views/help.js';
import { linesView } from './views/lines-view.js';
import { stacksView } from './views/stacks-view.js';
import { isOpenNode, treeView } from './views/tree-view.js';
import type { Click, Hit, View } from './views/view.js';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Smaller screens are told so. */
export const LEAST_SIZE: Size = { columns: 60, rows: 12 };

/** Everything a frame is made of. */
export interface FrameInput {
  readonly shown: Shown;
  readonly state: ViewState;
  readonly facts: TopFacts;
  readonly size: Size;
  readonly paths: CallPaths;
  readonly sources: Sources;
  /** Keeps the view from frame to frame. */
  readonly views?: Views;
  /** Whether it is a recording that can be played. */
  readonly canPlay?: boolean;
  /** Whether it has the manner of Austin TUI. */
  readonly isClassic?: boolean;
}

export interface Frame {
  readonly grid: Grid;
  /** The state with its cursor where it was drawn. */
  readonly state: ViewState;
  /** What the next action is done to. */
  readonly scene: Scene;
  clickAt(x: number, y: number): Click | undefined;
}

/** Draws a whole screen. */
export function drawFrame(input: FrameInput): Frame {
  const { shown, facts, size, isClassic = false } = input;
  const view = (input.views ?? new Views()).of(input);
  const first = HEADER_ROWS + 1;
  const footer = size.rows - 1;
  const page = Math.max(1, footer - first);
  const state = settle(input.state, view, page);
  const scene = sceneOf(input, view, page);
  const grid = new Grid(size.columns, size.rows);
  const hits: Hit[] = [];
  const canvas = (y: number) => ({ grid, y, hits });
  if (size.columns < LEAST_SIZE.columns || size.rows < LEAST_SIZE.rows) {
    drawTooSmall(grid);
    return { grid, state, scene, clickAt: () => undefined };
  }

  drawHeader(canvas(0), facts, shown, state);
  if (state.overlay?.kind === 'help') {
    const help = helpOf(isClassic);
    grid.put(0, HEADER_ROWS, 'Keys', Style.Heading);
    for (let row = 0; row < page; row++) help.drawRow(canvas(first + row), state.overlay.top + row);
  } else {
    drawBody(view, state, { first, page }, { grid, hits });
    if (state.overlay) {
      const { kind, row } = state.overlay;
      drawChoices({ grid, hits }, choiceTexts(kind, shown, scene.threads), row, {
        from: first - 1,
        to: footer,
      });
    }
  }
  drawFooter(canvas(footer), state, {
    isClassic,
    ...(input.canPlay && { player: { isPlaying: facts.playing?.isPlaying === true } }),
  });
  return {
    grid,
    state,
    scene,
    // What was drawn last lies on top.
    clickAt: (x, y) => hits.findLast((hit) => hit.y === y && hit.from <= x && x < hit.to)?.click,
  };
}

/** Makes the view of a frame, if it is not that of the last one: what changes once a second is mostly the header alone. */
export class Views {
  #last: { readonly madeOf: readonly unknown[]; readonly view: View } | undefined;

  of(input: FrameInput): View {
    const { shown, state, size } = input;
    const { view, sort, search, threshold, opened, zoom } = state;
    const madeOf = [shown, size.columns, view, sort, search, threshold, opened, zoom];
    const last = this.#last;
    // Files are read again where they have changed.
    if (last && view !== 'lines' && madeOf.every((part, index) => part === last.madeOf[index]))
      return last.view;
    this.#last = { madeOf, view: viewOf(input) };
    return this.#last.view;
  }
}

function viewOf({ shown, state, size, paths, sources, isClassic }: FrameInput): View {
  switch (state.view) {
    case 'functions':
      return functionsView(shown, state);
    case 'stacks':
      return stacksView(shown, { search: state.search, threshold: isClassic ? state.threshold : 0 });
    case 'tree':
      return treeView(shown, state, paths);
    case 'flame':
      return flameView(shown, { ...state, width: size.columns }, paths);
    case 'lines':
      return linesView(shown, state.fn, sources);
  }
}

function sceneOf(
  { shown, state, paths, canPlay = false, isClassic = false }: FrameInput,
  view: View,
  page: number,
): Scene {
  const { tables } = shown.profile;
  const threads = shown.moment.threads
    .map(({ thread }) => thread)
    .filter((thread: ThreadId) => state.pid === null || tables.thread(thread).pid === state.pid);
  return {
    view,
    page,
    weightCount: shown.weights.length,
    canPlay,
    threads,
    processes: processesOf(shown.profile),
    helpRest: Math.max(0, helpOf(isClassic).rows - page),
    isOpen(key) {
      const node = paths.find(Number(key), shown.trees);
      return node !== undefined && isOpenNode(node, key, state.opened, shown.summary.total);
    },
  };
}

function drawBody(
  view: View,
  state: ViewState,
  { first, page }: { readonly first: number; readonly page: number },
  { grid, hits }: { readonly grid: Grid; readonly hits: Hit[] },
): void {
  view.drawHeading({ grid, y: HEADER_ROWS, hits });
  if (view.count === 0) grid.put(0, first + 1, view.emptyText, Style.Dim);
  const chosen = chosenKey(state, view);
  const { top } = state.cursors[state.view];
  for (let row = 0; row < page && top + row < view.count; row++) {
    view.drawRow(top + row, { grid, y: first + row, hits }, chosen);
  }
}

function drawTooSmall(grid: Grid): void {
  const { columns, rows } = LEAST_SIZE;
  grid.put(0, 0, `${grid.width} x ${grid.height} is too small`, Style.Warning);
  grid.put(0, 1, `${columns} x ${rows} is enough`);
  grid.put(0, 2, 'q quits', Style.Dim);
}
