import { describe, expect, it } from 'vitest';
import { scene } from '../testing/scene.js';
import { type Profile, SampleFlag } from './profile.js';
import { type SampleSummary, summarize } from './summary.js';

/** Functions as `name self/total`, in order. */
function functions(profile: Profile, summary: SampleSummary): string[] {
  const { tables } = profile;
  return summary.functions.map(
    ({ fn, self, total }) => `${tables.string(tables.functionName(fn))} ${self}/${total}`,
  );
}

function lines(profile: Profile, summary: SampleSummary): string[] {
  const { tables } = profile;
  return summary.lines.map(
    ({ fn, line, self, total }) => `${tables.string(tables.functionName(fn))}:${line} ${self}/${total}`,
  );
}

describe('summarize', () => {
  it('adds up functions and lines, the hottest first', () => {
    const { builder, add } = scene();
    add('main:1 a:5', 10);
    add('main:1 a:6', 20);
    add('main:2', 5);
    add('main:2 b:9', 15);
    const profile = builder.build();
    const summary = summarize(profile, { metric: 'wall' });
    expect(functions(profile, summary)).toEqual(['a 30/30', 'b 15/15', 'main 5/50']);
    expect(lines(profile, summary)).toEqual([
      'a:6 20/20',
      'b:9 15/15',
      'a:5 10/10',
      'main:2 5/20',
      'main:1 0/30',
    ]);
    expect(summary).toMatchObject({ total: 50, samples: 4, withoutFrames: 0, invalid: 0, gc: 0 });
  });

  it('counts rows that stand for several samples as these, and says what ran while garbage was collected', () => {
    const { builder, add } = scene();
    add('main a', 30);
    add('main b', 10);
    const { samples, ...profile } = builder.build();
    const count = Float64Array.of(3, 1);
    const flags = Uint8Array.of(0, SampleFlag.Gc);
    const summary = summarize({ ...profile, samples: { ...samples, count, flags } }, { metric: 'wall' });
    expect(summary).toMatchObject({ total: 40, samples: 4, effectiveSamples: 4, gc: 10 });
  });

  it('counts what recurs in a stack once', () => {
    const { builder, add } = scene();
    add('f:1 g:2 f:1 f:3', 7);
    const profile = builder.build();
    const summary = summarize(profile, { metric: 'wall' });
    expect(functions(profile, summary)).toEqual(['f 7/7', 'g 0/7']);
    expect(lines(profile, summary)).toEqual(['f:3 7/7', 'f:1 0/7', 'g:2 0/7']);
  });

  it('tells threads apart, the heaviest first, and keeps every weight', () => {
    const { builder, add, thread } = scene();
    const [one, two, idle] = [thread(1, 0, '1'), thread(1, 0, '2'), thread(2, 0, '1')];
    add('main a', 10, one);
    add('main b', 30, two);
    add('', 1, two);
    add('main b', 0, idle);
    const profile = builder.build();
    const summary = summarize(profile, { metric: 'wall' });
    expect(summary.threads.map((part) => [part.thread, part.total, part.samples])).toEqual([
      [two, 31, 2],
      [one, 10, 1],
    ]);
    expect(functions(profile, summary.threads[0]!)).toEqual(['b 30/30', 'main 0/30']);
    expect(functions(profile, summary)).toEqual(['b 30/30', 'a 10/10', 'main 0/40']);
    expect(summary).toMatchObject({ total: 41, withoutFrames: 1 });
  });

  it('takes the weight of the metric', () => {
    const { builder, stack, thread } = scene();
    const main = thread(1, 0, '1');
    builder.addSample(stack('a'), main, 10, 100, SampleFlag.Idle);
    builder.addSample(stack('b'), main, 5, -40, SampleFlag.Invalid);
    const profile = builder.build();
    const of = (metric: 'wall' | 'cpu' | 'allocated' | 'deallocated') => summarize(profile, { metric });
    expect(functions(profile, of('wall'))).toEqual(['a 10/10', 'b 5/5']);
    expect(functions(profile, of('cpu'))).toEqual(['b 5/5']);
    expect(functions(profile, of('allocated'))).toEqual(['a 100/100']);
    expect(functions(profile, of('deallocated'))).toEqual(['b 40/40']);
    expect([of('wall').invalid, of('allocated').invalid]).toEqual([5, 0]);
  });

  it('says how many samples its shares rest on', () => {
    const { builder, add } = scene();
    for (let i = 0; i < 10; i++) add('a', 100);
    expect(summarize(builder.build(), { metric: 'wall' }).effectiveSamples).toBeCloseTo(10, 9);
    add('b', 1_000_000);
    const uneven = summarize(builder.build(), { metric: 'wall' });
    expect([uneven.samples, Math.round(uneven.effectiveSamples)]).toEqual([11, 1]);
    const counts = summarize(builder.build(), { metric: 'wall', isCount: true });
    expect([counts.samples, counts.effectiveSamples]).toEqual([1_001_000, 1_001_000]);
  });

  it('counts the samples that were merged into one row', () => {
    const { builder, add, thread } = scene();
    add('a', 300);
    add('b', 100, thread(1, 0, '2'));
    const summary = summarize(builder.build(), { metric: 'wall', mergedSamples: 40 });
    expect([summary.samples, summary.effectiveSamples]).toEqual([40, 40]);
    expect(summary.threads.map(({ samples }) => samples)).toEqual([30, 10]);
  });

  it('bears stacks of ten thousand frames and profiles without samples', () => {
    const { builder, add } = scene();
    expect(summarize(builder.build(), { metric: 'wall' })).toMatchObject({
      total: 0,
      functions: [],
      threads: [],
    });
    add(Array.from({ length: 10_000 }, (_, i) => `f${i}`).join(' '), 3);
    const deep = summarize(builder.build(), { metric: 'wall' });
    expect(deep.functions).toHaveLength(10_000);
    expect(deep.functions.every(({ total }) => total === 3)).toBe(true);
  });
});
