import { CELL_LIMITS, LiveProfile } from '@austin-profiler/convert/live';
import { describe, expect, it } from 'vitest';
import { LivePicture } from '../picture/live-picture.js';
import { addSample } from '../testing/session.js';
import { LiveState } from './live-state.js';

/** A recording, and what a page makes of it that is told of it bit by bit. */
function told() {
  const live = new LiveProfile({ ...CELL_LIMITS, slots: 1 });
  live.addMetadata('mode', 'wall');
  const picture = new LivePicture(live);
  let cursor: LivePicture['cursor'] | undefined;
  let state: LiveState | undefined;
  return {
    add: (path: string, tid: string) => addSample(live, path, 1000, tid),
    tell: (): LiveState => {
      picture.refresh();
      const update = picture.since(cursor)!;
      cursor = picture.cursor;
      if (state) state.apply(update);
      else state = new LiveState(update);
      return state;
    },
  };
}

describe('what a page knows of a recording', () => {
  it('has the cells of each thread behind each other, however they came', () => {
    const { add, tell } = told();
    add('main work', 'a1');
    add('serve', 'a2');
    tell();
    add('main work', 'a1');
    add('main rest', 'a1');
    const { cells, size, parent } = tell().recording();
    expect([...cells.thread]).toEqual([0, 0, 1]);
    expect([...cells.weight[0]!]).toEqual([2000, 1000, 1000]);
    // The root, main, work, serve, rest.
    expect(size).toBe(5);
    expect([...cells.node].map((node) => parent[node])).toEqual([1, 1, 0]);
  });

  it('grows, and leaves what was taken of it before as long as it was', () => {
    const { add, tell } = told();
    add('main', 'a1');
    const before = tell().recording();
    for (let i = 0; i < 200; i++) add(`main f${i}`, 'a1');
    const after = tell().recording();
    expect([before.size, before.cells.length, before.cells.node.length]).toEqual([2, 1, 1]);
    expect([after.size, after.cells.length]).toEqual([202, 201]);
    expect(after.cells.weight[0]!.reduce((sum, weight) => sum + weight, 0)).toBe(201_000);
  });
});
