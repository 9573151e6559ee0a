import { describe, expect, it } from 'vitest';
import { scene } from '../testing/scene.js';
import { sampleTimes } from './sample-times.js';

describe('sampleTimes', () => {
  it('are those of the clocks of the threads', () => {
    const { builder, add } = scene();
    add('a', 10);
    add('a', 5);
    expect([...sampleTimes(builder.build())]).toEqual([10, 15]);
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
