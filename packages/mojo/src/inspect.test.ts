import { describe, expect, test } from 'vitest';
import { concat, fixtureNames, hex, readFixture } from '../testing/fixtures.js';
import { Random } from '../testing/random.js';
import { type InspectedEvent, type InspectOptions, type MojoInspection, MojoInspector } from './inspect.js';

function inspect(chunks: Iterable<Uint8Array>): { events: InspectedEvent[]; report: MojoInspection } {
  const inspector = new MojoInspector();
  const events = [...chunks].flatMap((chunk) => inspector.push(chunk));
  return { events, report: inspector.end() };
}

describe('MojoInspector', () => {
  test('says what each event means', () => {
    const { events, report } = inspect([readFixture('b')]);
    expect(events.map(({ event, sample, text }) => `${event.offset} #${sample} ${text}`)).toEqual([
      '4 #0 METADATA mode = full',
      '15 #0 METADATA gc = on',
      '22 #1 STACK pid 300, iid 0, thread 12c',
      '30 #1 STRING 64 = é.py',
      '39 #1 STRING 65 = f',
      '44 #1 FRAME 70000 = é.py:f:5 to 5, columns 9 to 18, file 64, scope 65',
      '56 #1 FRAME_REF 70000: é.py:f:5 to 5, columns 9 to 18',
      '60 #1 GC',
      '61 #1 METRIC_TIME 8192 µs',
      '65 #1 METRIC_MEMORY -8192 bytes',
      '69 #2 STACK pid 301, iid 1, thread 12d',
      '77 #2 STRING 64 = x.py',
      '85 #2 FRAME 70000 = x.py:<unknown>:0, file 64, scope 1',
      '96 #2 FRAME_INVALID',
      '97 #2 FRAME_REF 70000: x.py:<unknown>:0',
      '101 #2 METRIC_TIME 64 µs',
      '104 #2 IDLE',
      '105 #2 METRIC_MEMORY 4294967296 bytes',
      '111 #3 STACK pid 300, iid 0, thread 12c',
      '119 #3 METRIC_TIME 1 µs',
      '121 #3 METRIC_MEMORY 0 bytes',
    ]);
    expect(report).toMatchObject({ version: 3, bytes: 123, samples: 3, diagnostics: [], damage: undefined });
    expect(report.shares.reduce((sum, { bytes }) => sum + bytes, 4)).toBe(123);
    expect(report.shares[0]).toEqual({ name: 'STACK', count: 3, bytes: 24 });
  });

  test('says what tasks and names of strings mean', () => {
    const { events } = inspect([readFixture('tasks')]);
    const texts = events.map(({ text }) => text).filter((text) => text.startsWith('TASK'));
    expect(texts).toMatchInlineSnapshot(`
      [
        "TASK_STACK task 10000",
        "TASK_WAITER task 10000, awaited by 10001",
        "TASK_STACK task 10001",
      ]
    `);
  });

  test('tells which event has an undefined key', () => {
    const { events, report } = inspect([readFixture('undefined-frame')]);
    const bad = events.filter(({ problems }) => problems.length > 0);
    expect(bad.map(({ text, problems }) => [text, ...problems])).toEqual([
      ['FRAME_REF 99: <unknown>:<unknown>:0', 'Undefined frame key 99 at byte 50.'],
      ['FRAME_REF 99: <unknown>:<unknown>:0', 'Undefined frame key 99 at byte 53.'],
    ]);
    expect(report.diagnostics.map(({ code }) => code)).toEqual(['ERR_MOJO_UNDEFINED_FRAME']);
  });

  test.each(fixtureNames())('%s: the events with problems alone, and the same of the whole', (name) => {
    const attempt = (options: InspectOptions, isListed: (event: InspectedEvent) => boolean): unknown => {
      const inspector = new MojoInspector(options);
      try {
        const events = inspector.push(readFixture(name)).filter(isListed);
        return { events, report: inspector.end() };
      } catch (error) {
        return error;
      }
    };
    const hasProblems = ({ problems }: InspectedEvent): boolean => problems.length > 0;
    expect(attempt({ events: 'problems' }, () => true)).toEqual(attempt({}, hasProblems));
  });

  test('shows the bytes around damage', () => {
    const bytes = readFixture('unknown-event');
    const { report } = inspect([bytes]);
    expect(report.damage).toMatchObject({
      diagnostic: { code: 'ERR_MOJO_UNKNOWN_EVENT', offset: 43 },
      lastEvent: { type: 'metric-time', offset: 41 },
      offset: 43,
      contextOffset: 32,
    });
    expect(report.damage?.context).toEqual(bytes.slice(32));
    expect(report.diagnostics.at(-1)).toEqual(report.damage?.diagnostic);
    expect(report.bytes).toBe(43);
  });

  test('far from both ends of a file, shows whole rows', () => {
    const start = readFixture('a').subarray(0, 0x47);
    const long = concat([
      start,
      hex('0b 09'),
      new Uint8Array(3000).fill(0x61),
      hex('00 2a'),
      new Uint8Array(500),
    ]);
    const { damage } = inspect([long]).report;
    expect(damage?.offset).toBe(0x47 + 3003);
    expect([damage!.contextOffset % 16, damage!.context.length]).toEqual([0, 112]);
    expect(damage!.contextOffset + damage!.context.indexOf(0x2a)).toBe(damage!.offset);
  });

  test.each(fixtureNames())('%s: the same however it is split', (name) => {
    const bytes = readFixture(name);
    const attempt = (chunks: Iterable<Uint8Array>): unknown => {
      try {
        return inspect(chunks);
      } catch (error) {
        return error;
      }
    };
    const whole = attempt([bytes]);
    for (let seed = 1; seed < 6; seed++) {
      const random = new Random(seed);
      expect(attempt(random.split(bytes))).toEqual(whole);
    }
  });
});
