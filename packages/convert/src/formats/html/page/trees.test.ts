import { describe, expect, it } from 'vitest';
import { ROOT } from './call-tree.js';
import { layOut, nodeAt, placeOf, REST } from './layout.js';
import type { Payload } from './payload.js';
import { toRecording } from './recording.js';
import { rowTotals } from './row-totals.js';
import { makeRows, type RowsBy } from './rows.js';
import { matchedWeight, parseQuery } from './search.js';
import { type Selection, weigh } from './selection.js';
import { makeShape } from './shape.js';
import { ForwardTree, followPath, InvertedTree, pathOf, type ViewTree } from './view-tree.js';

const [A, B, C] = [0, 1, 2];

/** Thread 0: a 1, a>b 10, a>b>a 5, a>c 4. Thread 1: a>c 20, c 2. The second metric weighs one node only. */
const payload = {
  strings: ['a', 'b', 'c', 'own.py', '/usr/lib/python3.12/lib.py'],
  functions: { name: [0, 1, 2], file: [3, 4, 3], line: [1, 1, 1], kind: [0, 0, 0] },
  frames: { fn: [0, 1, 2], line: [1, 1, 1], lineEnd: [0, 0, 0], column: [0, 0, 0], columnEnd: [0, 0, 0] },
  stacks: { depth: [1, 2, 3, 2, 1], frame: [A, B, A, C, C] },
  threads: { pid: [1, 1], label: ['x', 'y'] },
  cells: {
    thread: [0, 0, 0, 0, 1, 1],
    slot: [0, 0, 1, 1, 1, 2],
    node: [0, 1, 2, 3, 3, 4],
    weight: [
      [1, 10, 5, 4, 20, 2],
      [0, 7, 0, 0, 0, 0],
    ],
  },
} as unknown as Payload;

const recording = toRecording(payload);

type Options = Partial<Selection> & { isOwnOnly?: boolean; isSplit?: boolean; by?: RowsBy };

function select({ isOwnOnly = false, isSplit = false, by = 'function', ...selection }: Options = {}) {
  const threads = selection.threads ?? [0, 1];
  const rows = makeRows(payload, by);
  const shape = makeShape(recording, { rows, isOwnOnly, splitThreads: isSplit ? threads : null });
  return weigh(recording, shape, { metric: 0, from: 0, to: 3, ...selection, threads });
}

/** A tree as nested lists: function, total, self, children. */
function outline(tree: ViewTree, node = ROOT): unknown[] {
  const children = tree.children(node).map((child) => outline(tree, child));
  return [tree.fn(node), tree.total(node), tree.self(node), ...children];
}

describe('the shape of a recording that goes on', () => {
  it('is what it would be if it were made anew', () => {
    const { frames, functions, cells, stacks } = payload;
    const longer = {
      ...payload,
      functions: {
        name: [...functions.name, 1],
        file: [...functions.file, 3],
        line: [1, 1, 1, 9],
        kind: [0, 0, 0, 0],
      },
      frames: { ...frames, fn: [...frames.fn, 3], line: [1, 1, 1, 9] },
      // Behind the others, since numbers stay what they are.
      stacks: { depth: [...stacks.depth, 2], frame: [...stacks.frame, 3] },
      cells: {
        thread: [...cells.thread, 1],
        slot: [...cells.slot, 2],
        node: [...cells.node, 5],
        weight: cells.weight.map((column) => [...column, 3]),
      },
    } as unknown as Payload;
    const after = toRecording(longer);
    for (const by of ['function', 'line', 'module'] as const) {
      const options = { isOwnOnly: false, splitThreads: null };
      const before = makeShape(recording, { rows: makeRows(payload, by), ...options });
      const rows = makeRows(longer, by);
      const { later: fromAnew, ...anew } = makeShape(after, { rows, ...options });
      const { later: again, ...grown } = before.later!(after, rows);
      expect(grown).toEqual(anew);
      for (const next of [fromAnew, again]) expect(next).toBeTypeOf('function');
      expect(grown.size).toBeGreaterThan(by === 'module' ? 0 : before.size);
    }
    const own = makeShape(recording, {
      rows: makeRows(payload, 'function'),
      isOwnOnly: true,
      splitThreads: null,
    });
    expect(own.later).toBeUndefined();
  });
});

describe('weigh', () => {
  it('adds up the same call path of several threads', () => {
    expect(outline(new ForwardTree(select()))).toEqual([
      -1,
      42,
      0,
      [A, 40, 1, [C, 24, 24], [B, 15, 10, [A, 5, 5]]],
      [C, 2, 2],
    ]);
  });

  it('shows one thread, or each below a frame of its own', () => {
    expect(outline(new ForwardTree(select({ threads: [1] })))).toEqual([
      -1,
      22,
      0,
      [A, 20, 0, [C, 20, 20]],
      [C, 2, 2],
    ]);
    const split = new ForwardTree(select({ isSplit: true }));
    expect(split.children(ROOT).map((node) => [split.fn(node), split.total(node)])).toEqual([
      [5, 22],
      [4, 20],
    ]);
  });

  it('weighs a part of the time only', () => {
    expect(outline(new ForwardTree(select({ from: 1, to: 2 })))).toEqual([
      -1,
      29,
      0,
      [A, 29, 0, [C, 24, 24], [B, 5, 0, [A, 5, 5]]],
    ]);
  });

  it('leaves out libraries, whose weight goes to the code that called them', () => {
    expect(outline(new ForwardTree(select({ isOwnOnly: true })))).toEqual([
      -1,
      42,
      0,
      [A, 40, 11, [C, 24, 24], [A, 5, 5]],
      [C, 2, 2],
    ]);
  });

  it('makes frames of a module one while they call each other', () => {
    const [own, library] = [0, 1];
    expect(outline(new ForwardTree(select({ by: 'module' })))).toEqual([
      -1,
      42,
      0,
      [own, 42, 27, [library, 15, 10, [own, 5, 5]]],
    ]);
  });

  it('leaves out what has no weight in the metric', () => {
    expect(outline(new ForwardTree(select({ metric: 1 })))).toEqual([-1, 7, 0, [A, 7, 0, [B, 7, 7]]]);
  });
});

describe('InvertedTree', () => {
  it('puts callers below what they call, and conserves weight at every level', () => {
    expect(outline(new InvertedTree(select()))).toEqual([
      -1,
      42,
      0,
      [C, 26, 2, [A, 24, 24]],
      [B, 10, 0, [A, 10, 10]],
      [A, 6, 1, [B, 5, 0, [A, 5, 5]]],
    ]);
  });
});

describe('paths', () => {
  it('finds the same call path in another tree, or as much of it as there is', () => {
    const both = new ForwardTree(select());
    const deep = followPath(both, [A, B, A]);
    expect(pathOf(both, deep)).toEqual([A, B, A]);
    expect(both.depth(deep)).toBe(3);
    const second = new ForwardTree(select({ threads: [1] }));
    expect(pathOf(second, followPath(second, pathOf(both, deep)))).toEqual([A]);
  });
});

describe('rowTotals', () => {
  it('counts recursion once', () => {
    const { self, total } = rowTotals(select(), 5);
    expect([...self]).toEqual([6, 10, 26, 0, 0]);
    expect([...total]).toEqual([40, 15, 26, 0, 0]);
  });
});

describe('search', () => {
  it('counts a sample once, however many of its frames match', () => {
    expect(matchedWeight(select(), Uint8Array.of(1, 1, 0))).toBe(40);
    expect(matchedWeight(select(), Uint8Array.of(0, 0, 1))).toBe(26);
    expect(matchedWeight(select(), Uint8Array.of(0, 0, 0))).toBe(0);
  });

  it('takes text in any case, and a regular expression between slashes', () => {
    expect(parseQuery('  ')).toBeNull();
    expect(parseQuery('Load')!('preload', '')).toBe(true);
    expect(parseQuery('shop/')!('x', '/SHOP/views.py')).toBe(true);
    expect(parseQuery('a.c')!('abc', '')).toBe(false);
    expect(parseQuery('/a.c$/')!('abc', '')).toBe(true);
    expect(parseQuery('/^load$/i')!('LOAD', '')).toBe(true);
    const everywhere = parseQuery('/b/g')!;
    expect([everywhere('ab', ''), everywhere('ab', '')]).toEqual([true, true]);
    expect(() => parseQuery('/(/')).toThrow(SyntaxError);
  });
});

describe('layOut', () => {
  it('gives children their part of the width, the heaviest first', () => {
    const tree = new ForwardTree(select());
    const { rows, zoomRow } = layOut(tree, ROOT, 420);
    expect(zoomRow).toBe(0);
    expect(rows.map((row) => row.node.map((node) => tree.fn(node)))).toEqual([[-1], [A, C], [C, B], [A]]);
    expect(rows.map((row) => row.left)).toEqual([[0], [0, 400], [0, 240], [240]]);
    expect(rows.map((row) => row.width)).toEqual([[420], [400, 20], [240, 150], [50]]);
  });

  it('draws siblings that are too narrow together', () => {
    const { rows } = layOut(new ForwardTree(select()), ROOT, 420, 21);
    expect(rows[1]).toEqual({ node: [expect.any(Number)], left: [0], width: [400] });
    const narrow = layOut(new ForwardTree(select()), ROOT, 42, 2.5);
    expect(narrow.rows[1]!.node).toHaveLength(1);
    const merged = layOut(new InvertedTree(select()), ROOT, 42, 11);
    expect(merged.rows[1]!.node.at(-1)).toBe(REST);
    expect(merged.rows[1]!.width).toEqual([26, 16]);
  });

  it('keeps the ancestors of the zoomed node above it, over the whole width', () => {
    const tree = new ForwardTree(select());
    const zoom = followPath(tree, [A, B]);
    const layout = layOut(tree, zoom, 300);
    expect(layout.zoomRow).toBe(2);
    expect(layout.rows.map((row) => row.node.map((node) => tree.fn(node)))).toEqual([[-1], [A], [B], [A]]);
    expect(layout.rows.map((row) => row.width)).toEqual([[300], [300], [300], [100]]);
  });

  it('finds nodes by place and places by node', () => {
    const tree = new ForwardTree(select());
    const layout = layOut(tree, ROOT, 420);
    const b = followPath(tree, [A, B]);
    expect(nodeAt(layout, 2, 240)).toBe(b);
    expect(nodeAt(layout, 2, 389.9)).toBe(b);
    expect(nodeAt(layout, 2, 390)).toBeNull();
    expect(nodeAt(layout, 9, 0)).toBeNull();
    expect(placeOf(layout, tree, b)).toEqual({ row: 2, left: 240, width: 150 });
    expect(placeOf(layOut(tree, followPath(tree, [C]), 420), tree, b)).toBeNull();
  });

  it('has only the root when nothing weighs', () => {
    const empty = select({ threads: [] });
    expect(layOut(new ForwardTree(empty), ROOT, 100).rows).toHaveLength(1);
    expect(layOut(new InvertedTree(empty), ROOT, 100).rows).toHaveLength(1);
  });
});
