import { aggregateCalls, type CallNode, SampleFlag } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { liveScene } from '../../testing/live-scene.js';
import { callTrees } from './call-trees.js';

interface Plain {
  readonly fn: number | null;
  readonly thread: number;
  readonly self: number;
  readonly total: number;
  readonly children: readonly Plain[];
}

/** All of a tree, children in the order of their functions. */
function plain({ fn, thread, self, total, children }: CallNode): Plain {
  const below = [...children.values()].sort((a, b) => a.fn! - b.fn!).map(plain);
  return { fn, thread, self, total, children: below };
}

describe('call trees', () => {
  it('are those of the profile, whatever is looked at first', () => {
    const scene = liveScene();
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let sample = 0; sample < 2000; sample++) {
      const path = Array.from({ length: random(12) }, () => `f${random(5)}:${random(3)}`);
      const flags = random(4) === 0 ? SampleFlag.Idle : 0;
      scene.add(path.join(' '), 1, { tid: String(random(3)), pid: 1 + random(2), flags });
    }
    const profile = scene.live.profile();
    for (const metric of ['wall', 'cpu', 'gil'] as const) {
      expect(callTrees(profile, { metric }).map(plain)).toEqual(
        aggregateCalls(profile, { metric }).map(plain),
      );
    }
  });

  it('take stacks ten thousand calls deep', () => {
    const scene = liveScene();
    scene.add('f '.repeat(10_000));
    let depth = 0;
    let [node] = callTrees(scene.live.profile(), { metric: 'wall' }) as [CallNode | undefined];
    for (; node && node.children.size > 0; depth++) [node] = [...node.children.values()];
    expect([depth, node?.self]).toEqual([10_000, 1000]);
  });
});
