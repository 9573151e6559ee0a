import type { ThreadId } from '@austin-profiler/profile';
import { type Click, type Step, stepped, type View } from '../views/view.js';
import {
  type Cursor,
  type Overlay,
  SAVE_FORMATS,
  type SaveFormat,
  SORT_COLUMNS,
  type SortColumn,
  VIEWS,
  type ViewId,
  type ViewState,
} from './state.js';

/** What a person did. */
export type Action =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'click'; readonly click: Click }
  | { readonly kind: 'wheel'; readonly step: 'up' | 'down' };

/** What is on the screen while it is done. */
export interface Scene {
  /** The view as it is drawn now. */
  readonly view: View;
  /** How many rows of it fit. */
  readonly page: number;
  readonly weightCount: number;
  /** Of the chosen process, or of all. */
  readonly threads: readonly ThreadId[];
  readonly processes: readonly number[];
  /** How many rows of help do not fit. */
  readonly helpRest: number;
  /** Whether it is a recording that can be played. */
  readonly canPlay: boolean;
  /** Tells whether a node of the tree is open. */
  isOpen(key: string): boolean;
}

/** What has to happen besides a change of what is shown. */
export type Effect =
  | { readonly kind: 'quit' | 'reset' | 'suspend' | 'redraw' | 'save-stats' }
  | { readonly kind: 'play'; readonly step: PlayStep }
  | { readonly kind: 'save'; readonly format: SaveFormat };

/** What can be done to the playing of a recording. */
export type PlayStep = 'toggle' | 'slower' | 'faster' | 'back' | 'forward' | 'begin' | 'end';

export interface Reaction {
  readonly state: ViewState;
  readonly effect?: Effect;
}

const WHEEL_ROWS = 3;

const PLAY_STEPS: Readonly<Record<string, PlayStep>> = {
  ' ': 'toggle',
  '<': 'slower',
  ',': 'slower',
  '>': 'faster',
  '.': 'faster',
  '[': 'back',
  ']': 'forward',
  b: 'begin',
  e: 'end',
};

const MOST_THRESHOLD = 100;

const STEPS: Readonly<Record<string, Step>> = {
  up: 'up',
  down: 'down',
  left: 'left',
  right: 'right',
  'page-up': 'page-up',
  'page-down': 'page-down',
  home: 'home',
  end: 'end',
  k: 'up',
  j: 'down',
};

/** What an action makes of the state of a view. */
export function reduce(before: ViewState, action: Action, scene: Scene): Reaction {
  const state: ViewState = { ...before, message: null };
  switch (action.kind) {
    case 'key':
      return reduceKey(state, action.key, scene);
    case 'wheel':
      return { state: repeated(state, action.step, scene) };
    case 'click':
      return reduceClick(state, action.click, scene);
  }
}

/** The state with its cursor on a row that is there, and that row on the screen. */
export function settle(state: ViewState, view: View, page: number): ViewState {
  const cursor = state.cursors[state.view];
  const row = rowOf(cursor, view);
  const most = Math.max(0, view.count - page);
  // A view that begins somewhere has that in the middle, and stays there.
  const isNew = cursor.key === undefined && row > 0;
  const wished = isNew ? row - Math.floor(page / 2) : cursor.top;
  const top = Math.min(Math.max(wished, row - page + 1, 0), row, most);
  // Where nothing was chosen, the cursor follows the first row: the hottest function, whichever that is.
  const isFree = cursor.key === undefined && !isNew;
  return withCursor(state, { key: isFree ? undefined : chosenKey(state, view), row, top });
}

/** What the cursor stands on. */
export function chosenKey(state: ViewState, view: View): string | undefined {
  const cursor = state.cursors[state.view];
  return cursor.key !== undefined && view.rowOf(cursor.key) >= 0
    ? cursor.key
    : view.keyAt(rowOf(cursor, view));
}

function rowOf({ key, row }: Cursor, view: View): number {
  if (key === undefined) return view.firstRow;
  const found = view.rowOf(key);
  return found >= 0 ? found : Math.max(0, Math.min(row, view.count - 1));
}

function withCursor(state: ViewState, cursor: Cursor): ViewState {
  return { ...state, cursors: { ...state.cursors, [state.view]: cursor } };
}

function reduceKey(state: ViewState, key: string, scene: Scene): Reaction {
  if (key === 'ctrl-c') return { state, effect: { kind: 'quit' } };
  if (key === 'ctrl-z') return { state, effect: { kind: 'suspend' } };
  if (key === 'ctrl-l') return { state, effect: { kind: 'redraw' } };
  if (state.prompt !== null) return { state: reducePrompt(state, state.prompt, key) };
  if (state.overlay) return reduceOverlay(state, state.overlay, key, scene);
  const step = STEPS[key];
  if (step !== undefined) return { state: moved(state, step, scene) };
  const view = VIEWS[Number(key) - 1];
  if (view !== undefined) return { state: { ...state, view } };
  const playStep = scene.canPlay ? PLAY_STEPS[key] : undefined;
  if (playStep !== undefined) return { state, effect: { kind: 'play', step: playStep } };
  return reduceCommand(state, key, scene);
}

function reduceCommand(state: ViewState, key: string, scene: Scene): Reaction {
  switch (key) {
    case 'q':
      return { state, effect: { kind: 'quit' } };
    case 'tab':
      return { state: { ...state, view: nextView(state.view, 1) } };
    case 'shift-tab':
      return { state: { ...state, view: nextView(state.view, VIEWS.length - 1) } };
    case '/':
      return { state: { ...state, prompt: state.search } };
    case 'escape':
      return { state: state.search === '' ? { ...state, zoom: null } : { ...state, search: '' } };
    case 'backspace':
      return { state: { ...state, zoom: null } };
    case 'enter':
    case 'l':
      return { state: opened(state, key, scene) };
    case 't':
      return { state: { ...state, overlay: { kind: 'threads', row: threadRow(state, scene) } } };
    case 'p':
      return { state: { ...state, overlay: { kind: 'processes', row: processRow(state, scene) } } };
    case 's':
      return { state: { ...state, overlay: { kind: 'save', row: 0 } } };
    case 'save-stats':
      return { state, effect: { kind: 'save-stats' } };
    case 'thread-before':
      return { state: otherThread(state, 'left', scene) };
    case 'thread-after':
      return { state: otherThread(state, 'right', scene) };
    case '?':
      return { state: { ...state, overlay: { kind: 'help', top: 0 } } };
    case 'w':
      return { state: nextWeight(state, scene) };
    case 'm':
      return { state: { ...state, isOwnCode: !state.isOwnCode } };
    case 'f':
      return { state: { ...state, view: state.view === 'tree' ? 'stacks' : 'tree' } };
    case 'g':
      return { state: { ...state, view: state.view === 'flame' ? 'stacks' : 'flame' } };
    case '+':
    case '-': {
      const threshold = state.threshold + (key === '+' ? 1 : -1);
      return { state: { ...state, threshold: Math.max(0, Math.min(threshold, MOST_THRESHOLD)) } };
    }
    case ' ':
      return { state: { ...state, isPaused: !state.isPaused } };
    case 'o': {
      const next = (SORT_COLUMNS.indexOf(state.sort.column) + 1) % SORT_COLUMNS.length;
      return { state: { ...state, sort: { column: SORT_COLUMNS[next]!, isReversed: false } } };
    }
    case 'O':
      return { state: { ...state, sort: { ...state.sort, isReversed: !state.sort.isReversed } } };
    case 'r':
      return { state: { ...state, isPaused: false }, effect: { kind: 'reset' } };
    default:
      return { state };
  }
}

function nextWeight(state: ViewState, { weightCount }: Scene): ViewState {
  if (weightCount > 1) return { ...state, weight: (state.weight + 1) % weightCount };
  const text = 'nothing else was recorded; -f records wall and CPU time, memory and the GIL';
  return { ...state, message: { text, isBad: false } };
}

function nextView(view: ViewId, by: number): ViewId {
  return VIEWS[(VIEWS.indexOf(view) + by) % VIEWS.length]!;
}

/** Enter does what suits the view; `l` shows lines in any. */
function opened(state: ViewState, key: string, scene: Scene): ViewState {
  const { view } = scene;
  const chosen = chosenKey(state, view);
  if (chosen === undefined || state.view === 'lines') return state;
  if (key === 'enter' && state.view === 'tree') return toggled(state, chosen, !scene.isOpen(chosen));
  if (key === 'enter' && state.view === 'flame') {
    return { ...state, zoom: chosen === state.zoom || chosen === 'all' ? null : chosen };
  }
  const fn = view.fnAt(chosen);
  if (fn === undefined) return state;
  const cursors = { ...state.cursors, lines: { key: undefined, row: 0, top: 0 } };
  return { ...state, fn, view: 'lines', cursors };
}

function toggled(state: ViewState, key: string, isOpen: boolean): ViewState {
  return { ...state, opened: new Map(state.opened).set(key, isOpen) };
}

function moved(state: ViewState, step: Step, scene: Scene): ViewState {
  const { view, page } = scene;
  const chosen = chosenKey(state, view);
  if (chosen === undefined) return state;
  // Left closes a node that is open, and right opens one that is not, before they go anywhere.
  const isSideways = step === 'left' || step === 'right';
  if (state.view === 'tree' && isSideways && scene.isOpen(chosen) === (step === 'left')) {
    return toggled(state, chosen, step === 'right');
  }
  const cursor = state.cursors[state.view];
  const aside = view.aside?.(chosen, step);
  if (aside !== undefined) return withCursor(state, { ...cursor, key: aside, row: view.rowOf(aside) });
  const row = stepped(view.rowOf(chosen), step, page, view.count);
  return withCursor(state, { ...cursor, key: row === view.rowOf(chosen) ? chosen : view.keyAt(row), row });
}

/** Chooses the thread before or after the one chosen. Where all stacks are shown it is the cursor that goes there. */
function otherThread(state: ViewState, step: 'left' | 'right', scene: Scene): ViewState {
  if (state.thread === null && state.view === 'stacks') return moved(state, step, scene);
  const { threads } = scene;
  const by = step === 'left' ? -1 : 1;
  const outside = step === 'left' ? threads.length : -1;
  const thread = threads[(state.thread === null ? outside : threads.indexOf(state.thread)) + by];
  return thread === undefined ? state : { ...state, thread };
}

function repeated(state: ViewState, step: 'up' | 'down', scene: Scene): ViewState {
  let result = state;
  for (let i = 0; i < WHEEL_ROWS; i++) {
    result = result.overlay
      ? reduceOverlay(result, result.overlay, step, scene).state
      : moved(result, step, scene);
  }
  return result;
}

function reduceClick(state: ViewState, click: Click, scene: Scene): Reaction {
  switch (click.kind) {
    case 'press':
      return reduceKey(state, click.key, scene);
    case 'view':
      return { state: { ...state, view: click.view } };
    case 'sort':
      return { state: { ...state, sort: sortedBy(state.sort, click.column) } };
    case 'choose':
      if (!state.overlay || state.overlay.kind === 'help') return { state };
      return accepted(state, { ...state.overlay, row: click.row }, scene);
    case 'point': {
      const isChosen =
        chosenKey(state, scene.view) === click.key && state.cursors[state.view].key !== undefined;
      const cursor = { ...state.cursors[state.view], key: click.key, row: scene.view.rowOf(click.key) };
      const pointed = withCursor(state, cursor);
      // The second click on the same row opens it.
      return { state: isChosen ? opened(pointed, 'enter', scene) : pointed };
    }
  }
}

function sortedBy(sort: ViewState['sort'], column: SortColumn): ViewState['sort'] {
  return { column, isReversed: sort.column === column && !sort.isReversed };
}

function reducePrompt(state: ViewState, prompt: string, key: string): ViewState {
  switch (key) {
    case 'enter':
      return { ...state, prompt: null };
    case 'escape':
      return { ...state, prompt: null, search: '' };
    case 'backspace':
      return typed(state, Array.from(prompt).slice(0, -1).join(''));
    default:
      // Names of keys are longer than what keys type.
      return Array.from(key).length === 1 ? typed(state, prompt + key) : state;
  }
}

/** What is typed is searched for at once. */
function typed(state: ViewState, prompt: string): ViewState {
  return { ...state, prompt, search: prompt };
}

function reduceOverlay(state: ViewState, overlay: Overlay, key: string, scene: Scene): Reaction {
  if (key === 'escape' || key === 'q' || (key === '?' && overlay.kind === 'help')) {
    return { state: { ...state, overlay: null } };
  }
  const step = STEPS[key];
  if (overlay.kind === 'help') {
    if (step === undefined) return { state };
    const top = stepped(overlay.top, step, scene.page, scene.helpRest + 1);
    return { state: { ...state, overlay: { ...overlay, top } } };
  }
  if (step !== undefined) {
    const row = stepped(overlay.row, step, scene.page, choiceCount(overlay.kind, scene));
    return { state: { ...state, overlay: { ...overlay, row } } };
  }
  if (key === 'enter') return accepted(state, overlay, scene);
  const format = SAVE_FORMATS.findIndex((one) => one.key === key);
  if (overlay.kind === 'save' && format >= 0) return accepted(state, { ...overlay, row: format }, scene);
  return { state };
}

/** How many there are to choose from: with processes and threads, all of them is the first choice. */
export function choiceCount(kind: 'threads' | 'processes' | 'save', { threads, processes }: Scene): number {
  if (kind === 'save') return SAVE_FORMATS.length;
  return 1 + (kind === 'threads' ? threads : processes).length;
}

function accepted(
  state: ViewState,
  { kind, row }: { readonly kind: 'threads' | 'processes' | 'save'; readonly row: number },
  { threads, processes }: Scene,
): Reaction {
  const closed = { ...state, overlay: null };
  switch (kind) {
    case 'threads':
      return { state: { ...closed, thread: threads[row - 1] ?? null } };
    case 'processes':
      return { state: { ...closed, pid: processes[row - 1] ?? null, thread: null } };
    case 'save': {
      const format = SAVE_FORMATS[row]?.id;
      return { state: closed, ...(format && { effect: { kind: 'save', format } }) };
    }
  }
}

function threadRow({ thread }: ViewState, { threads }: Scene): number {
  return thread === null ? 0 : threads.indexOf(thread) + 1;
}

function processRow({ pid }: ViewState, { processes }: Scene): number {
  return pid === null ? 0 : processes.indexOf(pid) + 1;
}
