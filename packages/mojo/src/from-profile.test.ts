import {
  aggregateCalls,
  EMPTY_STACK,
  FrameKind,
  type Profile,
  ProfileBuilder,
  SampleFlag,
  type StackId,
  sampleWeight,
} from '@austin-profiler/profile';
import { describe, expect, test } from 'vitest';
import { describeMetadata, describeSamples, readProfile } from '../testing/describe-profile.js';
import { concat, readFixture, toHex } from '../testing/fixtures.js';
import { Random, randomProfile } from '../testing/random.js';
import { decodeMojo } from './decode.js';
import { writeMojo } from './from-profile.js';
import { MojoWriter } from './mojo-writer.js';
import { MojoReader } from './to-profile.js';
import type { MojoVersion } from './version.js';

function write(profile: Profile, version?: MojoVersion): Uint8Array {
  return concat(writeMojo(profile, version && { version }));
}

function stackOf(
  { tables }: ProfileBuilder,
  ...frames: [file: string, name: string, kind?: FrameKind][]
): StackId {
  let stack = EMPTY_STACK;
  for (const [file, name, kind] of frames) {
    const fn = tables.internFunction(tables.internString(name), tables.internString(file), 0, kind);
    stack = tables.internStack(stack, tables.internFrame(fn, 1, 1, 2, 3));
  }
  return stack;
}

describe('writeMojo', () => {
  test.each([
    ['a', 1],
    ['b', 3],
    ['b', 4],
    ['c', 4],
    ['c', 3],
    ['kernel-frames-and-invalid', 3],
    ['keys-0-and-1', 3],
    ['negative-iid', 3],
  ] as const)('%s in version %d reads back equal', (name, version) => {
    const profile = readProfile([readFixture(name)]);
    const bytes = write(profile, version);
    const again = readProfile([bytes], { strict: true });
    expect(describeSamples(again)).toEqual(describeSamples(profile));
    expect(describeMetadata(again)).toEqual(describeMetadata(profile));
    expect(toHex(write(again, version))).toBe(toHex(bytes));
  });

  test.each([1, 2, 3, 4] as const)('who holds the interpreter lock, in version %d', (version) => {
    const builder = new ProfileBuilder();
    builder.addMetadata('x-gil-holders', 'on');
    const stack = stackOf(builder, ['m.py', 'f']);
    const [a, b] = ['a', 'b'].map((tid) => builder.tables.internThread(1, 0, tid));
    const holders = [a, a, b, b, undefined, a];
    for (const holder of holders) {
      for (const thread of [a!, b!])
        builder.addSample(stack, thread, 5, 0, thread === holder ? SampleFlag.HoldsGil : 0);
    }
    const profile = builder.build();
    const bytes = write(profile, version);
    const again = readProfile([bytes], { strict: true });
    expect([...again.samples.flags]).toEqual([...profile.samples.flags]);
    // It becomes marks of samples, and is no metadata any more.
    expect(again.metadata.map(({ key }) => key)).toEqual(['x-gil-holders', 'mode']);
    expect(toHex(write(again, version))).toBe(toHex(bytes));
    // Only changes are written: a, then b, then nobody, then a.
    const said = decodeMojo(bytes).events.filter(
      (event) => event.type === 'metadata' && event.key.startsWith('x-holds-gil:'),
    );
    expect(said).toHaveLength(5);
  });

  test('two processes that share all strings, and an empty scope', () => {
    const builder = new ProfileBuilder();
    const stack = stackOf(builder, ['m.py', ''], ['m.py', 'f']);
    for (const pid of [1, 2, 1, 2]) {
      builder.addSample(stack, builder.tables.internThread(pid, 0, '1'), 5, 0, 0);
    }
    const profile = builder.build();
    const bytes = write(profile);
    expect(describeSamples(readProfile([bytes], { strict: true }))).toEqual(describeSamples(profile));
    const keys = decodeMojo(bytes).events.flatMap((event) => (event.type === 'string' ? [event.key] : []));
    expect(keys).toEqual([2, 3, 4, 2, 3, 4]);
  });

  test('events stand in the order that recorders use', () => {
    const types = decodeMojo(write(readProfile([readFixture('b')]))).events.map(({ type }) => type);
    expect(types.join(' ').split(/ (?=stack)/)).toEqual([
      'metadata metadata',
      'stack string string frame frame-ref gc metric-time metric-memory',
      'stack frame-invalid string string frame frame-ref metric-time idle metric-memory',
      'stack metric-time metric-memory',
    ]);
  });

  test('says the mode if the metadata does not', () => {
    const builder = new ProfileBuilder();
    builder.addMetadata('interval', '100');
    builder.addSample(EMPTY_STACK, builder.tables.internThread(1, 0, '1'), 0, -5, 0);
    const again = readProfile([write(builder.build())]);
    expect(describeMetadata(again)).toEqual(['interval = 100 @0', 'mode = memory @0']);
    expect(describeSamples(again)).toEqual(['1/0/1 | (empty) | 0us | -5B']);
  });

  test('a weight that the mode does not measure is written too', () => {
    for (const mode of ['wall', 'memory']) {
      const builder = new ProfileBuilder();
      builder.addMetadata('mode', mode);
      builder.addSample(EMPTY_STACK, builder.tables.internThread(1, 0, '1'), 7, -5, 2);
      const bytes = write(builder.build());
      for (const chunks of [[bytes], Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))]) {
        expect(describeSamples(readProfile(chunks))).toEqual(['1/0/1 | (empty) | 7us | -5B | Idle']);
      }
    }
  });

  test('thread names that metadata does not carry', () => {
    const builder = new ProfileBuilder();
    const named = builder.tables.internThread(1, null, '1');
    builder.tables.setThreadName(named, 'MainThread');
    builder.addMetadata('x-thread-name:1:0:2', 'worker');
    builder.addSample(EMPTY_STACK, named, 1, 0, 0);
    const again = readProfile([write(builder.build(), 2)]);
    expect(describeMetadata(again).sort()).toEqual([
      'mode = wall @0',
      'x-thread-name:1:0:2 = worker @0',
      'x-thread-name:1::1 = MainThread @0',
    ]);
    expect(again.tables.threadName(again.tables.internThread(1, null, '1'))).toBe('MainThread');
  });

  test('fractions of a unit are not lost', () => {
    const builder = new ProfileBuilder();
    const thread = builder.tables.internThread(1, 0, '1');
    for (let i = 0; i < 1000; i++) builder.addSample(EMPTY_STACK, thread, 0.3, 0, 0);
    const again = readProfile([write(builder.build())]);
    const total = again.samples.timeUs.reduce((sum, time) => sum + time, 0);
    expect(total).toBe(300);
    expect(again.samples.length).toBe(1000);
  });

  test('a NUL in a name becomes U+FFFD', () => {
    const builder = new ProfileBuilder();
    builder.addSample(stackOf(builder, ['m.py', 'a\0b']), builder.tables.internThread(1, 0, '1'), 1, 0, 0);
    expect(describeSamples(readProfile([write(builder.build())]))[0]).toContain('m.py:a\ufffdb:1');
  });

  test('deep stacks', { timeout: 60_000 }, () => {
    const builder = new ProfileBuilder();
    const frames = Array.from({ length: 20_000 }, (_, i): [string, string] => ['m.py', `f${i}`]);
    builder.addSample(stackOf(builder, ...frames), builder.tables.internThread(1, 0, '1'), 1, 0, 0);
    const profile = builder.build();
    expect(describeSamples(readProfile([write(profile)]))).toEqual(describeSamples(profile));
  });

  test.each([1, 2, 3, 4] as const)(
    'random profiles in version %d come back, weights and all',
    { timeout: 60_000 },
    (version) => {
      for (let seed = 1; seed <= 10; seed++) {
        const random = new Random(seed);
        const profile = randomProfile(random, version, 60);
        const bytes = write(profile, version);
        const again = readProfile(random.split(bytes), { strict: true });
        expect(describeSamples(again), `seed ${seed}`).toEqual(describeSamples(profile));
        expect(describeMetadata(again)).toEqual(describeMetadata(profile));
        expect(toHex(write(again, version))).toBe(toHex(bytes));
        for (const metric of ['wall', 'allocated', 'deallocated'] as const) {
          expect(aggregateCalls(again, { metric }).map(({ total }) => total)).toEqual(
            totals(profile, metric),
          );
        }
      }
    },
  );
});

/** Weight per thread, threads in order of their first sample: the order in which a reader meets them. */
function totals(profile: Profile, metric: 'wall' | 'allocated' | 'deallocated'): number[] {
  const sums = new Map<number, number>();
  for (let i = 0; i < profile.samples.length; i++) {
    const thread = profile.samples.thread[i]!;
    sums.set(thread, (sums.get(thread) ?? 0) + sampleWeight(profile, i, metric));
  }
  return [...sums.values()];
}

describe('repeats in version 4', () => {
  const count = (profile: Profile): number =>
    decodeMojo(write(profile, 4)).events.filter(({ type }) => type === 'stack-repeat').length;

  test('are written for a whole stack that every reader keeps', () => {
    const builder = new ProfileBuilder();
    const thread = builder.tables.internThread(1, 0, '1');
    const stack = stackOf(builder, ['m.py', 'f'], ['<string>', '<module>']);
    for (let i = 0; i < 5; i++) builder.addSample(stack, thread, 1, 0, 0);
    expect(count(builder.build())).toBe(4);
  });

  test.each<[string, ...[string, string, FrameKind?][]]>([
    ['a script without .py', ['/usr/bin/tool', 'f'], ['m.py', 'g']],
    ['a native frame', ['m.py', 'f'], ['native@7f', 'g', FrameKind.Native]],
    ['a kernel frame', ['m.py', 'f'], ['kernel', 'g', FrameKind.Kernel]],
    ['an empty stack'],
  ])('are not written for %s', (_name, ...frames) => {
    const builder = new ProfileBuilder();
    const thread = builder.tables.internThread(1, 0, '1');
    for (let i = 0; i < 3; i++) builder.addSample(stackOf(builder, ...frames), thread, 1, 0, 0);
    expect(count(builder.build())).toBe(0);
  });

  test('are not written next to invalid samples or across interpreters', () => {
    const builder = new ProfileBuilder();
    const stack = stackOf(builder, ['m.py', 'f']);
    const thread = builder.tables.internThread(1, 0, '1');
    builder.addSample(stack, thread, 1, 0, 4);
    builder.addSample(stack, thread, 1, 0, 0);
    builder.addSample(stack, thread, 1, 0, 4);
    builder.addSample(stack, builder.tables.internThread(1, 1, '1'), 1, 0, 0);
    builder.addSample(stack, thread, 1, 0, 0);
    expect(count(builder.build())).toBe(0);
  });
});

test('MojoWriter streams from one file to another', () => {
  const bytes = readFixture('c');
  const parts: Uint8Array[] = [];
  const tables = new ProfileBuilder().tables;
  const writer = new MojoWriter(tables, { version: 4 });
  const reader = new MojoReader(writer);
  for (const byte of bytes) {
    reader.push(Uint8Array.of(byte));
    parts.push(writer.take());
  }
  reader.end();
  parts.push(writer.take());
  expect(describeSamples(readProfile(parts))).toEqual(describeSamples(readProfile([bytes])));
});
