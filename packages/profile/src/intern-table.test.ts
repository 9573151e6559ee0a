import { describe, expect, it } from 'vitest';
import { InternTable } from './intern-table.js';

describe('InternTable', () => {
  it('numbers distinct rows in order of first appearance', () => {
    const table = new InternTable(2);
    expect([table.intern(7, 8), table.intern(8, 7), table.intern(7, 8), table.intern(0, 0)]).toEqual([
      0, 1, 0, 2,
    ]);
    expect(table.size).toBe(3);
  });

  it('gives back what was put in', () => {
    const table = new InternTable(6);
    const id = table.intern(1, 2, 3, 4, 5, 0xffffffff);
    expect([0, 1, 2, 3, 4, 5].map((column) => table.get(id, column))).toEqual([1, 2, 3, 4, 5, 0xffffffff]);
  });

  it.each([1, 2, 3, 4, 5, 6])('tells rows of %i columns apart by every column', (width) => {
    const table = new InternTable(width);
    const row = [9, 9, 9, 9, 9, 9].slice(0, width) as [number, number, number, number, number, number];
    table.intern(...row);
    for (let column = 0; column < width; column++) {
      const other = [...row] as typeof row;
      other[column] = 10;
      expect(table.intern(...other)).toBe(column + 1);
    }
    expect(table.intern(...row)).toBe(0);
  });

  it('counts a missing column as 0', () => {
    const table = new InternTable(3);
    expect(table.intern(5)).toBe(table.intern(5, 0, 0));
  });

  it('keeps its ids while it grows', () => {
    const table = new InternTable(2);
    const count = 50_000;
    const wrong: number[] = [];
    for (let i = 0; i < count; i++) if (table.intern(i % 317, i) !== i) wrong.push(i);
    for (let i = 0; i < count; i++)
      if (table.intern(i % 317, i) !== i || table.get(i, 1) !== i) wrong.push(i);
    expect(wrong).toEqual([]);
    expect(table.size).toBe(count);
  });
});
