import { describe, expect, test } from 'vitest';
import { hex, readFixture, toHex } from '../testing/fixtures.js';
import { decodeMojo } from './decode.js';
import { encodeMojo, MojoEncoder } from './encode.js';
import type { MojoEvent } from './events.js';

describe('encodeMojo', () => {
  test.each([
    'a',
    'b',
    'c',
    'header-only',
    'invalid-utf8',
    'tasks',
    'native-address-keys',
    'kernel-frames-and-invalid',
  ])('%s decoded and encoded is the same file', (name) => {
    const bytes = readFixture(name);
    const { events, version } = decodeMojo(bytes, { strict: true });
    expect(toHex(encodeMojo(events, version))).toBe(toHex(bytes));
  });

  test('GC is one byte', () => {
    expect(toHex(encodeMojo([{ type: 'gc' }], 3))).toBe('4d 4f 4a 03 07');
  });

  test('writes the shortest form of what came padded', () => {
    const { events } = decodeMojo(hex('4d 4f 4a 03 09 81 80 00'));
    expect(toHex(encodeMojo(events, 3))).toBe('4d 4f 4a 03 09 01');
  });

  test('writes a changed text, not the bytes it had before', () => {
    const { events } = decodeMojo(hex('4d 4f 4a 03 06 ff 00'));
    const changed = events.map((event) => ({ ...event, scope: 'a' }) as MojoEvent);
    expect(toHex(encodeMojo(changed, 3))).toBe('4d 4f 4a 03 06 61 00');
  });

  test('writes a negative interpreter id with the sign bit', () => {
    const { events } = decodeMojo(hex('4d 4f 4a 03 02 01 bf ff ff ff ff ff ff ff ff 03 31 00'));
    expect(events[0]).toMatchObject({ iid: -1 });
    expect(toHex(encodeMojo(events, 3))).toBe('4d 4f 4a 03 02 01 41 31 00');
  });

  test('leaves out what a version does not have', () => {
    const events: MojoEvent[] = [
      { type: 'stack', pid: 1, iid: 2, thread: '1' },
      { type: 'frame', key: 2, file: 3, scope: 4, line: 5, lineEnd: 6, column: 7, columnEnd: 8 },
    ];
    expect(toHex(encodeMojo(events, 1))).toBe('4d 4f 4a 01 02 01 31 00 03 02 03 04 05');
    expect(toHex(encodeMojo(events, 2))).toBe('4d 4f 4a 02 02 01 31 00 03 02 03 04 05 06 07 08');
    expect(toHex(encodeMojo(events, 3))).toBe('4d 4f 4a 03 02 01 02 31 00 03 02 03 04 05 06 07 08');
  });

  test('refuses what it cannot write, and writes nothing of it', () => {
    const encoder = new MojoEncoder(3);
    const refused = expect.objectContaining({ code: 'ERR_MOJO_UNENCODABLE' });
    expect(() => encoder.push({ type: 'stack-repeat' })).toThrow(refused);
    expect(() => encoder.push({ type: 'string', key: 2, value: 'a\0b' })).toThrow(refused);
    expect(() => encoder.push({ type: 'metric-time', value: 1.5 })).toThrow(refused);
    encoder.push({ type: 'idle' });
    expect(toHex(encoder.take())).toBe('4d 4f 4a 03 08');
    expect(encoder.take()).toHaveLength(0);
  });
});
