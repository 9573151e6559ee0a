import * as fc from 'fast-check';
import type { MojoEvent } from '../src/events.js';
import type { MojoVersion } from '../src/version.js';
import { decodeText } from '../src/wire/text.js';
import { type MojoInt, toMojoInt } from '../src/wire/varint.js';

/** Any integer of up to 64 bits, on either side of each border of the encoding. */
const int: fc.Arbitrary<MojoInt> = fc
  .tuple(
    fc.constantFrom(3, 6, 13, 20, 27, 31, 32, 48, 53, 54, 63, 64),
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    fc.boolean(),
  )
  .chain(([bits, value, isNegative]) => {
    const border = 1n << BigInt(bits);
    const near = fc.constantFrom(value % border, border - 1n, border === 1n << 64n ? 0n : border);
    return near.map((magnitude) => toMojoInt(isNegative ? -magnitude : magnitude));
  });

/** Bytes of a text, UTF-8 or not: all but NUL, which ends it. */
const textBytes = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 40 }).map((text) => new TextEncoder().encode(text)),
    fc.uint8Array({ min: 1, maxLength: 12 }),
    fc
      .constantFrom('', '<module>', 'a;b\n.py', '\ufeffbom', '\ufffd', 'native@7f00', '\u202e')
      .map((text) => new TextEncoder().encode(text)),
  )
  .map((bytes) => bytes.filter((byte) => byte !== 0));

/** A text field as a decoder gives it: the bytes stand beside it only if the text does not say what they are. */
function text<T extends string>(name: T): fc.Arbitrary<{ [K in T]: string }> {
  return textBytes.map((bytes) => {
    const value = decodeText(bytes, 0, bytes.length);
    const again = new TextEncoder().encode(value);
    const isSame = Buffer.compare(again, bytes) === 0;
    return { [name]: value, ...(!isSame && { [`${name}Bytes`]: bytes }) } as { [K in T]: string };
  });
}

function both<A extends object, B extends object>(
  a: fc.Arbitrary<A>,
  b: fc.Arbitrary<B>,
): fc.Arbitrary<A & B> {
  return fc.tuple(a, b).map(([left, right]) => ({ ...left, ...right }));
}

/** Any event that files of a version may hold. */
export function anyEvent(version: MojoVersion): fc.Arbitrary<MojoEvent> {
  const type = <T extends MojoEvent['type']>(value: T) => fc.constant({ type: value });
  const position = version >= 2 ? int : fc.constant(0);
  // Beyond 2^63 an interpreter id reads as the negative number that old recorders meant.
  const iid = version >= 3 ? int.map((value) => (typeof value === 'bigint' ? 0 : value)) : fc.constant(null);
  const common: fc.Arbitrary<MojoEvent>[] = [
    both(type('metadata'), both(text('key'), text('value'))),
    both(fc.record({ type: fc.constant('stack' as const), pid: int, iid }), text('thread')),
    fc.record({
      type: fc.constant('frame' as const),
      key: int,
      file: int,
      scope: int,
      line: int,
      lineEnd: position,
      column: position,
      columnEnd: position,
    }),
    type('frame-invalid'),
    fc.record({ type: fc.constant('frame-ref' as const), key: int }),
    both(type('frame-kernel'), text('scope')),
    type('gc'),
    type('idle'),
    fc.record({ type: fc.constant('metric-time' as const), value: int }),
    fc.record({ type: fc.constant('metric-memory' as const), value: int }),
    both(fc.record({ type: fc.constant('string' as const), key: int }), text('value')),
    fc.record({ type: fc.constant('string-ref' as const), key: int }),
  ];
  const later: fc.Arbitrary<MojoEvent>[] = [
    type('stack-repeat'),
    fc.record({ type: fc.constant('task-stack' as const), task: int, name: int }),
    fc.record({ type: fc.constant('task-waiter' as const), task: int, waiter: int }),
  ];
  return fc.oneof(...common, ...(version === 4 ? later : []));
}

/** Any events in any order, sense or not, and the version of a file that can hold them. */
export const anyFile: fc.Arbitrary<{ version: MojoVersion; events: MojoEvent[] }> = fc
  .constantFrom<MojoVersion>(1, 2, 3, 4)
  .chain((version) =>
    fc.record({ version: fc.constant(version), events: fc.array(anyEvent(version), { maxLength: 60 }) }),
  );

/**
 * Samples as recorders write them, with few keys and threads, so that repeats, redefinitions and undefined keys
 * meet: version 4.
 */
export const anyRecording: fc.Arbitrary<MojoEvent[]> = fc
  .array(
    fc.record({
      pid: fc.constantFrom(1, 2),
      iid: fc.constantFrom(0, 1),
      thread: fc.constantFrom('a', 'b'),
      defined: fc.array(
        fc.record({
          key: fc.integer({ min: 2, max: 6 }),
          line: fc.integer({ min: 0, max: 3 }),
          isNative: fc.boolean(),
        }),
        { maxLength: 3 },
      ),
      refs: fc.array(fc.integer({ min: 2, max: 7 }), { maxLength: 6 }),
      repeat: fc.constantFrom('no', 'before', 'behind'),
      time: fc.nat(),
    }),
    { maxLength: 25 },
  )
  .map((samples) => [
    { type: 'metadata', key: 'mode', value: 'wall' } as const,
    ...samples.flatMap(({ pid, iid, thread, defined, refs, repeat, time }): MojoEvent[] => [
      { type: 'stack', pid, iid, thread },
      ...defined.flatMap(({ key, line, isNative }): MojoEvent[] => [
        { type: 'string', key: 9, value: isNative ? 'native@1' : 'a.py' },
        { type: 'frame', key, file: 9, scope: 1, line, lineEnd: 0, column: 0, columnEnd: 0 },
      ]),
      ...(repeat === 'before' ? [{ type: 'stack-repeat' } as const] : []),
      ...refs.map((key) => ({ type: 'frame-ref', key }) as const),
      ...(repeat === 'behind' ? [{ type: 'stack-repeat' } as const] : []),
      { type: 'metric-time', value: time },
    ]),
  ]);

/** Where to cut bytes into chunks: sizes that follow each other, over and over. */
export const chunkSizes: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 40 }), {
  minLength: 1,
  maxLength: 6,
});

export function* inChunks(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    // A copy: a decoder that keeps a view of a chunk would show.
    const chunk = bytes.slice(at, at + size);
    yield chunk;
    chunk.fill(0xee);
    at += size;
  }
}
