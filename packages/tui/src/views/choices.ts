import type { ThreadId } from '@austin-profiler/profile';
import { processesOf, threadName } from '../model/names.js';
import type { Shown } from '../model/shown.js';
import { SAVE_FORMATS } from '../model/state.js';
import { Style } from '../screen/styles.js';
import { cellWidth } from '../screen/text.js';
import type { Canvas } from './view.js';

/** Cells left free to the left and right of a list. */
const MARGIN = 2;

/** What there is to choose from in an overlay. */
export function choiceTexts(
  kind: 'threads' | 'processes' | 'save',
  { profile }: Shown,
  threads: readonly ThreadId[],
): { readonly title: string; readonly rows: readonly string[] } {
  switch (kind) {
    case 'threads': {
      const isAmongProcesses = processesOf(profile).length > 1;
      const names = threads.map((thread) => threadName(profile, thread, isAmongProcesses));
      return { title: 'show', rows: ['all threads', ...names] };
    }
    case 'processes':
      return {
        title: 'show',
        rows: ['all processes', ...processesOf(profile).map((pid) => `process ${pid}`)],
      };
    case 'save':
      return { title: 'save as', rows: SAVE_FORMATS.map(({ key, title }) => `${key}  ${title}`) };
  }
}

/** Draws a list over a view, in the middle of rows `from` to `to`. */
export function drawChoices(
  { grid, hits }: Omit<Canvas, 'y'>,
  { title, rows }: ReturnType<typeof choiceTexts>,
  chosen: number,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  const height = Math.min(rows.length + 1, to - from);
  const room = grid.width - 2 * MARGIN;
  const cells = Math.min(room, Math.max(...[title, ...rows].map((row) => cellWidth(row, room))) + 2);
  const x = Math.floor((grid.width - cells) / 2);
  const y = from + Math.floor((to - from - height) / 2);
  const shown = height - 1;
  const first = Math.max(0, Math.min(chosen - Math.floor(shown / 2), rows.length - shown));
  // A click beside the list is a way out of it.
  hits.length = 0;
  for (let row = from; row < to; row++) {
    hits.push({ y: row, from: 0, to: grid.width, click: { kind: 'press', key: 'escape' } });
  }
  line(grid, x, y, cells, title, Style.Heading);
  for (let index = 0; index < shown; index++) {
    const row = first + index;
    line(grid, x, y + 1 + index, cells, rows[row] ?? '', row === chosen ? Style.Selected : Style.Menu);
    hits.push({ y: y + 1 + index, from: x, to: x + cells, click: { kind: 'choose', row } });
  }
}

function line(grid: Canvas['grid'], x: number, y: number, cells: number, text: string, style: Style): void {
  grid.clear(x, y, cells, style);
  grid.put(x + 1, y, text, style, cells - 2);
}
