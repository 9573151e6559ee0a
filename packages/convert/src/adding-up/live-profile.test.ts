import { encodeMojo, MojoReader } from '@austin-profiler/mojo';
import { EMPTY_STACK, type Profile, SampleFlag, type ThreadId } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { LiveProfile } from './live-profile.js';
import { CELL_LIMITS } from './sample-cells.js';

const T0 = 0 as ThreadId;

function filled(samples: number, live = new LiveProfile()) {
  const { tables } = live;
  const thread = tables.internThread(1, 0, 'ab');
  const stacks = ['f', 'g'].map((name) => {
    const fn = tables.internFunction(tables.internString(name), tables.internString('a.py'));
    return tables.internStack(EMPTY_STACK, tables.internFrame(fn, 1));
  });
  live.addMetadata('mode', 'wall');
  for (let i = 0; i < samples; i++) live.addSample(stacks[i % 2]!, thread, 100, 0, 0);
  return { live, stacks, thread };
}

describe('LiveProfile', () => {
  it('adds up what has come, as often as it is asked', () => {
    const { live, stacks, thread } = filled(10);
    for (const extra of [0, 1]) {
      if (extra) live.addSample(stacks[0]!, thread, 50, 0, SampleFlag.Invalid);
      const { samples, mode } = live.profile();
      expect(mode).toBe('wall');
      expect(samples.timeUs.reduce((a, b) => a + b, 0)).toBe(1000 + 50 * extra);
      expect(samples.count!.reduce((a, b) => a + b, 0)).toBe(10 + extra);
    }
    expect(live.counts).toEqual({ samples: 11, invalid: 1, gc: 0 });
    expect(live.latest(T0)).toEqual({ stack: stacks[0], flags: SampleFlag.Invalid, number: 11 });
  });

  it('has few rows however many samples there were', () => {
    expect(filled(100_000).live.profile().samples.length).toBeLessThan(10_000);
  });

  it('has a row for each stack where time does not matter', () => {
    const live = new LiveProfile({ ...CELL_LIMITS, slots: 1 });
    const stacks = filled(10_000, live).stacks;
    const { samples } = live.profile();
    expect([...samples.stack]).toEqual(stacks);
    expect([...samples.timeUs]).toEqual([500_000, 500_000]);
    expect([...samples.count!]).toEqual([5000, 5000]);
  });

  it('takes rows that stand for several samples as if these had come one by one', () => {
    const single = filled(1000).live;
    const { samples } = single.profile();
    const { live } = filled(0);
    for (let row = 0; row < samples.length; row++) live.addRow(samples, row);
    expect(live.counts).toEqual(single.counts);
    expect(live.sampleNumber).toBe(1000);
    const columns = ({ samples: { timeUs, count, squares } }: Profile) => {
      const sum = (column: Float64Array): number => column.reduce((a, b) => a + b, 0);
      return [sum(timeUs), sum(count!), sum(squares!.timeUs)];
    };
    expect(columns(live.profile())).toEqual(columns(single.profile()));
  });

  it('forgets samples, and not what the recording is', () => {
    const { live, stacks, thread } = filled(10);
    live.reset();
    expect(live.profile().samples.length).toBe(0);
    expect(live.counts.samples).toBe(0);
    expect(live.latest(T0)).toBeUndefined();
    expect([live.metadata('mode'), live.sampleNumber]).toEqual(['wall', 10]);
    live.addSample(stacks[1]!, thread, 100, 0, 0);
    expect(live.profile()).toMatchObject({ mode: 'wall', samples: { length: 1 } });
  });

  it('is filled by a stream as it comes', () => {
    const bytes = encodeMojo(
      [
        { type: 'metadata', key: 'mode', value: 'wall' },
        { type: 'stack', pid: 1, iid: 0, thread: 'ab' },
        { type: 'metric-time', value: 7 },
      ],
      3,
    );
    const live = new LiveProfile();
    const reader = new MojoReader(live, { live: true });
    reader.push(bytes);
    expect(live.counts.samples).toBe(1);
    expect(live.profile().samples.timeUs[0]).toBe(7);
  });
});
