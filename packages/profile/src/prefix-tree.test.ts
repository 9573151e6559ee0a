import { expect, test } from 'vitest';
import { PrefixTree, ROOT } from './prefix-tree.js';

test('a node is known by the labels on the way to it, and numbered after its parent', () => {
  const tree = new PrefixTree();
  const a = tree.child(ROOT, 7);
  const b = tree.child(a, 7);
  const c = tree.child(ROOT, 0xfffffffe);
  expect([a, b, c]).toEqual([1, 2, 3]);
  expect([tree.child(ROOT, 7), tree.child(a, 7), tree.child(ROOT, 0xfffffffe)]).toEqual([a, b, c]);
  expect([tree.parent(b), tree.label(b), tree.parent(c), tree.label(c)]).toEqual([a, 7, ROOT, 0xfffffffe]);
  expect(tree.size).toBe(4);
});

test.each([1, 2, 3, 5000])('finds each of %i children of two nodes again', (count) => {
  const tree = new PrefixTree();
  const parents = [tree.child(ROOT, 1), tree.child(ROOT, 2)];
  const labels = Array.from({ length: count }, (_, i) => (i * 0x9e3779b1) >>> 0);
  const add = (): number[] => labels.flatMap((label) => parents.map((parent) => tree.child(parent, label)));
  const nodes = add();
  expect(nodes).toEqual(Array.from({ length: 2 * count }, (_, i) => 3 + i));
  expect(add()).toEqual(nodes);
  expect(nodes.map((node) => [tree.parent(node), tree.label(node)])).toEqual(
    labels.flatMap((label) => parents.map((parent) => [parent, label])),
  );
});

test('keeps a path of a hundred thousand nodes', () => {
  const tree = new PrefixTree();
  let node: number = ROOT;
  for (let depth = 0; depth < 100_000; depth++) node = tree.child(node, depth % 3);
  let wrong = 0;
  for (let depth = 99_999; depth >= 0; depth--) {
    if (tree.label(node) !== depth % 3) wrong++;
    node = tree.parent(node);
  }
  expect(wrong).toBe(0);
  expect(node).toBe(ROOT);
});
