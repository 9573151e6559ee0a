import { EMPTY_STACK, ProfileTables, type StackId } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { FOLDED, SampleCells } from './sample-cells.js';

/** A sample: thread, stack, position, flags, time, memory. */
function add(cells: SampleCells, ...[thread, stack, position, flags, time, memory]: Args): void {
  cells.add({ thread, stack, position, flags, time, memory, count: 1 });
}
type Args = [thread: number, stack: StackId, position: number, flags: number, time: number, memory: number];

/** A chain of stacks for each name, `depth` frames deep. */
function chain(tables: ProfileTables, name: string, depth: number): StackId {
  let stack = EMPTY_STACK;
  for (let i = 0; i < depth; i++) {
    const fn = tables.internFunction(tables.internString(`${name}${i}`), tables.internString('a.py'));
    stack = tables.internStack(stack, tables.internFrame(fn, 1));
  }
  return stack;
}

const rows = (cells: SampleCells) =>
  Array.from({ length: cells.size }, (_, cell) => ({
    thread: cells.thread(cell),
    stack: cells.stack(cell),
    slot: cells.slot(cell),
    flags: cells.flags(cell),
    wall: cells.weight(cell, 'wall'),
  }));
const sum = (cells: SampleCells): number => rows(cells).reduce((total, { wall }) => total + wall, 0);

describe('SampleCells', () => {
  it('adds up samples of the same stack, thread, slot, flags and sign', () => {
    const tables = new ProfileTables();
    const stack = chain(tables, 'f', 1);
    const cells = new SampleCells(tables);
    add(cells, 0, stack, 0, 0, 5, 64);
    add(cells, 0, stack, 0, 0, 6, -16);
    add(cells, 0, stack, 0, 2, 7, 0);
    add(cells, 1, stack, 0, 0, 8, 0);
    add(cells, 0, stack, 1, 0, 9, 0);
    add(cells, 0, stack, 0, 0, 3, 8);
    expect(rows(cells).map(({ wall }) => wall)).toEqual([8, 6, 7, 8, 9]);
    const weights = (cell: number) =>
      (['cpu', 'idle', 'allocated', 'deallocated'] as const).map((m) => cells.weight(cell, m));
    expect([weights(0), weights(1), weights(2)]).toEqual([
      [8, 0, 72, 0],
      [6, 0, 0, 16],
      [0, 7, 0, 0],
    ]);
    expect([0, 1, 2].map((cell) => cells.count(cell))).toEqual([2, 1, 1]);
    expect(cells.squares(0)).toEqual({ time: 25 + 9, memory: 64 * 64 + 8 * 8 });
    expect(cells.lanes.samples.wall).toEqual([4, 1, 1]);
    expect(cells.lanes.samples.allocated).toEqual([2, 0, 0]);
    expect(cells.lanes.squares.cpu).toEqual([25 + 36 + 9, 64, 81]);
  });

  it('makes slots longer as the recording goes on, and keeps all weight', () => {
    const tables = new ProfileTables();
    const stack = chain(tables, 'f', 1);
    const cells = new SampleCells(tables);
    for (let i = 0; i < 10_000; i++) add(cells, 0, stack, i * 100, 0, 100, 0);
    expect(cells.slotCount).toBeGreaterThan(900);
    expect(cells.slotCount).toBeLessThanOrEqual(2048);
    expect(cells.slotCount * cells.slotLength).toBeGreaterThanOrEqual(999_900);
    expect(sum(cells)).toBe(1e6);
    expect(cells.lanes.samples.wall.reduce((a, b) => a + b)).toBe(10_000);
    add(cells, 0, stack, 1e300, 0, 1, 0);
    expect(cells.slotCount).toBeLessThanOrEqual(2048);
    expect(sum(cells)).toBe(1e6 + 1);
  });

  it('cuts the lightest stacks when there are too many cells, and says below which share', () => {
    const tables = new ProfileTables();
    const cells = new SampleCells(tables, { cells: 500, stacks: 1 << 20 });
    const heavy = chain(tables, 'heavy', 20);
    for (let i = 0; i < 2000; i++) {
      add(cells, 0, heavy, i, 0, 1000, 0);
      add(cells, 0, chain(tables, `light${i}_`, 3), i, 0, 1, 0);
    }
    expect(cells.size).toBeLessThanOrEqual(500);
    expect(cells.foldedBelow).toBeGreaterThan(0);
    expect(sum(cells)).toBe(2_002_000);
    const kept = rows(cells).filter(({ stack }) => stack === heavy);
    expect(kept.reduce((total, { wall }) => total + wall, 0)).toBe(2_000_000);
    expect(kept.every(({ flags }) => (flags & FOLDED) === 0)).toBe(true);
    expect(rows(cells).some(({ stack, flags }) => stack === EMPTY_STACK && flags & FOLDED)).toBe(true);
  });

  it('limits stacks at the end', () => {
    const tables = new ProfileTables();
    const cells = new SampleCells(tables, { cells: 1 << 20, stacks: 50 });
    for (let i = 0; i < 300; i++) add(cells, 0, chain(tables, `f${i}_`, 2), 0, 0, i < 5 ? 1000 : 1, 0);
    cells.limitStacks();
    const stacks = new Set(rows(cells).map(({ stack }) => stack));
    expect(stacks.size).toBeLessThanOrEqual(50);
    expect(sum(cells)).toBe(5295);
  });

  it('makes all slots one', () => {
    const tables = new ProfileTables();
    const cells = new SampleCells(tables);
    add(cells, 0, EMPTY_STACK, 0, 0, 1, 0);
    add(cells, 0, EMPTY_STACK, 9, 0, 2, 0);
    cells.dropSlots();
    expect([cells.slotCount, rows(cells).length, sum(cells)]).toEqual([1, 1, 3]);
  });
});
