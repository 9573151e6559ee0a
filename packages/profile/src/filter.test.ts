import { describe, expect, it } from 'vitest';
import { scene } from '../testing/scene.js';
import { type FunctionTest, filterProfile, type ProfileFilter } from './filter.js';
import { type Profile, sampleCount } from './profile.js';
import { clockTimes } from './thread-clocks.js';
import type { StackId } from './units.js';

/** Samples as `tid name name… weight`. */
function samplesOf({ samples, tables }: Profile): string[] {
  return Array.from({ length: samples.length }, (_, i) => {
    const names = tables
      .stackFrames(samples.stack[i]! as StackId)
      .map((frame) => tables.frameInfo(frame).name);
    const { tid } = tables.thread(samples.thread[i]! as never);
    return [tid, ...names, samples.timeUs[i]].join(' ');
  });
}

function called(profile: Profile, ...names: string[]): FunctionTest {
  const { tables } = profile;
  return (fn) => names.includes(tables.string(tables.functionName(fn)));
}

function example(): Profile {
  const { builder, add, thread } = scene();
  builder.addMetadata('mode', 'wall');
  const [one, two] = [thread(1, 0, 'a'), thread(2, 0, 'b')];
  builder.addMetadata('x-process:1', '{}');
  builder.addMetadata('x-thread-name:1:0:a', 'main');
  add('main load parse', 1, one);
  add('main work', 2, one);
  builder.addMetadata('x-process:2', '{}');
  builder.addMetadata('x-thread-name:2:0:b', 'helper');
  add('run work parse', 4, two);
  add('', 8, two);
  builder.addMetadata('count', '4');
  builder.addMetadata('x-native-missed:gone', '1');
  builder.addMetadata('duration', '15');
  return builder.build();
}

function filtered(make: (profile: Profile) => ProfileFilter): string[] {
  const profile = example();
  return samplesOf(filterProfile(profile, make(profile)));
}

describe('filterProfile', () => {
  it('keeps everything when nothing is asked for', () => {
    expect(filtered(() => ({}))).toEqual(samplesOf(example()));
  });

  it('focuses, ignores, hides and roots', () => {
    expect(filtered((p) => ({ focus: called(p, 'parse') }))).toEqual([
      'a main load parse 1',
      'b run work parse 4',
    ]);
    expect(filtered((p) => ({ ignore: called(p, 'parse', 'run') }))).toEqual(['a main work 2', 'b 8']);
    expect(filtered((p) => ({ hide: called(p, 'load', 'parse') }))).toEqual([
      'a main 1',
      'a main work 2',
      'b run work 4',
      'b 8',
    ]);
    expect(filtered((p) => ({ rootAt: called(p, 'work') }))).toEqual(['a work 2', 'b work parse 4']);
  });

  it('decides by the stack as it was, and roots at the outermost', () => {
    expect(filtered((p) => ({ focus: called(p, 'parse'), hide: called(p, 'parse') }))).toEqual([
      'a main load 1',
      'b run work 4',
    ]);
    const { builder, add } = scene();
    add('main f g f h', 1);
    const profile = builder.build();
    expect(samplesOf(filterProfile(profile, { rootAt: called(profile, 'f') }))).toEqual(['1 f g f h 1']);
  });

  it('takes a part of the time', () => {
    expect(filtered(() => ({ fromUs: 2, untilUs: 8 }))).toEqual(['a main work 2', 'b run work parse 4']);
  });

  it('keeps the times of what is left, whatever is gone before it, between, and of other threads', () => {
    const { builder, add, thread } = scene();
    builder.addMetadata('mode', 'wall');
    const [one, two, three] = [thread(1, 0, 'a'), thread(1, 0, 'b'), thread(2, null, 'c')];
    builder.addMetadata('x-thread-start:1:0:a', '150');
    for (let i = 0; i < 40; i++) {
      if (i === 20) builder.addMetadata('x-thread-start:1:0:b', '9000');
      add(`main f${i % 4}:${i}`, 100 + i, one);
      if (i > 10) add(`run f${i % 3}:${i}`, 90 + i, two);
      if (i > 30) add(`wait:${i}`, 7, three);
    }
    const profile = builder.build();
    /** Of each sample its thread, its line, which is another one for each, and when it was taken. */
    const taken = (of: Profile): string[] => {
      const times = clockTimes(of);
      return Array.from({ length: of.samples.length }, (_, i) => {
        const frame = of.tables.stackFrame(of.samples.stack[i]! as StackId);
        return `${of.tables.thread(of.samples.thread[i]! as never).tid} ${of.tables.frameLine(frame)} ${times[i]}`;
      });
    };
    const all = taken(profile);
    const filters: ProfileFilter[] = [
      {},
      { fromUs: 2000 },
      { fromUs: 2500, untilUs: 9500 },
      { focus: called(profile, 'f2') },
      { ignore: called(profile, 'f0', 'wait') },
      { rootAt: called(profile, 'f1') },
      { thread: (id) => id !== one },
      { thread: (id) => id === three },
    ];
    for (const [at, filter] of filters.entries()) {
      const left = taken(filterProfile(profile, filter));
      expect(left.length, `${at}`).toBeGreaterThan(0);
      expect(left, `${at}`).toEqual(all.filter((sample) => left.includes(sample)));
      if (at > 0) expect(left.length).toBeLessThan(all.length);
    }
    const entries = ({ metadata }: Profile) => metadata.filter(({ key }) => key.startsWith('x-thread-start'));
    expect(entries(filterProfile(profile, {}))).toEqual(
      entries(profile).map((entry) => ({
        ...entry,
        sampleIndex: entry.sampleIndex + (entry.value === '9000' ? 1 : 0),
      })),
    );
  });

  it('says no times where samples have none', () => {
    const { builder, add } = scene();
    builder.addMetadata('mode', 'cpu');
    add('main f', 10);
    add('main g', 10);
    add('main f', 10);
    const profile = builder.build();
    const part = filterProfile(profile, { focus: called(profile, 'f') });
    expect(part.metadata.map(({ key }) => key)).toEqual(['mode']);
    expect([...clockTimes(part)]).toEqual([10, 20]);
  });

  it('keeps how many samples a row stands for', () => {
    const profile = example();
    const count = Float64Array.of(10, 20, 30, 40);
    const squares = { timeUs: Float64Array.of(1, 2, 3, 4), memoryBytes: new Float64Array(4) };
    const added = { ...profile, samples: { ...profile.samples, count, squares } };
    const part = filterProfile(added, { focus: called(profile, 'parse') });
    expect([...part.samples.count!]).toEqual([10, 30]);
    expect([...part.samples.squares!.timeUs]).toEqual([1, 3]);
    expect(sampleCount(part)).toBe(40);
  });

  it('forgets threads and processes that are gone, and counts that are no longer true', () => {
    const profile = example();
    const part = filterProfile(profile, {
      thread: (id) => profile.tables.thread(id).tid === 'b',
      description: 'thread b',
    });
    expect(samplesOf(part)).toEqual(['b run work parse 4', 'b 8']);
    expect(part.tables.threadCount).toBe(1);
    expect(part.tables.threadName(0 as never)).toBe('helper');
    expect(part.metadata.map(({ key }) => key)).toEqual([
      'mode',
      'x-process:2',
      'x-thread-name:2:0:b',
      'duration',
      'x-filter',
    ]);
    expect(part.metadata.find(({ key }) => key === 'duration')?.sampleIndex).toBe(2);
  });

  it('leaves the profile it is made from as it was', () => {
    const profile = example();
    const before = samplesOf(profile);
    filterProfile(profile, { hide: called(profile, 'main') });
    expect(samplesOf(profile)).toEqual(before);
  });
});
