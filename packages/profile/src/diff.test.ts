import { describe, expect, it } from 'vitest';
import { scene } from '../testing/scene.js';
import { diffFunctions, diffStacks } from './diff.js';
import type { Profile } from './profile.js';
import { EMPTY_STACK } from './tables.js';

function profileOf(...samples: readonly (readonly [path: string, timeUs: number, tid?: string])[]): Profile {
  const { builder, add, thread } = scene();
  for (const [path, timeUs, tid = '1'] of samples) add(path, timeUs, thread(1, 0, tid));
  return builder.build();
}

function functions(before: Profile, after: Profile) {
  const side = (profile: Profile) => ({ profile, options: { metric: 'wall' } as const });
  return diffFunctions(side(before), side(after));
}

/** `name:line name:line before>after`. */
function stacks(before: Profile, after: Profile): string[] {
  const { tables, stacks: found } = diffStacks(before, after, 'wall');
  return found.map(({ stack, before: a, after: b }) => {
    const frames = tables.stackFrames(stack).map((frame) => tables.frameInfo(frame));
    return `${frames.map(({ name, line }) => `${name}:${line}`).join(' ')} ${a}>${b}`;
  });
}

describe('diffFunctions', () => {
  it('compares shares, the largest change first, whatever the lines and threads', () => {
    const before = profileOf(['main:1 a:5', 60], ['main:1 b:7', 40]);
    const after = profileOf(['main:2 a:6', 20, '7'], ['main:2 b:8', 60, '8'], ['main:2 c:9', 120]);
    const { functions: found } = functions(before, after);
    expect(found.map(({ name, before: a, after: b }) => [name, a.self, b.self])).toEqual([
      ['c', 0, 120],
      ['a', 60, 20],
      ['b', 40, 60],
      ['main', 0, 0],
    ]);
    expect(found[0]!.selfChange).toBeCloseTo(0.6, 12);
    expect(found[1]!.selfChange).toBeCloseTo(-0.5, 12);
    expect(found[3]).toMatchObject({
      selfChange: 0,
      totalChange: 0,
      before: { total: 100 },
      after: { total: 200 },
    });
  });

  it('says how sure a change is', () => {
    const many = (hot: number) =>
      profileOf(...Array.from({ length: 1000 }, (_, i) => [i < hot ? 'a' : 'b', 10] as [string, number]));
    const { functions: found } = functions(many(100), many(200));
    const { selfInterval } = found.find(({ name }) => name === 'a')!;
    expect(selfInterval!.low).toBeGreaterThan(0.06);
    expect(selfInterval!.high).toBeLessThan(0.14);
    const same = functions(many(100), many(105)).functions.find(({ name }) => name === 'a')!;
    expect(same.selfInterval!.low).toBeLessThan(0);
    expect(same.selfInterval!.high).toBeGreaterThan(0);
  });

  it('counts functions of one name in one file once in a stack, nested ones and those that call themselves', () => {
    const { builder, thread } = scene();
    const { tables } = builder;
    const wrapper = (firstLine: number) =>
      tables.internFrame(
        tables.internFunction(
          tables.internString('wrap.<locals>.inner'),
          tables.internString('x.py'),
          firstLine,
        ),
      );
    const outer = tables.internStack(EMPTY_STACK, wrapper(3));
    const nested = tables.internStack(tables.internStack(outer, wrapper(9)), wrapper(3));
    builder.addSample(nested, thread(1, 0, '1'), 60, 0, 0);
    builder.addSample(outer, thread(1, 0, '1'), 40, 0, 0);
    const profile = builder.build();
    const { functions: found, before } = functions(profile, profileOf(['main', 5]));
    expect(found.map(({ name, before: a }) => [name, a])).toEqual([
      ['wrap.<locals>.inner', { self: 100, total: 100 }],
      ['main', { self: 0, total: 0 }],
    ]);
    expect(before.total).toBe(100);
  });

  it('finds functions again in a folder that was renamed', () => {
    const before = profileOf(['/old/app/a.py!main /old/app/b.py!work', 60], ['/old/app/a.py!gone', 40]);
    const after = profileOf(['/new/app/a.py!main /new/app/b.py!work', 60], ['/new/app/b.py!new', 40]);
    const { functions: found } = functions(before, after);
    const row = (name: string) => found.find((one) => one.name === name);
    expect(found).toHaveLength(4);
    expect(row('work')).toMatchObject({
      file: '/new/app/b.py',
      fileBefore: '/old/app/b.py',
      before: { self: 60 },
      after: { self: 60 },
    });
    expect(row('gone')).toMatchObject({ file: '/old/app/a.py', fileBefore: '/old/app/a.py' });
    expect(row('new')).toMatchObject({ file: '/new/app/b.py', fileBefore: '/old/app/b.py' });
  });

  it('has no share of an empty side', () => {
    const { functions: found, before } = functions(profileOf(), profileOf(['a', 5]));
    expect(before.total).toBe(0);
    expect(found).toMatchObject([{ name: 'a', selfChange: 1, selfInterval: null }]);
  });
});

describe('diffStacks', () => {
  it('matches equal stacks of all threads, and keeps both signs', () => {
    const before = profileOf(['m:1 a:5', 10], ['m:1 a:5', 5, '2'], ['m:1 gone:6', 7]);
    const after = profileOf(['m:1 a:5', 40], ['m:1 new:9', 3]);
    expect(stacks(before, after)).toEqual(['m:1 a:5 15>40', 'm:1 gone:6 7>0', 'm:1 new:9 0>3']);
  });

  it('then matches the same functions at other lines, the heaviest first', () => {
    const before = profileOf(['m:1 a:5', 10], ['m:1 a:6', 90], ['m:1 a:7', 1]);
    const after = profileOf(['m:2 a:15', 80], ['m:2 a:16', 20], ['m:1 a:7', 2]);
    expect(stacks(before, after)).toEqual(['m:1 a:5 10>20', 'm:1 a:6 90>80', 'm:1 a:7 1>2']);
  });

  it('finds stacks again in a folder that was renamed, by their names before', () => {
    const { tables, stacks: found } = diffStacks(
      profileOf(['/old/a.py!m:1 /old/b.py!f:2', 10]),
      profileOf(['/new/a.py!m:1 /new/b.py!f:2', 7], ['/new/a.py!m:1', 3]),
      'wall',
    );
    const files = found.map(({ stack }) =>
      tables.stackFrames(stack).map((frame) => tables.frameInfo(frame).file),
    );
    expect(found.map(({ before: a, after: b }) => [a, b])).toEqual([
      [10, 7],
      [0, 3],
    ]);
    expect(files).toEqual([['/old/a.py', '/old/b.py'], ['/old/a.py']]);
  });

  it('does not match stacks that are merely alike', () => {
    expect(stacks(profileOf(['m:1 a:5 b:1', 10]), profileOf(['m:1 a:5', 10]))).toEqual([
      'm:1 a:5 b:1 10>0',
      'm:1 a:5 0>10',
    ]);
  });

  it('conserves every weight', () => {
    const before = profileOf(['', 1], ['m:1', 2], ['m:2', 3]);
    const after = profileOf(['', 4], ['m:3', 5]);
    const { stacks: found } = diffStacks(before, after, 'wall');
    expect(found.reduce((sum, { before: a }) => sum + a, 0)).toBe(6);
    expect(found.reduce((sum, { after: b }) => sum + b, 0)).toBe(9);
  });
});
