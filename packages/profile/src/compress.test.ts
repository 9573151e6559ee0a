import { describe, expect, it } from 'vitest';
import { compressProfile, MERGED_SAMPLES_KEY } from './compress.js';
import { metadataValue, type Profile, ProfileBuilder, SampleFlag, sampleCount } from './profile.js';
import { EMPTY_STACK } from './tables.js';

function profileOf(build: (builder: ProfileBuilder, stack: (name: string) => number) => void): Profile {
  const builder = new ProfileBuilder();
  const { tables } = builder;
  build(builder, (name) => {
    const fn = tables.internFunction(tables.internString(name), tables.internString('a.py'));
    return tables.internStack(EMPTY_STACK, tables.internFrame(fn, 1));
  });
  return builder.build();
}

type Row = [name: string, tid: string, timeUs: number, memoryBytes?: number, flags?: number];

function profile(mode: string, rows: readonly (Row | string)[]): Profile {
  return profileOf((builder, stack) => {
    builder.addMetadata('mode', mode);
    for (const row of rows) {
      if (typeof row === 'string') {
        builder.addMetadata('x-note', row);
        continue;
      }
      const [name, tid, timeUs, memory = 0, flags = 0] = row;
      builder.addSample(stack(name) as never, builder.tables.internThread(1, 0, tid), timeUs, memory, flags);
    }
    builder.addMetadata('duration', '99');
  });
}

function rowsOf({ tables, samples }: Profile): Row[] {
  return Array.from({ length: samples.length }, (_, i) => {
    const frame = tables.frameInfo(tables.stackFrame(samples.stack[i]! as never));
    const tid = tables.thread(samples.thread[i]! as never).tid;
    return [frame.name, tid, samples.timeUs[i]!, samples.memoryBytes[i]!, samples.flags[i]!];
  });
}

describe('compressProfile', () => {
  const wall = profile('wall', [
    ['f', '1', 10],
    ['f', '2', 10],
    ['g', '1', 20],
    ['f', '1', 30],
    ['f', '1', 40, 0, SampleFlag.Gc],
    ['f', '2', 50],
  ]);

  it('adds up equal samples, in order of first appearance', () => {
    const compressed = compressProfile(wall);
    expect(rowsOf(compressed)).toEqual([
      ['f', '1', 40, 0, 0],
      ['f', '2', 60, 0, 0],
      ['g', '1', 20, 0, 0],
      ['f', '1', 40, 0, SampleFlag.Gc],
    ]);
    expect(compressed.mode).toBe('wall');
    expect(compressed.metadata).toEqual([
      { key: MERGED_SAMPLES_KEY, value: '6', sampleIndex: 0 },
      { key: 'mode', value: 'wall', sampleIndex: 0 },
      { key: 'duration', value: '99', sampleIndex: 4 },
    ]);
  });

  it('leaves a profile without equal samples as it is, also one that is compressed', () => {
    const plain = profile('wall', [['f', '1', 10]]);
    expect(compressProfile(plain)).toEqual(plain);
    const compressed = compressProfile(wall);
    expect(compressProfile(compressed)).toEqual(compressed);
  });

  it('conserves how many samples there were, also of rows that stand for several', () => {
    const compressed = compressProfile(wall);
    const { count, squares } = compressed.samples;
    expect([...count!]).toEqual([2, 2, 1, 1]);
    expect([...squares!.timeUs]).toEqual([100 + 900, 100 + 2500, 400, 1600]);
    expect(sampleCount(compressed)).toBe(6);

    const added = {
      ...wall,
      samples: {
        ...wall.samples,
        count: Float64Array.of(5, 1, 2, 10, 1, 1),
        squares: { timeUs: Float64Array.of(1, 2, 3, 4, 5, 6), memoryBytes: new Float64Array(6) },
      },
    };
    const again = compressProfile(added);
    expect([...again.samples.count!]).toEqual([15, 2, 2, 1]);
    expect([...again.samples.squares!.timeUs]).toEqual([5, 8, 3, 5]);
    expect(metadataValue(again, MERGED_SAMPLES_KEY)).toBe('20');
    const counted = compressProfile(added, { weights: 'count' });
    expect([...counted.samples.timeUs]).toEqual([15, 2, 2, 1]);
    expect([...counted.samples.squares!.timeUs]).toEqual([15, 2, 2, 1]);
  });

  it('keeps allocations and deallocations apart', () => {
    const memory = profile('memory', [
      ['f', '1', 0, 100],
      ['f', '1', 0, -100],
      ['f', '1', 0, 40],
    ]);
    expect(rowsOf(compressProfile(memory))).toEqual([
      ['f', '1', 0, 140, 0],
      ['f', '1', 0, -100, 0],
    ]);
  });

  it('consecutive: keeps the order of each thread, and stops at metadata', () => {
    const compressed = compressProfile(
      profile('full', [
        ['f', '1', 1, 8],
        ['f', '2', 1, 0, SampleFlag.Idle],
        ['f', '1', 2, 8],
        ['f', '2', 2, 0, SampleFlag.Idle],
        'here',
        ['f', '2', 3, 0, SampleFlag.Idle],
        ['g', '1', 4],
        ['f', '1', 5, 8],
      ]),
      { scope: 'consecutive' },
    );
    expect(rowsOf(compressed)).toEqual([
      ['f', '1', 3, 16, 0],
      ['f', '2', 3, 0, SampleFlag.Idle],
      ['f', '2', 3, 0, SampleFlag.Idle],
      ['g', '1', 4, 0, 0],
      ['f', '1', 5, 8, 0],
    ]);
    expect(compressed.metadata.find(({ key }) => key === 'x-note')?.sampleIndex).toBe(2);
  });

  it('counts samples, and says that it did', () => {
    const counted = compressProfile(wall, { weights: 'count' });
    expect(rowsOf(counted).map(([name, tid, count]) => [name, tid, count])).toEqual([
      ['f', '1', 2],
      ['f', '2', 2],
      ['g', '1', 1],
      ['f', '1', 1],
    ]);
    expect(metadataValue(counted, 'x-weight-unit')).toBe('count');
    expect(metadataValue(counted, 'mode')).toBeUndefined();
  });
});
