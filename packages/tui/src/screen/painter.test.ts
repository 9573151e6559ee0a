import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScreenDouble } from '../../testing/screen-double.js';
import { Grid } from './grid.js';
import { Painter } from './painter.js';
import { palette } from './palette.js';
import { Style } from './styles.js';
import { cellWidth } from './text.js';

const STYLES = Object.values(Style);

/** Whether a terminal shows what a grid says. */
function expectShown(screen: ScreenDouble, grid: Grid): void {
  const styles = palette('256');
  for (let y = 0; y < grid.height; y++) {
    for (let x = 0; x < grid.width; x++) {
      const text = grid.text(x, y);
      expect(screen.text(x, y)).toBe(text);
      const isBlank = text === ' ' && grid.style(x, y) === Style.Plain;
      if (text !== '' && !isBlank) expect(`\u001b[${screen.style(x, y)}m`).toBe(styles[grid.style(x, y)]);
    }
  }
}

function gridOf(puts: readonly (readonly [x: number, y: number, text: string, style: number])[]): Grid {
  const grid = new Grid(12, 4);
  for (const [x, y, text, style] of puts) grid.put(x, y, text, STYLES[style]!);
  return grid;
}

const puts = fc.array(
  fc.tuple(
    fc.nat(11),
    fc.nat(3),
    fc.oneof(fc.string(), fc.constantFrom('関数', 'é', 'a関b', '👩x🇩🇪', '\u001b[2J', '     ')),
    fc.nat(STYLES.length - 1),
  ),
);

describe('the painter', () => {
  it('shows any grid after any other, whatever the terminal thinks of wide characters', () => {
    fc.assert(
      fc.property(fc.array(puts, { minLength: 1, maxLength: 5 }), fc.boolean(), (frames, isNarrowMinded) => {
        const painter = new Painter('256');
        const screen = new ScreenDouble(12, 4);
        let before: Grid | undefined;
        for (const frame of frames) {
          const grid = gridOf(frame);
          const text = painter.paint(grid, before);
          // One that takes wide characters for narrow shows them wrong, and the others right all the same.
          screen.write(text, (cluster) => (isNarrowMinded ? 1 : cellWidth(cluster)));
          if (!isNarrowMinded) expectShown(screen, grid);
          before = grid;
        }
      }),
    );
  });

  it('writes only what has changed', () => {
    const painter = new Painter('none');
    const screen = new ScreenDouble(12, 4);
    const before = gridOf([[0, 1, 'total 100', 0]]);
    const after = gridOf([[0, 1, 'total 101', 0]]);
    screen.write(painter.paint(before, undefined), cellWidth);
    screen.written = 0;
    screen.write(painter.paint(after, before), cellWidth);
    expect(screen.written).toBe(1);
    expect(painter.paint(after, after)).toBe('');
  });

  it('clears a screen of another size', () => {
    const text = new Painter('none').paint(new Grid(3, 1), new Grid(2, 1));
    expect(text).toContain('\u001b[2J');
  });

  it('all at once', () => {
    const text = new Painter('none').paint(gridOf([[0, 0, 'x', 0]]), undefined);
    expect(text.startsWith('\u001b[?2026h')).toBe(true);
    expect(text.endsWith('\u001b[?2026l')).toBe(true);
  });
});
