import { describe, expect, it } from 'vitest';
import { metadataValue, ProfileBuilder, parseThreadKey, SampleFlag } from './profile.js';
import { EMPTY_STACK } from './tables.js';

function builderWithThread() {
  const builder = new ProfileBuilder();
  return { builder, thread: builder.tables.internThread(1, 0, '0x1') };
}

describe('ProfileBuilder', () => {
  it('keeps every sample in order, in columns', () => {
    const { builder, thread } = builderWithThread();
    // More than the columns hold at first.
    for (let i = 0; i < 1000; i++) builder.addSample(EMPTY_STACK, thread, i, -i, i % 2 ? SampleFlag.Idle : 0);
    const { samples } = builder.build();
    expect(samples.length).toBe(1000);
    expect(Array.from(samples.timeUs)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(samples.memoryBytes[999]).toBe(-999);
    expect(samples.flags[999]).toBe(SampleFlag.Idle);
    for (const column of [
      samples.stack,
      samples.thread,
      samples.timeUs,
      samples.memoryBytes,
      samples.flags,
    ]) {
      expect(column.length).toBe(1000);
    }
  });

  it('holds times and sizes beyond 32 bits', () => {
    const { builder, thread } = builderWithThread();
    builder.addSample(EMPTY_STACK, thread, 2 ** 40, -(2 ** 45), 0);
    const { samples } = builder.build();
    expect([samples.timeUs[0], samples.memoryBytes[0]]).toEqual([2 ** 40, -(2 ** 45)]);
  });

  it('remembers where among the samples metadata stood', () => {
    const { builder, thread } = builderWithThread();
    builder.addMetadata('python', '3.12.1');
    builder.addSample(EMPTY_STACK, thread, 1, 0, 0);
    builder.addMetadata('python', '3.13.0');
    const profile = builder.build();
    expect(profile.metadata.map((entry) => entry.sampleIndex)).toEqual([0, 1]);
    expect(metadataValue(profile, 'python')).toBe('3.13.0');
    expect(metadataValue(profile, 'missing')).toBeUndefined();
  });

  it('names a thread from its metadata', () => {
    const { builder, thread } = builderWithThread();
    builder.addMetadata('x-thread-name:1:0:0x1', 'pool:1');
    expect(builder.tables.threadName(thread)).toBe('pool:1');
    expect(builder.tables.threadCount).toBe(1);
  });

  it('keeps diagnostics', () => {
    const { builder } = builderWithThread();
    const diagnostic = { code: 'ERR_X', message: 'x', offset: 7, count: 2 };
    builder.addDiagnostic(diagnostic);
    expect(builder.build().diagnostics).toEqual([diagnostic]);
  });

  it.each([
    [[], 'wall'],
    [[[1, 0]], 'wall'],
    [[[0, 5]], 'memory'],
    [
      [
        [1, 0],
        [0, -5],
      ],
      'full',
    ],
  ] as [[number, number][], string][])('takes the mode of samples %j for %s', (weights, mode) => {
    const { builder, thread } = builderWithThread();
    for (const [timeUs, memoryBytes] of weights)
      builder.addSample(EMPTY_STACK, thread, timeUs, memoryBytes, 0);
    expect(builder.build().mode).toBe(mode);
  });

  it('believes the source about its mode, the last time it says one that exists', () => {
    const { builder, thread } = builderWithThread();
    builder.addSample(EMPTY_STACK, thread, 1, 1, 0);
    builder.addMetadata('mode', 'wall');
    builder.addMetadata('mode', 'cpu');
    expect(builder.build().mode).toBe('cpu');
    builder.addMetadata('mode', 'sideways');
    expect(builder.build().mode).toBe('full');
  });
});

describe('parseThreadKey', () => {
  it.each([
    ['x:12:0:0x7f', { pid: 12, iid: 0, tid: '0x7f' }],
    ['x:12::0x7f', { pid: 12, iid: null, tid: '0x7f' }],
    ['x:12:-1:a:b\nc', { pid: 12, iid: -1, tid: 'a:b\nc' }],
    ['x:12:0:', undefined],
    ['x:one:0:1', undefined],
    ['xx:12:0:1', undefined],
    ['x', undefined],
  ])('%j', (key, expected) => {
    expect(parseThreadKey(key, 'x')).toEqual(expected);
  });
});
