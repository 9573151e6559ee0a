import { readdirSync, readFileSync } from 'node:fs';
import { ProfileBuilder, type ProfileSink, ProfileTables } from '@austin-profiler/profile';
import { describe, expect, test } from 'vitest';
import {
  describeDiagnostics,
  describeMetadata,
  describeSamples,
  readProfile,
} from '../testing/describe-profile.js';
import { concat, hex, readFixture } from '../testing/fixtures.js';
import { Random } from '../testing/random.js';
import { decodeMojo } from './decode.js';
import { encodeMojo } from './encode.js';
import type { LocatedMojoEvent, MojoEvent } from './events.js';
import { MojoReader, readMojo } from './to-profile.js';

const A_1 = '42/null/2a | app.py:main:10 | 100us | 0B';
const A_2 = '42/null/2a | app.py:main:10 > app.py:work:64 | 8191us | 0B';
const B = [
  '300/0/12c | é.py:f:5-5[9..18] | 8192us | -8192B | Gc',
  '301/1/12d | x.py:<unknown>:0 | 64us | 4294967296B | Idle | Invalid',
  '300/0/12c | (empty) | 1us | 0B',
];
const C = [
  '9/0/9 | m.py:run:4-4[5..9] > n!native@7f00:poll:0 | 50us | 0B',
  '9/0/9 | m.py:run:4-4[5..9] > n!native@7f00:<unknown>:0 | 51us | 0B',
  '9/0/9 | m.py:run:4-4[5..9] | 52us | 0B',
  '9/0/9 | m.py:run:4-4[5..9] > m.py:leaf:8-8[1..7] | 53us | 0B',
];

describe('whole files', () => {
  test('A: footer metadata comes after the last sample', () => {
    const profile = readProfile([readFixture('a')], { strict: true });
    expect(describeSamples(profile)).toEqual([A_1, A_2]);
    expect(describeMetadata(profile)).toEqual(['mode = wall @0', 'duration = 9000 @2']);
    expect(profile.mode).toBe('wall');
    expect(profile.diagnostics).toEqual([]);
  });

  test('B: processes, interpreters and flags apart', () => {
    const profile = readProfile([readFixture('b')], { strict: true });
    expect(describeSamples(profile)).toEqual(B);
    expect(profile.mode).toBe('full');
  });

  test('C: repeats', () => {
    expect(describeSamples(readProfile([readFixture('c')], { strict: true }))).toEqual(C);
  });

  test('C with samples of another interpreter in between: bases unaffected', () => {
    const bytes = readFixture('c');
    const other = hex('02 09 01 39 00 05 01 09 01');
    const starts = [0x4c, 0x5e, 0x66];
    const parts = [0x00, ...starts].map((start, i) => bytes.subarray(start, starts[i] ?? bytes.length));
    const profile = readProfile([parts[0]!, other, parts[1]!, other, parts[2]!, other, parts[3]!]);
    expect(describeSamples(profile).filter((line) => line.startsWith('9/0'))).toEqual(C);
    expect(profile.samples.length).toBe(7);
  });

  test.each(['a', 'b', 'c'])('%s split anywhere gives the same profile', (name) => {
    const bytes = readFixture(name);
    const whole = readProfile([bytes]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const profile = readProfile([bytes.subarray(0, cut), bytes.subarray(cut)], { strict: true });
      expect(describeSamples(profile)).toEqual(describeSamples(whole));
      expect(describeMetadata(profile)).toEqual(describeMetadata(whole));
    }
    const bytewise = readProfile(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)));
    expect(describeSamples(bytewise)).toEqual(describeSamples(whole));
    expect(describeMetadata(bytewise)).toEqual(describeMetadata(whole));
  });

  test('a header alone is a profile without samples', () => {
    const profile = readProfile([readFixture('header-only')], { strict: true });
    expect(profile.samples.length).toBe(0);
    expect(profile.diagnostics).toEqual([]);
  });
});

describe('every prefix', () => {
  const EVENT_STARTS_A = [
    0x04, 0x0f, 0x14, 0x1d, 0x24, 0x29, 0x2b, 0x2e, 0x33, 0x3a, 0x40, 0x42, 0x44, 0x47, 0x56,
  ];

  test('of A', () => {
    const bytes = readFixture('a');
    for (let length = 0; length <= bytes.length; length++) {
      const prefix = bytes.subarray(0, length);
      if (length < 4) {
        expect(() => readProfile([prefix])).toThrow(
          expect.objectContaining({ code: length === 0 ? 'ERR_MOJO_EMPTY' : 'ERR_MOJO_TRUNCATED' }),
        );
        continue;
      }
      const profile = readProfile([prefix]);
      const samples = length >= 71 ? [A_1, A_2] : length >= 46 ? [A_1] : [];
      expect(describeSamples(profile), `length ${length}`).toEqual(samples);
      expect(profile.metadata.length).toBe(length < 15 ? 0 : length < 86 ? 1 : 2);

      const cutEvent = EVENT_STARTS_A.includes(length)
        ? undefined
        : EVENT_STARTS_A.findLast((at) => at < length);
      const hasOpenSample = length >= 0x14 && !(length >= 46 && length < 51) && length < 71;
      const sample = length < 46 ? 0x0f : 0x2e;
      const expected =
        cutEvent !== undefined
          ? [`ERR_MOJO_TRUNCATED at ${cutEvent}, 1x`]
          : hasOpenSample
            ? [`ERR_MOJO_INCOMPLETE_SAMPLE at ${sample}, 1x`]
            : [];
      expect(describeDiagnostics(profile), `length ${length}`).toEqual(expected);
      const words = profile.diagnostics[0]?.message ?? '';
      expect(words.includes('left out'), `length ${length}: ${words}`).toBe(hasOpenSample);
      const readStrict = () => readProfile([prefix], { strict: true });
      if (expected.length === 0) expect(readStrict).not.toThrow();
      else expect(readStrict).toThrow(expect.objectContaining({ kind: 'data', offset: expect.any(Number) }));
    }
  });

  test('of B: a full-mode sample needs both metrics', () => {
    const bytes = readFixture('b');
    for (let length = 4; length <= bytes.length; length++) {
      const profile = readProfile([bytes.subarray(0, length)]);
      const count = length >= 123 ? 3 : length >= 0x6f ? 2 : length >= 0x45 ? 1 : 0;
      expect(describeSamples(profile), `length ${length}`).toEqual(B.slice(0, count));
    }
  });
});

describe.each([...vectorFiles()])('every prefix of %s', (_, bytes) => {
  test('gives every complete sample, and one warning unless it ends between samples', {
    timeout: 60_000,
  }, () => {
    const whole = describeSamples(readProfile([bytes], { strict: true }));
    const { events } = decodeMojo(bytes);
    for (let length = 4; length <= bytes.length; length++) {
      const { samples, isBetween } = countSamples(events, length);
      const profile = readProfile([bytes.subarray(0, length)]);
      expect(describeSamples(profile), `length ${length}`).toEqual(whole.slice(0, samples));
      expect(profile.diagnostics.length, `length ${length}`).toBe(isBetween ? 0 : 1);
    }
  });
});

/** How many samples the whole events in the first `length` bytes complete, and whether nothing is begun and not ended. */
function countSamples(events: readonly LocatedMojoEvent[], length: number) {
  const needed = { wall: 1, cpu: 1, memory: 2, full: 3 };
  let mode: keyof typeof needed = 'wall';
  let samples = 0;
  let missing = 0;
  let end = 4;
  for (const event of events) {
    if (event.offset + event.size > length) break;
    end = event.offset + event.size;
    if (event.type === 'metadata' && event.key === 'mode') mode = event.value as keyof typeof needed;
    if (event.type === 'stack') missing = needed[mode];
    const isOpen = missing !== 0;
    if (event.type === 'metric-time') missing &= ~1;
    if (event.type === 'metric-memory') missing &= ~2;
    if (isOpen && missing === 0) samples++;
  }
  return { samples, isBetween: missing === 0 && end === length };
}

function* vectorFiles(): Generator<[string, Uint8Array]> {
  for (const name of ['a', 'b', 'c', 'kernel-frames-and-invalid', 'repeat-two-interpreters']) {
    yield [name, readFixture(name)];
  }
  const folder = new URL('../../../fixtures/mojo/native-vectors/', import.meta.url);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.mojo'))) {
    yield [file, new Uint8Array(readFileSync(new URL(file, folder)))];
  }
}

describe('deep stacks', () => {
  const DEPTH = 50_000;

  /** A stack that grows by repeats to a depth of 50,000, then `rest` as often. Quadratic work would take minutes. */
  function* events(rest: readonly MojoEvent[]): Generator<MojoEvent> {
    const stack: MojoEvent = { type: 'stack', pid: 1, iid: 0, thread: '1' };
    const frame = { type: 'frame', file: 1, scope: 1, lineEnd: 0, column: 0, columnEnd: 0 } as const;
    yield { type: 'metadata', key: 'mode', value: 'wall' };
    for (let i = 0; i < DEPTH; i++) {
      yield stack;
      if (i === 0) yield { ...frame, key: 2, line: 1 };
      yield { type: 'stack-repeat' };
      yield { type: 'frame-ref', key: 2 };
      yield { type: 'metric-time', value: 1 };
    }
    for (let i = 0; i < DEPTH; i++) {
      yield stack;
      yield { ...frame, key: 2, line: 2 + (i % 2) };
      yield* rest;
      yield { type: 'metric-time', value: 1 };
    }
  }

  test('a repeat before or behind the frames, with keys that change all the time', {
    timeout: 60_000,
  }, () => {
    const first = readProfile([encodeMojo(events([{ type: 'stack-repeat' }]), 4)], { strict: true });
    expect(first.tables.stackFrames(first.samples.stack.at(-1) as never)).toHaveLength(DEPTH);
    const late = readProfile([
      encodeMojo(events([{ type: 'frame-ref', key: 2 }, { type: 'stack-repeat' }]), 4),
    ]);
    const frames = late.tables.stackFrames(late.samples.stack.at(-1) as never);
    expect(frames).toHaveLength(2 * DEPTH);
    const lines = frames.map((frame) => late.tables.frameLine(frame));
    expect([lines[0], lines[DEPTH - 1], ...lines.slice(DEPTH, DEPTH + 3)]).toEqual([1, 1, 2, 3, 2]);
  });
});

describe('when a sample is delivered', () => {
  test('live: at the end of the chunk that completes it, if the mode is known', () => {
    const builder = new ProfileBuilder();
    const reader = new MojoReader(builder, { live: true });
    const bytes = readFixture('a');
    reader.push(bytes.subarray(0, 45));
    expect(builder.build().samples.length).toBe(0);
    reader.push(bytes.subarray(45, 46));
    expect(builder.build().samples.length).toBe(1);
    reader.push(bytes.subarray(46));
    reader.end();
    expect(describeSamples(builder.build())).toEqual([A_1, A_2]);
  });

  test('the last metric of a kind wins', () => {
    const profile = readProfile([readFixture('repeated-metric')], { strict: true });
    expect(describeSamples(profile)).toEqual(['1/0/1 | (empty) | 2us | 0B']);
    expect(describeMetadata(profile)).toEqual(['mode = wall @0', 'count = 1 @1']);
  });

  test('live: what comes after delivery is counted, not added', () => {
    const bytes = readFixture('repeated-metric');
    const at = bytes.indexOf(9) + 2;
    const chunks = [bytes.subarray(0, at), bytes.subarray(at)];
    expect(readProfile(chunks)).toEqual(readProfile([bytes]));
    const profile = readProfile(chunks, { live: true });
    expect(describeSamples(profile)).toEqual(['1/0/1 | (empty) | 1us | 0B']);
    expect(describeDiagnostics(profile)).toEqual([`ERR_MOJO_LATE_EVENT at ${at}, 1x`]);
  });

  test('without a mode, what one sample had is asked of the last', () => {
    const profile = readProfile([readFixture('no-mode')]);
    expect(describeSamples(profile)).toEqual(['1/0/1 | (empty) | 5us | -5B']);
    expect(describeDiagnostics(profile)).toEqual(['ERR_MOJO_INCOMPLETE_SAMPLE at 13, 1x']);
    expect(profile.mode).toBe('full');
  });

  test('metadata inside a sample does not close it', () => {
    const bytes = hex('4d 4f 4a 03 01 6d 6f 64 65 00 77 61 6c 6c 00 02 01 00 31 00 01 61 00 62 00 09 01');
    const profile = readProfile([bytes], { strict: true });
    expect(describeSamples(profile)).toEqual(['1/0/1 | (empty) | 1us | 0B']);
    expect(describeMetadata(profile)).toEqual(['mode = wall @0', 'a = b @0']);
  });
});

test('thread names from our own metadata', () => {
  const events: MojoEvent[] = [
    { type: 'metadata', key: 'x-thread-name:7:0:5c1f', value: 'MainThread' },
    { type: 'metadata', key: 'x-anything', value: 'kept' },
    { type: 'stack', pid: 7, iid: 0, thread: '5c1f' },
    { type: 'metric-time', value: 1 },
  ];
  const { tables, samples, metadata } = readProfile([encodeMojo(events, 3)]);
  expect(tables.threadName(samples.thread[0] as never)).toBe('MainThread');
  expect(metadata[1]).toEqual({ key: 'x-anything', value: 'kept', sampleIndex: 0 });
});

test.each([
  ['behind the line', 'm.py', 9, 12, 12],
  ['on the line', 'm.py', 9, 9, 9],
  ['before the line, as Austin 3.5 and 3.6 write that of the function', 'm.py', 9, 5, 0],
  ['of an unknown line', 'm.py', 0, 5, 0],
  ['of a native frame, whose line is a distance', 'native@7f00', 9, 12, 0],
])('a line_end without columns: %s', (_, file, line, lineEnd, expected) => {
  const events: MojoEvent[] = [
    { type: 'string', key: 2, value: file },
    { type: 'stack', pid: 1, iid: 0, thread: '1' },
    { type: 'frame', key: 2, file: 2, scope: 2, line, lineEnd, column: 0, columnEnd: 0 },
    { type: 'frame-ref', key: 2 },
    { type: 'metric-time', value: 1 },
  ];
  const { tables } = readProfile([encodeMojo(events, 3)]);
  expect(tables.frameInfo(0 as never)).toMatchObject({ line, lineEnd: expected });
});

test('lines that no file has are unknown', () => {
  const events: MojoEvent[] = [
    { type: 'stack', pid: 1, iid: 0, thread: '1' },
    { type: 'frame', key: 2, file: 0, scope: 0, line: -1, lineEnd: 2 ** 32, column: 2n ** 60n, columnEnd: 4 },
    { type: 'frame-ref', key: 2 },
    { type: 'metric-time', value: 1 },
  ];
  const { tables } = readProfile([encodeMojo(events, 3)]);
  expect(tables.frameInfo(0 as never)).toMatchObject({ line: 0, lineEnd: 0, column: 0, columnEnd: 4 });
});

describe('readMojo', () => {
  test('reads async chunks and stops asking after damage', async () => {
    const bytes = readFixture('unknown-event');
    let asked = 0;
    async function* chunks() {
      for (const chunk of [bytes, bytes, bytes]) {
        asked++;
        yield chunk;
      }
    }
    const builder = new ProfileBuilder();
    await expect(readMojo(chunks(), builder)).resolves.toBe(3);
    expect(asked).toBe(1);
    expect(builder.build().samples.length).toBe(1);
  });

  test('rejects with the damage when strict', async () => {
    const read = readMojo([readFixture('unknown-event')], new ProfileBuilder(), { strict: true });
    await expect(read).rejects.toMatchObject({ code: 'ERR_MOJO_UNKNOWN_EVENT', offset: 43 });
  });

  test('an error of the sink is not taken for damage', async () => {
    const sink = new ProfileBuilder();
    sink.addSample = () => {
      throw new Error('disk full');
    };
    await expect(readMojo([readFixture('a')], sink)).rejects.toThrow('disk full');
  });
});

test('a million samples keep nothing but the tables', { timeout: 60_000 }, () => {
  const sample = hex('02 09 00 39 00  05 01 05 04  09 32');
  const block = concat(Array.from({ length: 1000 }, () => sample));
  let samples = 0;
  let timeUs = 0;
  const sink: ProfileSink = {
    tables: new ProfileTables(),
    addSample(_stack, _thread, time) {
      samples++;
      timeUs += time;
    },
    addMetadata() {},
    addDiagnostic(diagnostic) {
      throw new Error(diagnostic.message);
    },
  };
  const reader = new MojoReader(sink, { strict: true });
  reader.push(readFixture('c'));
  const before = process.memoryUsage();
  for (let i = 0; i < 1000; i++) reader.push(block);
  reader.end();
  const after = process.memoryUsage();
  expect(samples).toBe(4 + 1_000_000);
  expect(timeUs).toBe(50 + 51 + 52 + 53 + 50_000_000);
  expect(sink.tables.stackCount).toBe(5);
  expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(100e6);
});

test('random splits of a long file', { timeout: 60_000 }, () => {
  const bytes = readFixture('b');
  const file = new Uint8Array(4 + 50 * (bytes.length - 4));
  file.set(bytes.subarray(0, 4));
  for (let i = 0; i < 50; i++) file.set(bytes.subarray(4), 4 + i * (bytes.length - 4));
  const whole = describeSamples(readProfile([file]));
  for (let seed = 1; seed <= 10; seed++) {
    expect(describeSamples(readProfile(new Random(seed).split(file)))).toEqual(whole);
  }
});
