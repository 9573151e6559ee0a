import { describe, expect, test } from 'vitest';
import { concat, hex, readFixture } from '../testing/fixtures.js';
import { Random } from '../testing/random.js';
import { withoutPlace } from '../testing/without-place.js';
import { decodeMojo, MojoDecoder } from './decode.js';
import type { MojoEvent } from './events.js';
import { encodeText } from './wire/text.js';

const stack: MojoEvent = { type: 'stack', pid: 42, iid: null, thread: '2a' };

describe('decodeMojo', () => {
  test('file A, with offsets and sizes', () => {
    const { version, events, diagnostics } = decodeMojo(readFixture('a'), { strict: true });
    expect(version).toBe(1);
    expect(diagnostics).toEqual([]);
    const frame = { type: 'frame', file: 2, lineEnd: 0, column: 0, columnEnd: 0 };
    expect(events).toEqual([
      { type: 'metadata', key: 'mode', value: 'wall', offset: 0x04, size: 11 },
      { ...stack, offset: 0x0f, size: 5 },
      { type: 'string', key: 2, value: 'app.py', offset: 0x14, size: 9 },
      { type: 'string', key: 3, value: 'main', offset: 0x1d, size: 7 },
      { ...frame, key: 7, scope: 3, line: 10, offset: 0x24, size: 5 },
      { type: 'frame-ref', key: 7, offset: 0x29, size: 2 },
      { type: 'metric-time', value: 100, offset: 0x2b, size: 3 },
      { ...stack, offset: 0x2e, size: 5 },
      { type: 'string', key: 4, value: 'work', offset: 0x33, size: 7 },
      { ...frame, key: 8, scope: 4, line: 64, offset: 0x3a, size: 6 },
      { type: 'frame-ref', key: 7, offset: 0x40, size: 2 },
      { type: 'frame-ref', key: 8, offset: 0x42, size: 2 },
      { type: 'metric-time', value: 8191, offset: 0x44, size: 3 },
      { type: 'metadata', key: 'duration', value: '9000', offset: 0x47, size: 15 },
    ]);
  });

  test('file B', () => {
    const { version, events } = decodeMojo(readFixture('b'), { strict: true });
    expect(version).toBe(3);
    expect(events.map(withoutPlace)).toEqual([
      { type: 'metadata', key: 'mode', value: 'full' },
      { type: 'metadata', key: 'gc', value: 'on' },
      { type: 'stack', pid: 300, iid: 0, thread: '12c' },
      { type: 'string', key: 64, value: 'é.py' },
      { type: 'string', key: 65, value: 'f' },
      { type: 'frame', key: 70000, file: 64, scope: 65, line: 5, lineEnd: 5, column: 9, columnEnd: 18 },
      { type: 'frame-ref', key: 70000 },
      { type: 'gc' },
      { type: 'metric-time', value: 8192 },
      { type: 'metric-memory', value: -8192 },
      { type: 'stack', pid: 301, iid: 1, thread: '12d' },
      { type: 'string', key: 64, value: 'x.py' },
      { type: 'frame', key: 70000, file: 64, scope: 1, line: 0, lineEnd: 0, column: 0, columnEnd: 0 },
      { type: 'frame-invalid' },
      { type: 'frame-ref', key: 70000 },
      { type: 'metric-time', value: 64 },
      { type: 'idle' },
      { type: 'metric-memory', value: 4294967296 },
      { type: 'stack', pid: 300, iid: 0, thread: '12c' },
      { type: 'metric-time', value: 1 },
      { type: 'metric-memory', value: 0 },
    ]);
  });

  test('file C', () => {
    const { version, events } = decodeMojo(readFixture('c'), { strict: true });
    expect(version).toBe(4);
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === 'stack-repeat')).toHaveLength(3);
    expect(types.slice(-5)).toEqual(['string', 'frame', 'stack-repeat', 'frame-ref', 'metric-time']);
  });

  test('keeps the bytes of what is not UTF-8, and only of that', () => {
    const { events } = decodeMojo(readFixture('invalid-utf8'));
    expect(events.map(withoutPlace).slice(1, 4)).toEqual([
      { type: 'stack', pid: 1, iid: 0, thread: 'T\ufffd', threadBytes: hex('54 ff') },
      { type: 'string', key: 2, value: '\ufffd(.py', valueBytes: hex('c3 28 2e 70 79') },
      { type: 'string', key: 3, value: '\ufefff' },
    ]);
    expect(events.map(withoutPlace).at(-2)).toEqual({ type: 'frame-kernel', scope: '\ufffd' });
  });

  test('damage is a diagnostic, and what is before it counts', () => {
    const { events, diagnostics } = decodeMojo(readFixture('unknown-event'));
    expect(events.at(-1)).toMatchObject({ type: 'metric-time', value: 10 });
    expect(diagnostics).toEqual([
      {
        code: 'ERR_MOJO_UNKNOWN_EVENT',
        message:
          'Unknown event 42 at byte 43, after METRIC_TIME at byte 41; MOJO version 3 has events 1 to 12.',
        offset: 43,
        count: 1,
      },
    ]);
    expect(() => decodeMojo(readFixture('unknown-event'), { strict: true })).toThrow(
      expect.objectContaining({ code: 'ERR_MOJO_UNKNOWN_EVENT', kind: 'data', offset: 43 }),
    );
  });

  test.each([
    ['empty', 'ERR_MOJO_EMPTY', /empty/],
    ['header-cut', 'ERR_MOJO_TRUNCATED', /header/],
    ['not-mojo-gzip', 'ERR_MOJO_NOT_MOJO', /looks like gzip-compressed data/],
    ['not-mojo-json', 'ERR_MOJO_NOT_MOJO', /looks like JSON/],
    ['not-mojo-collapsed', 'ERR_MOJO_NOT_MOJO', /looks like collapsed text/],
    ['version-0', 'ERR_MOJO_VERSION', /version 0/],
    ['version-9', 'ERR_MOJO_VERSION', /version 9/],
  ])('%s throws even when lenient', (name, code, message) => {
    const read = () => decodeMojo(readFixture(name));
    expect(read).toThrow(expect.objectContaining({ code, kind: 'data', offset: expect.any(Number) }));
    expect(read).toThrow(message);
  });
});

describe('MojoDecoder', () => {
  test.each(['a', 'b', 'c'])('%s split into every pair of chunks gives the same events', (name) => {
    const bytes = readFixture(name);
    const whole = decodeMojo(bytes).events;
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(decodeChunks([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
    }
  });

  test.each(['a', 'b', 'c', 'tasks', 'invalid-utf8'])('%s byte by byte, in a reused buffer', (name) => {
    const bytes = readFixture(name);
    const decoder = new MojoDecoder({ strict: true });
    const buffer = new Uint8Array(1);
    const events = [];
    for (const byte of bytes) {
      buffer[0] = byte;
      events.push(...decoder.push(buffer));
    }
    decoder.end();
    expect(events).toEqual(decodeMojo(bytes).events);
  });

  test('gives an event as soon as its last byte is there', () => {
    const bytes = readFixture('a');
    const decoder = new MojoDecoder();
    expect(decoder.push(bytes.subarray(0, 0x0e))).toEqual([]);
    expect(decoder.version).toBe(1);
    expect(decoder.push(bytes.subarray(0x0e, 0x0f))).toHaveLength(1);
  });

  test.each([
    ['unknown-event', 43],
    ['varint-too-long', 49],
    ['truncated-in-frame', 0x24],
    ['truncated-in-second-stack', 0x2e],
  ])('%s: the same offset however it is split', (name, offset) => {
    const bytes = readFixture(name);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const decoder = new MojoDecoder();
      decoder.push(bytes.subarray(0, cut));
      decoder.push(bytes.subarray(cut));
      decoder.end();
      expect(decoder.diagnostics).toMatchObject([{ offset }]);
    }
  });

  test('a long text in small chunks takes linear time', { timeout: 30_000 }, () => {
    const size = 1_000_000;
    const value = new Uint8Array(size).fill(0x61);
    const bytes = concat([readFixture('header-only'), hex('01'), value, hex('00'), value, hex('00')]);
    const decoder = new MojoDecoder({ strict: true });
    const start = performance.now();
    let events = 0;
    for (let at = 0; at < bytes.length; at += 16) events += decoder.push(bytes.subarray(at, at + 16)).length;
    decoder.end();
    expect(events).toBe(1);
    // Reading the text again at every chunk would take 125,000 times up to 2 MB, which is minutes.
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  test('after damage it stays stopped; when strict it throws the same again', () => {
    const bytes = readFixture('unknown-event');
    const lenient = new MojoDecoder();
    lenient.push(bytes);
    expect(lenient.isStopped).toBe(true);
    expect(lenient.push(encodeText('more'))).toEqual([]);
    lenient.end();
    expect(lenient.diagnostics).toHaveLength(1);

    const strict = new MojoDecoder({ strict: true });
    expect(() => strict.push(bytes)).toThrow('Unknown event 42');
    expect(() => strict.push(bytes)).toThrow('Unknown event 42');
    expect(() => strict.end()).toThrow('Unknown event 42');
  });

  test('says what a file looks like however it is split', () => {
    const text = encodeText('# mode: wall\nP1;T0:1;m.py:f:3 10\n');
    const random = new Random(5);
    for (let round = 0; round < 20; round++) {
      expect(() => decodeChunks(random.split(text))).toThrow('collapsed text');
    }
    expect(() => decodeChunks([encodeText('P1')])).toThrow('looks like text');
  });
});

function decodeChunks(chunks: Iterable<Uint8Array>) {
  const decoder = new MojoDecoder({ strict: true });
  const events = [];
  for (const chunk of chunks) events.push(...decoder.push(chunk));
  decoder.end();
  return events;
}
