import { describe, expect, it } from 'vitest';
import { compressProfile, MERGED_SAMPLES_KEY } from './compress.js';
import { mergeProfiles } from './merge.js';
import { metadataValue, type Profile, ProfileBuilder, SampleFlag, sampleCount } from './profile.js';
import { EMPTY_STACK } from './tables.js';
import type { StackId, ThreadId } from './units.js';

/** A profile of one thread; each sample is a path of function names and its time. */
function profile(pid: number, samples: [path: string, timeUs: number][], facts: [string, string][] = []) {
  const builder = new ProfileBuilder();
  const { tables } = builder;
  builder.addMetadata('mode', 'wall');
  const thread = tables.internThread(pid, 0, '2a');
  for (const [path, timeUs] of samples) {
    let stack: StackId = EMPTY_STACK;
    for (const name of path.split(' ')) {
      const fn = tables.internFunction(tables.internString(name), tables.internString(`${name}.py`), 3);
      stack = tables.internStack(stack, tables.internFrame(fn, 7, 8, 9, 10));
    }
    builder.addSample(stack, thread, timeUs, -1, SampleFlag.Gc);
  }
  for (const [key, value] of facts) builder.addMetadata(key, value);
  return builder.build();
}

function describeSamples({ tables, samples }: Profile): string[] {
  return Array.from({ length: samples.length }, (_, i) => {
    const { pid, iid, tid } = tables.thread(samples.thread[i]! as ThreadId);
    const names = tables.stackFrames(samples.stack[i]! as StackId).map((id) => {
      const { name, file, firstLine, line, lineEnd, column, columnEnd } = tables.frameInfo(id);
      return [name, file, firstLine, line, lineEnd, column, columnEnd].join(':');
    });
    const weights = [samples.timeUs[i], samples.memoryBytes[i], samples.flags[i]];
    return `${pid}/${iid}/${tid} ${names.join(' ')} ${weights.join(' ')}`;
  });
}

function metadata(merged: Profile): string[] {
  return merged.metadata.map(({ key, value, sampleIndex }) => `${key}=${value} @${sampleIndex}`);
}

describe('mergeProfiles', () => {
  it('gives what is equal one id, whatever ids it had', () => {
    const one = profile(1, [['main load', 10]]);
    const two = profile(1, [
      ['other', 5],
      ['main load', 20],
    ]);
    const merged = mergeProfiles([one, two]);
    expect(describeSamples(merged)).toEqual([...describeSamples(one), ...describeSamples(two)]);
    expect(merged.samples.stack[0]).toBe(merged.samples.stack[2]);
    expect(merged.tables.frameCount).toBe(3);
    expect(merged.tables.threadCount).toBe(1);
  });

  it('adds up totals, moves times, and says other facts where they stood', () => {
    const facts = (n: number): [string, string][] => [
      ['x-host', 'here'],
      ['x-platform', `linux-${n}`],
      ['x-thread-start:1:0:2a', '7'],
      [`x-thread-start:1:0:${n}`, '7'],
      ['x-process:1', '{"parent":0,"startUs":-5,"attachedUs":3}'],
      ['map', '1-2 /lib/a.so'],
      ['gc', 'on'],
      ['gc', '4'],
      ['errors', '1/10'],
      ['x-native-missed:gone', '3'],
      ['x-native-pause-us', '41.5'],
      ['sampling', '1,2,3'],
      ['duration', '100'],
    ];
    const merged = mergeProfiles([profile(1, [['f', 1]], facts(1)), profile(1, [['f', 2]], facts(2))]);
    expect(metadata(merged)).toEqual([
      'mode=wall @0',
      'x-host=here @1',
      'x-platform=linux-1 @1',
      'x-thread-start:1:0:2a=7 @1',
      'x-thread-start:1:0:1=7 @1',
      'x-process:1={"parent":0,"startUs":-5,"attachedUs":3} @1',
      'map=1-2 /lib/a.so @1',
      'gc=on @1',
      'x-platform=linux-2 @2',
      'x-thread-start:1:0:2=107 @2',
      'x-process:1={"parent":0,"startUs":95,"attachedUs":103} @2',
      'map=1-2 /lib/a.so @2',
      'gc=8 @2',
      'errors=2/20 @2',
      'x-native-missed:gone=6 @2',
      'duration=200 @2',
      'x-merged-files=2 @2',
    ]);
    expect(metadata(mergeProfiles([merged, merged])).at(-1)).toBe('x-merged-files=4 @4');
  });

  it('keeps processes apart if asked, and says what their ids were', () => {
    const one = profile(1, [['f', 1]]);
    const two = profile(
      1,
      [['f', 2]],
      [
        ['x-thread-name:1:0:2a', 'Main'],
        ['x-process:1', '{"parent":1}'],
      ],
    );
    const merged = mergeProfiles([one, two], { processes: 'apart' });
    expect(describeSamples(merged).map((line) => line.split(' ')[0])).toEqual(['1/0/2a', '2/0/2a']);
    expect(merged.tables.threadName(1 as ThreadId)).toBe('Main');
    expect(merged.tables.threadName(0 as ThreadId)).toBeUndefined();
    expect(metadata(merged)).toContain('x-pid:2=1 @1');
    expect(metadata(merged)).toContain('x-process:2={"parent":2} @2');
  });

  it('of a recording that was cut off, takes the longest thread as its length', () => {
    const cut = profile(1, [
      ['f', 30],
      ['f', 40],
    ]);
    const next = profile(1, [['f', 1]], [['x-thread-start:1:0:2a', '5']]);
    expect(metadata(mergeProfiles([cut, next]))).toContain('x-thread-start:1:0:2a=75 @3');
  });

  it('conserves how many samples a row stands for', () => {
    const plain = profile(1, [['f', 4]]);
    const compressed = compressProfile(
      profile(1, [
        ['f', 10],
        ['f', 20],
        ['g', 30],
      ]),
    );
    const merged = mergeProfiles([plain, compressed, plain]);
    expect([...merged.samples.count!]).toEqual([1, 2, 1, 1]);
    expect([...merged.samples.squares!.timeUs]).toEqual([16, 500, 900, 16]);
    expect([...merged.samples.squares!.memoryBytes]).toEqual([1, 2, 1, 1]);
    expect(sampleCount(merged)).toBe(5);
    expect(metadataValue(merged, MERGED_SAMPLES_KEY)).toBe('5');
    const again = compressProfile(merged);
    expect([...again.samples.count!]).toEqual([4, 1]);
    expect(metadataValue(again, MERGED_SAMPLES_KEY)).toBe('5');
    expect(mergeProfiles([plain, plain]).samples.count).toBeUndefined();
  });

  it('refuses profiles that measure different things', () => {
    const cpu = { ...profile(1, [['f', 1]]), mode: 'cpu' as const };
    const wall = profile(1, [['f', 1]]);
    const counted = profile(1, [['f', 1]], [['x-weight-unit', 'count']]);
    const refused = expect.objectContaining({ code: 'ERR_MERGE_UNLIKE', kind: 'data' });
    expect(() => mergeProfiles([wall, cpu])).toThrow(refused);
    expect(() => mergeProfiles([wall, counted])).toThrow(refused);
    expect(mergeProfiles([]).samples.length).toBe(0);
  });
});
