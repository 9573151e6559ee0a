import { describe, expect, it } from 'vitest';
import { scene } from '../testing/scene.js';
import { sampleTimes } from './sample-times.js';

describe('sampleTimes', () => {
  it('adds up the samples of each thread from its start on', () => {
    const { builder, add, thread } = scene();
    const [one, two] = [thread(1, 0, '1'), thread(1, 0, '2')];
    builder.addMetadata('x-thread-start:1:0:1', '1044');
    add('a', 1000, one);
    add('a', 1001, one);
    builder.addMetadata('x-thread-start:1:0:2', '3100');
    add('a', 1055, one);
    add('b', 1055, two);
    add('b', 900, two);
    expect([...sampleTimes(builder.build())]).toEqual([1044, 2045, 3100, 3100, 4000]);
  });

  it('lets a thread of unknown start begin where the others are', () => {
    const { builder, add, thread } = scene();
    const [one, two] = [thread(1, 0, '1'), thread(1, 0, '2')];
    for (let i = 0; i < 3; i++) add('a', 100, one);
    add('b', 100, two);
    add('a', 100, one);
    add('b', 100, two);
    expect([...sampleTimes(builder.build())]).toEqual([100, 200, 300, 300, 400, 400]);
  });

  it.each([
    ['mode', 'cpu', 'waits'],
    ['mode', 'memory', 'moments'],
    ['x-gil-only', 'on', 'lock'],
    ['x-weight-unit', 'count', 'counts'],
    ['x-merged-samples', '9', 'merged'],
  ])('refuses %s: %s', (key, value, reason) => {
    const { builder, add } = scene();
    builder.addMetadata(key, value);
    add('a', 1);
    expect(() => sampleTimes(builder.build())).toThrow(
      expect.objectContaining({ code: 'ERR_NO_TIME_LINE', message: expect.stringContaining(reason) }),
    );
  });
});
