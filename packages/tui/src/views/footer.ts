import type { ViewState } from '../model/state.js';
import { Style } from '../screen/styles.js';
import { cellWidth } from '../screen/text.js';
import type { Canvas } from './view.js';

interface KeyHelp {
  /** As shown. */
  readonly shown: string;
  /** As pressed by a click. */
  readonly key: string;
  readonly label: string;
}

/** The most needed first: what does not fit is left out. */
const KEYS: readonly KeyHelp[] = [
  { shown: 'q', key: 'q', label: 'quit' },
  { shown: '?', key: '?', label: 'help' },
  { shown: 'tab', key: 'tab', label: 'view' },
  { shown: '/', key: '/', label: 'search' },
  { shown: 't', key: 't', label: 'thread' },
  { shown: 'm', key: 'm', label: 'my code' },
  { shown: 'space', key: ' ', label: 'pause' },
  { shown: 's', key: 's', label: 'save' },
  { shown: '⏎', key: 'enter', label: 'open' },
  { shown: 'w', key: 'w', label: 'metric' },
  { shown: 'p', key: 'p', label: 'process' },
  { shown: 'o', key: 'o', label: 'order' },
  { shown: 'r', key: 'r', label: 'reset' },
];

/** The keys of Austin TUI, in its order, and what there is besides. */
const CLASSIC_KEYS: readonly KeyHelp[] = [
  { shown: 'q', key: 'q', label: 'quit' },
  { shown: '?', key: '?', label: 'help' },
  { shown: '←', key: 'thread-before', label: '' },
  { shown: '→', key: 'thread-after', label: 'thread' },
  { shown: 'f', key: 'f', label: 'full' },
  { shown: 'g', key: 'g', label: 'graph' },
  { shown: 's', key: 'save-stats', label: 'save' },
  { shown: '+', key: '+', label: '' },
  { shown: '-', key: '-', label: 'threshold' },
  { shown: 'p', key: ' ', label: 'pause' },
  { shown: 'tab', key: 'tab', label: 'view' },
  { shown: '/', key: '/', label: 'search' },
  { shown: 'S', key: 's', label: 'save as' },
  { shown: 'P', key: 'p', label: 'process' },
  { shown: 'm', key: 'm', label: 'my code' },
  { shown: 'r', key: 'r', label: 'reset' },
];

const OVERLAY_KEYS: readonly KeyHelp[] = [
  { shown: 'esc', key: 'escape', label: 'back' },
  { shown: '↑', key: 'up', label: '' },
  { shown: '↓', key: 'down', label: '' },
  { shown: '⏎', key: 'enter', label: 'choose' },
];

/** A recording that can be played. */
const PLAY_KEYS: readonly KeyHelp[] = [
  { shown: '[', key: '[', label: 'back' },
  { shown: ']', key: ']', label: 'on' },
  { shown: '<', key: '<', label: 'slower' },
  { shown: '>', key: '>', label: 'faster' },
  { shown: 'b', key: 'b', label: 'begin' },
  { shown: 'e', key: 'e', label: 'end' },
];

/** What the space key does. */
interface PlayerState {
  readonly isPlaying: boolean;
}

interface FooterOptions {
  readonly isClassic: boolean;
  /** Of a recording that can be played. */
  readonly player?: PlayerState;
}

/** The last row: what is being typed, what there is to say, or else the keys. */
export function drawFooter(canvas: Canvas, state: ViewState, options: FooterOptions): void {
  const { grid, y } = canvas;
  if (state.prompt !== null) {
    const at = grid.put(0, y, 'search: ', Style.Key);
    const end = grid.put(at, y, state.prompt);
    grid.put(end, y, '▏', Style.Strong);
    grid.putRight(grid.width, y, '⏎ keep  esc forget', Style.Dim);
  } else if (state.message) {
    grid.put(0, y, state.message.text, state.message.isBad ? Style.Bad : Style.Good);
  } else drawKeys(canvas, keysOf(state, options), state.isPaused ? 'go on' : undefined);
}

function keysOf({ overlay }: ViewState, { isClassic, player }: FooterOptions): readonly KeyHelp[] {
  if (overlay) return OVERLAY_KEYS;
  if (isClassic) return CLASSIC_KEYS;
  if (!player) return KEYS;
  const space = { shown: 'space', key: ' ', label: player.isPlaying ? 'pause' : 'play' };
  const others = KEYS.filter(({ key }) => key !== ' ');
  return [...others.slice(0, 4), space, ...PLAY_KEYS, ...others.slice(4)];
}

/** @param spaceLabel what the space key is said to do, if it is something else */
function drawKeys({ grid, y, hits }: Canvas, keys: readonly KeyHelp[], spaceLabel: string | undefined): void {
  let at = 0;
  for (const { shown, key, label } of keys) {
    const text = key === ' ' ? (spaceLabel ?? label) : label;
    const cells = cellWidth(shown) + 1 + cellWidth(text);
    if (at + cells > grid.width) continue;
    const end = grid.put(grid.put(at, y, shown, Style.Key) + 1, y, text, Style.Dim);
    hits.push({ y, from: at, to: end, click: { kind: 'press', key } });
    at = end + 2;
  }
}
