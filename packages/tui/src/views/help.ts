import { Style } from '../screen/styles.js';
import type { Canvas } from './view.js';

type KeyHelp = readonly [keys: string, does: string];

const KEYS: readonly KeyHelp[] = [
  ['1 2 3 4 5, tab', 'functions, stacks, tree, flame graph, lines'],
  ['↑ ↓ page home end', 'move; j and k too, and the mouse wheel'],
  ['← →', 'stacks: thread before, after; tree: close, open; flame: to the side'],
  ['enter, click twice', 'lines of a function; open a node; widen a frame'],
  ['l', 'lines of the function chosen, in any view'],
  ['/', 'search in names and files; esc forgets it'],
  ['o, O', 'order of the functions: next column, the other way round'],
  ['t, p', 'choose a thread, a process'],
  ['w', 'next metric that the recording has: wall, CPU, memory, GIL'],
  ['m', 'own code only: what libraries took counts for their caller'],
  ['+ -', 'leave out functions and calls below 1 %, 2 %, …'],
  ['f, g', 'tree, flame graph, and back to the stacks'],
  ['space', 'pause what is shown; the recording goes on'],
  ['space, < >, [ ]', 'of a recorded file: play and pause; slower, faster; back, on'],
  ['b, e', 'of a recorded file: to its beginning, to its end'],
  ['r', 'reset: forget what was counted; the recording keeps it'],
  ['s', 'save the recording: MOJO, collapsed, pprof, speedscope, HTML'],
  ['ctrl-l, ctrl-z', 'draw again, go to the background'],
  ['q, ctrl-c', 'quit: a program started here is ended, others run on'],
];

const TEXT: readonly string[] = [
  'self is spent in a function itself, total includes what it calls.',
  '±  behind a share: with a confidence of 95 % the true one is no farther away.',
  '▶  marks the call that a thread is in.',
  'invalid: samples whose stack could not be read whole. They are counted too.',
];

/** What other keys do in the manner of Austin TUI. */
const CLASSIC: Readonly<Record<string, readonly KeyHelp[]>> = {
  '← →': [['← →', 'thread before, after']],
  't, p': [['t, P', 'choose a thread, a process']],
  '+ -': [['+ -', 'leave out functions, calls and frames below 1 %, 2 %, …']],
  space: [['p, space', 'pause what is shown; the recording goes on']],
  'space, < >, [ ]': [],
  'b, e': [],
  s: [
    ['s', 'save stats as Austin TUI does it: a line for each stack, with its sum'],
    ['S', 'save the recording: MOJO, collapsed, pprof, speedscope, HTML'],
  ],
};

/** The help, which may be longer than the screen. */
export interface Help {
  readonly rows: number;
  drawRow(canvas: Canvas, row: number): void;
}

export function helpOf(isClassic: boolean): Help {
  const keys = isClassic ? KEYS.flatMap((help) => CLASSIC[help[0]] ?? [help]) : KEYS;
  return {
    rows: keys.length + 1 + TEXT.length,
    drawRow({ grid, y }, row) {
      const help = keys[row];
      if (help) {
        grid.put(1, y, help[0], Style.Key, 18);
        grid.put(20, y, help[1]);
      } else grid.put(1, y, TEXT[row - keys.length - 1] ?? '', Style.Dim);
    },
  };
}
