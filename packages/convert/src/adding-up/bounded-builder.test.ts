import {
  aggregateCalls,
  type CallNode,
  EMPTY_STACK,
  type Metric,
  metadataValue,
  type Profile,
  ProfileBuilder,
  type ProfileSink,
  SampleFlag,
  type StackId,
  sampleCount,
} from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { contents } from '../testing/profiles.js';
import { ADDED_UP_KEY, BoundedBuilder } from './bounded-builder.js';

/** Three threads, 20,000 samples of every kind in full mode; `strays` of them in a function of their own. */
function fill(sink: ProfileSink, strays: number): void {
  sink.addMetadata('mode', 'full');
  const { tables } = sink;
  const threads = ['a', 'b', 'c'].map((tid) => tables.internThread(1, 0, tid));
  sink.addMetadata('x-thread-name:1:0:b', 'worker');
  let state = 1;
  const frame = (name: string) =>
    tables.internFrame(tables.internFunction(tables.internString(name), tables.internString('a.py')), 1);
  for (let i = 0; i < 20_000; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    let stack: StackId = EMPTY_STACK;
    for (let depth = 0; depth < (state >>> 8) % 3; depth++)
      stack = tables.internStack(stack, frame(`f${depth}`));
    if (i < strays) stack = tables.internStack(stack, frame(`stray${i}`));
    const flags = (state >>> 20) % 2 === 0 ? SampleFlag.Idle : SampleFlag.Gc;
    sink.addSample(stack, threads[i % 3]!, 90 + (state % 20), ((state >>> 16) % 65) - 32, flags);
  }
  sink.addMetadata('duration', '166667');
  sink.addDiagnostic({ code: 'ERR_X', message: 'cut short', count: 1 });
}

function weights(profile: Profile): unknown {
  const outline = ({ fn, self, total, children }: CallNode): unknown => {
    const { tables } = profile;
    const name = fn === null ? '' : tables.string(tables.functionName(fn));
    const below = [...children.values()].filter((child) => child.total > 0);
    return {
      name,
      self,
      total,
      children: below.map(outline).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    };
  };
  const metrics: Metric[] = ['wall', 'cpu', 'allocated', 'deallocated'];
  return metrics.map((metric) => aggregateCalls(profile, { metric }).map(outline));
}

function built(sink: ProfileSink & { build(): Profile }, strays = 0): Profile {
  fill(sink, strays);
  return sink.build();
}

describe('BoundedBuilder', () => {
  const exact = built(new ProfileBuilder());

  it('keeps a short profile as it is', () => {
    expect(contents(built(new BoundedBuilder()))).toEqual(contents(exact));
  });

  it('conserves the weight of each call path in each thread and metric, and the number of samples', () => {
    const bounded = built(new BoundedBuilder(1000, { cells: 5000, stacks: 1 << 20 }));
    expect(bounded.samples.length).toBeLessThan(10_000);
    expect(sampleCount(bounded)).toBe(20_000);
    expect(weights(bounded)).toEqual(weights(exact));
    expect(bounded.mode).toBe('full');
    expect(bounded.tables.threadName(1 as never)).toBe('worker');
    expect(bounded.diagnostics).toEqual(exact.diagnostics);
    expect(metadataValue(bounded, 'duration')).toBe('166667');
    expect(metadataValue(bounded, ADDED_UP_KEY)).toMatch(/^samples .* in slots of \d+ µs$/);
  });

  it('says when stacks were cut as well, and still conserves the totals of threads', () => {
    const bounded = built(new BoundedBuilder(100, { cells: 6000, stacks: 1 << 20 }), 8000);
    expect(bounded.samples.length).toBeLessThan(12_000);
    expect(metadataValue(bounded, ADDED_UP_KEY)).toMatch(
      /stacks below .* % of the whole are cut, at <lighter paths>$/,
    );
    const totals = (profile: Profile) =>
      (['wall', 'allocated', 'deallocated'] as const).map((metric) =>
        aggregateCalls(profile, { metric }).map(({ total }) => total),
      );
    expect(totals(bounded)).toEqual(totals(exact));
    expect(sampleCount(bounded)).toBe(20_000);
  });

  it('keeps samples in order of time', () => {
    const { samples, metadata } = built(new BoundedBuilder(1000, { cells: 5000, stacks: 1 << 20 }));
    expect(metadata.map(({ sampleIndex }) => sampleIndex)).toEqual([0, 0, samples.length, samples.length]);
  });
});
