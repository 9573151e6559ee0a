import { expect, it } from 'vitest';
import { Grid } from './grid.js';
import { Style } from './styles.js';

it('puts texts where they fit and cuts the rest', () => {
  const grid = new Grid(6, 2);
  expect(grid.put(0, 0, 'abc')).toBe(3);
  expect(grid.put(4, 0, 'wxyz')).toBe(6);
  expect(grid.put(0, 1, 'abcdef', Style.Plain, 2)).toBe(2);
  expect(grid.put(0, 7, 'below')).toBe(0);
  expect([grid.row(0), grid.row(1)]).toEqual(['abc wx', 'ab']);
});

it('a wide character is whole or not there', () => {
  const grid = new Grid(4, 1);
  expect(grid.put(0, 0, '関数')).toBe(4);
  expect([0, 1, 2, 3].map((x) => grid.text(x, 0))).toEqual(['関', '', '数', '']);
  grid.put(1, 0, 'x');
  expect(grid.row(0)).toBe(' x数');
  grid.put(2, 0, 'y');
  expect(grid.row(0)).toBe(' xy');
  // Of one that would stand half outside nothing is shown.
  expect(grid.put(3, 0, '関')).toBe(3);
});

it('what is written over wide characters stands as it is written', () => {
  for (const text of ['関数', 'a関', '関a', 'ab', 'a関数']) {
    for (let x = 0; x < 6; x++) {
      const [over, alone] = [new Grid(10, 1), new Grid(10, 1)];
      over.put(3, 0, '関数');
      for (const grid of [over, alone]) grid.put(x, 0, text);
      const behind = alone.put(x, 0, text);
      for (let at = x; at < behind; at++) expect(over.text(at, 0), `${text} at ${x}`).toBe(alone.text(at, 0));
    }
  }
});

it('right-aligned texts end before a column', () => {
  const grid = new Grid(5, 1);
  expect(grid.putRight(5, 0, 'ab')).toBe(3);
  expect(grid.row(0)).toBe('   ab');
});

it('paints cells without changing what stands there', () => {
  const grid = new Grid(4, 1);
  grid.put(0, 0, 'abcd', Style.Dim);
  grid.paint(1, 0, 2, Style.Selected);
  expect([0, 1, 2, 3].map((x) => grid.style(x, 0))).toEqual([
    Style.Dim,
    Style.Selected,
    Style.Selected,
    Style.Dim,
  ]);
  expect(grid.row(0)).toBe('abcd');
});
