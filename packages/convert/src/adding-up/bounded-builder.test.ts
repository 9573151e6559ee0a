import {
  aggregateCalls,
  type CallNode,
  clockTimes,
  EMPTY_STACK,
  type Metric,
  metadataValue,
  type Profile,
  ProfileBuilder,
  type ProfileSink,
  SampleFlag,
  type StackId,
  sampleCount,
  summarize,
  THREAD_START_KEY,
} from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { writeProfile } from '../convert.js';
import { collectText } from '../testing/io.js';
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
    const flags = (state >>> 20) % 2 === 0 ? SampleFlag.Idle : SampleFlag.Gc | SampleFlag.HoldsGil;
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
  const metrics: Metric[] = ['wall', 'cpu', 'gil', 'allocated', 'deallocated'];
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

  it('tells how sure shares are as if all samples were there', () => {
    const bounded = built(new BoundedBuilder(1000, { cells: 5000, stacks: 1 << 20 }));
    for (const metric of ['wall', 'cpu', 'gil', 'allocated', 'deallocated'] as const) {
      const [of, whole] = [bounded, exact].map((profile) => summarize(profile, { metric }));
      expect([of!.samples, of!.total]).toEqual([whole!.samples, whole!.total]);
      expect(of!.effectiveSamples).toBeCloseTo(whole!.effectiveSamples, 6);
    }
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
    const facts = metadata.filter(({ key }) => !key.startsWith(THREAD_START_KEY));
    expect(facts.map(({ sampleIndex }) => sampleIndex)).toEqual([0, 0, samples.length, samples.length]);
  });

  it('keeps the times of samples to within a slot, where threads begin late or were lost for a while too', () => {
    const fill = <T extends ProfileSink>(sink: T): T => {
      const threads = ['a', 'b'].map((tid) => sink.tables.internThread(1, 0, tid));
      sink.addMetadata('mode', 'wall');
      for (let i = 0; i < 9000; i++) {
        sink.addSample(EMPTY_STACK, threads[0]!, 100, 0, 0);
        if (i === 2000) sink.addMetadata(`${THREAD_START_KEY}:1:0:b`, '200000');
        if (i === 6000) sink.addMetadata(`${THREAD_START_KEY}:1:0:b`, '600000');
        if (i >= 2000 && (i < 4000 || i >= 6000)) sink.addSample(EMPTY_STACK, threads[1]!, 90, 0, i % 2);
      }
      return sink;
    };
    const whole = fill(new ProfileBuilder()).build();
    const bounded = fill(new BoundedBuilder(500)).build();
    const slotUs = Number(/slots of (\d+) µs/.exec(metadataValue(bounded, ADDED_UP_KEY)!)![1]);
    expect(bounded.samples.length).toBeLessThan(whole.samples.length);
    /** What a thread had spent by some moment. */
    const spent = (profile: Profile) => {
      const times = clockTimes(profile);
      return (thread: number, timeUs: number): number =>
        times.reduce(
          (sum, time, i) =>
            profile.samples.thread[i] === thread && time <= timeUs ? sum + profile.samples.timeUs[i]! : sum,
          0,
        );
    };
    const [exact, kept] = [spent(whole), spent(bounded)];
    const error = 2 * slotUs;
    for (let time = 0; time < 1_000_000; time += 20_000) {
      for (const thread of [0, 1]) {
        expect(kept(thread, time - error), `${thread} at ${time}`).toBeLessThanOrEqual(exact(thread, time));
        expect(kept(thread, time + error), `${thread} at ${time}`).toBeGreaterThanOrEqual(
          exact(thread, time),
        );
      }
    }
  });

  it('has stacks that continue each other together, so that a time line of them has few slices', async () => {
    const bounded = new BoundedBuilder(100, { cells: 5000, stacks: 1 << 20 });
    const { tables } = bounded;
    bounded.addMetadata('mode', 'wall');
    const thread = tables.internThread(1, 0, 'a');
    const names = ['main', 'main a', 'main b', 'main a c', 'main b d', 'main a e', 'other'];
    for (let i = 0; i < 20_000; i++) {
      let stack: StackId = EMPTY_STACK;
      for (const name of names[i % names.length]!.split(' ')) {
        const fn = tables.internFunction(tables.internString(name), tables.internString('a.py'));
        stack = tables.internStack(stack, tables.internFrame(fn, 1));
      }
      bounded.addSample(stack, thread, 100, 0, i % 2 ? SampleFlag.Idle : 0);
    }
    const profile = bounded.build();
    const slots = 2_000_000 / Number(/slots of (\d+) µs/.exec(metadataValue(profile, ADDED_UP_KEY)!)![1]);
    const trace = JSON.parse(await collectText(writeProfile(profile, 'trace'))) as {
      traceEvents: { ph: string }[];
    };
    // Each function once in each slot, running and idle.
    const begun = trace.traceEvents.filter(({ ph }) => ph === 'B').length;
    expect(begun).toBeLessThanOrEqual(2 * names.length * Math.ceil(slots + 1));
    expect(begun).toBeGreaterThan(slots);
  });

  it('says what slots of a recording of memory count', () => {
    const bounded = new BoundedBuilder(5);
    bounded.addMetadata('mode', 'memory');
    const thread = bounded.tables.internThread(1, 0, 'a');
    for (let i = 0; i < 9; i++) bounded.addSample(EMPTY_STACK, thread, 0, 64, 0);
    const { metadata } = bounded.build();
    expect(metadata.at(-1)!.value).toMatch(/in slots of \d+ samples$/);
    expect(metadata.filter(({ key }) => key.startsWith(THREAD_START_KEY))).toEqual([]);
  });
});
