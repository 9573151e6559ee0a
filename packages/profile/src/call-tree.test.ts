import { describe, expect, it } from 'vitest';
import { scene } from '../testing/scene.js';
import { aggregateCalls, type CallNode, type Metric, sampleWeight } from './call-tree.js';
import { SampleFlag } from './profile.js';
import { EMPTY_STACK } from './tables.js';
import type { StackId } from './units.js';

function child(node: CallNode, nameOf: (node: CallNode) => string, name: string): CallNode {
  return [...node.children.values()].find((one) => nameOf(one) === name)!;
}

describe('aggregateCalls', () => {
  it('adds up self and total along each path', () => {
    const { builder, stack, thread, nameOf } = scene();
    const main = thread(1, 0, '1');
    builder.addSample(stack('main'), main, 1, 0, 0);
    builder.addSample(stack('main a'), main, 10, 0, 0);
    builder.addSample(stack('main a b'), main, 100, 0, 0);
    builder.addSample(stack('main b'), main, 1000, 0, 0);
    const [root] = aggregateCalls(builder.build(), { metric: 'wall' });
    const top = child(root!, nameOf, 'main');
    expect([root!.self, root!.total]).toEqual([0, 1111]);
    expect([top.self, top.total]).toEqual([1, 1111]);
    expect([child(top, nameOf, 'a').self, child(top, nameOf, 'a').total]).toEqual([10, 110]);
    expect(child(child(top, nameOf, 'a'), nameOf, 'b').total).toBe(100);
    expect(child(top, nameOf, 'b').total).toBe(1000);
  });

  it('merges the lines of a function', () => {
    const { builder, stack, thread, nameOf } = scene();
    const main = thread(1, 0, '1');
    builder.addSample(stack('main:1 a:5'), main, 1, 0, 0);
    builder.addSample(stack('main:2 a:5'), main, 2, 0, 0);
    builder.addSample(stack('main:2 a:6'), main, 4, 0, 0);
    const [root] = aggregateCalls(builder.build(), { metric: 'wall' });
    expect(root!.children.size).toBe(1);
    const top = child(root!, nameOf, 'main');
    expect([...top.children.values()].map((node) => node.self)).toEqual([7]);
  });

  it('keeps each call of a recursion as a node of its own', () => {
    const { builder, stack, thread, nameOf } = scene();
    builder.addSample(stack('f f f'), thread(1, 0, '1'), 8, 0, 0);
    let [node] = aggregateCalls(builder.build(), { metric: 'wall' });
    const totals = [];
    while (node!.children.size > 0) {
      node = child(node!, nameOf, 'f');
      totals.push(node.total);
    }
    expect(totals).toEqual([8, 8, 8]);
  });

  it('keeps threads apart that share an id but not a process or an interpreter', () => {
    const { builder, stack, thread } = scene();
    const threads = [
      thread(1, 0, '0x7f'),
      thread(2, 0, '0x7f'),
      thread(1, 1, '0x7f'),
      thread(1, null, '0x7f'),
    ];
    for (const [i, one] of threads.entries()) builder.addSample(stack('main'), one, 10 ** i, 0, 0);
    const roots = aggregateCalls(builder.build(), { metric: 'wall' });
    expect(roots.map((root) => root.thread)).toEqual(threads);
    expect(roots.map((root) => root.total)).toEqual([1, 10, 100, 1000]);
  });

  it('gives a thread without frames its weight at the root', () => {
    const { builder, thread } = scene();
    builder.addSample(EMPTY_STACK, thread(1, 0, '1'), 5, 0, SampleFlag.Invalid);
    const [root] = aggregateCalls(builder.build(), { metric: 'wall' });
    expect([root!.fn, root!.self, root!.total]).toEqual([null, 5, 5]);
  });

  it('walks stacks of 20,000 frames', () => {
    const { builder, stack, thread } = scene();
    const depth = 20_000;
    builder.addSample(stack('f '.repeat(depth)), thread(1, 0, '1'), 3, 0, 0);
    builder.addSample(stack('f '.repeat(depth / 2)), thread(1, 0, '1'), 4, 0, 0);
    let [node] = aggregateCalls(builder.build(), { metric: 'wall' });
    expect(node!.total).toBe(7);
    let seen = 0;
    for (; node!.children.size > 0; seen++) [node] = node!.children.values();
    expect(seen).toBe(depth);
    expect(node!.total).toBe(3);
  });

  it.each(['wall', 'cpu', 'allocated', 'deallocated'] as Metric[])(
    'conserves the weight of %s per thread',
    (metric) => {
      const { builder, stack, thread, nameOf } = scene();
      const threads = [thread(1, 0, '1'), thread(1, 0, '2'), thread(2, 0, '1')];
      const names = ['a', 'b', 'c', 'd'];
      // A small generator of its own: the same profile in every run.
      let state = 12345;
      const below = (n: number): number => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return (state >>> 8) % n;
      };
      for (let i = 0; i < 2000; i++) {
        const path = Array.from({ length: below(8) }, () => `${names[below(4)]}:${below(3)}`).join(' ');
        builder.addSample(
          stack(path),
          threads[below(3)]!,
          below(100),
          below(200) - 100,
          below(2) ? SampleFlag.Idle : 0,
        );
      }
      const profile = builder.build();
      const expected = threads.map(() => 0);
      for (let i = 0; i < profile.samples.length; i++) {
        expected[profile.samples.thread[i]!]! += sampleWeight(profile, i, metric);
      }
      const roots = aggregateCalls(profile, { metric });
      expect(roots.map((root) => root.total)).toEqual(expected);
      expect(roots.map(sumOfSelf)).toEqual(expected);
      const ofPaths = new Map<string, number>();
      for (let i = 0; i < profile.samples.length; i++) {
        const names = profile.tables
          .stackFrames(profile.samples.stack[i]! as StackId)
          .map((frame) => profile.tables.frameInfo(frame).name);
        const path = [profile.samples.thread[i], ...names].join(' ');
        ofPaths.set(path, (ofPaths.get(path) ?? 0) + sampleWeight(profile, i, metric));
      }
      const found = roots.flatMap((root, at) => pathsOf(root, String(threads[at]), nameOf));
      expect(new Map(found)).toEqual(new Map([...ofPaths].filter(([, weight]) => weight !== 0)));
    },
  );
});

/** Each path below a node, with the weight of the samples that end there, if any. */
function pathsOf(node: CallNode, path: string, nameOf: (node: CallNode) => string): [string, number][] {
  const below = [...node.children.values()].flatMap((one) => pathsOf(one, `${path} ${nameOf(one)}`, nameOf));
  return node.self === 0 ? below : [[path, node.self], ...below];
}

function sumOfSelf(node: CallNode): number {
  let sum = node.self;
  for (const one of node.children.values()) sum += sumOfSelf(one);
  return sum;
}

describe('sampleWeight', () => {
  it.each([
    ['wall', 30],
    ['cpu', 0],
    ['allocated', 0],
    ['deallocated', 64],
  ] as [Metric, number][])('of an idle sample that freed memory: %s %i', (metric, weight) => {
    const { builder, thread } = scene();
    builder.addSample(EMPTY_STACK, thread(1, 0, '1'), 30, -64, SampleFlag.Idle);
    expect(sampleWeight(builder.build(), 0, metric)).toBe(weight);
  });
});
