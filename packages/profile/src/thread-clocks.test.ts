import { describe, expect, it } from 'vitest';
import { scene } from '../testing/scene.js';
import { MERGED_SAMPLES_KEY } from './compress.js';
import { clockTimes, THREAD_START_KEY } from './thread-clocks.js';

describe('clockTimes', () => {
  it('adds up the samples of each thread from its start on', () => {
    const { builder, add, thread } = scene();
    const [one, two] = [thread(1, 0, '1'), thread(1, 0, '2')];
    builder.addMetadata(`${THREAD_START_KEY}:1:0:1`, '1044');
    add('a', 1000, one);
    add('a', 1001, one);
    builder.addMetadata(`${THREAD_START_KEY}:1:0:2`, '3100');
    add('a', 1055, one);
    add('b', 1055, two);
    add('b', 900, two);
    expect([...clockTimes(builder.build())]).toEqual([1044, 2045, 3100, 3100, 4000]);
  });

  it('lets a thread of unknown start begin where the others are', () => {
    const { builder, add, thread } = scene();
    const [one, two] = [thread(1, 0, '1'), thread(1, 0, '2')];
    for (let i = 0; i < 3; i++) add('a', 100, one);
    add('b', 100, two);
    add('a', 100, one);
    add('b', 100, two);
    expect([...clockTimes(builder.build())]).toEqual([100, 200, 300, 300, 400, 400]);
  });

  it('sets the clock of a thread that was lost and found, but never back', () => {
    const { builder, add, thread } = scene();
    const one = thread(1, 0, '1');
    builder.addMetadata(`${THREAD_START_KEY}:1:0:1`, '100');
    add('a', 100, one);
    builder.addMetadata(`${THREAD_START_KEY}:1:0:1`, '900');
    add('a', 100, one);
    add('a', 100, one);
    builder.addMetadata(`${THREAD_START_KEY}:1:0:1`, '500');
    add('a', 100, one);
    expect([...clockTimes(builder.build())]).toEqual([100, 900, 1000, 1000]);
  });

  it('takes the first of two starts for that of the next sample, and makes no thread of one without samples', () => {
    const { builder, add, thread } = scene();
    builder.addMetadata(`${THREAD_START_KEY}:1:0:1`, '100');
    builder.addMetadata(`${THREAD_START_KEY}:1:0:1`, '900');
    builder.addMetadata(`${THREAD_START_KEY}:1:0:2`, '7');
    builder.addMetadata(`${THREAD_START_KEY}:1:0:3`, '-7');
    add('a', 100, thread(1, 0, '1'));
    add('a', -5, thread(1, 0, '1'));
    const profile = builder.build();
    expect([...clockTimes(profile)]).toEqual([100, 100]);
    expect(profile.tables.threadCount).toBe(1);
  });

  it('begins every thread of merged samples at 0', () => {
    const { builder, add, thread } = scene();
    builder.addMetadata(MERGED_SAMPLES_KEY, '9');
    add('a', 100, thread(1, 0, '1'));
    add('a', 30, thread(1, 0, '2'));
    expect([...clockTimes(builder.build())]).toEqual([100, 30]);
  });
});
