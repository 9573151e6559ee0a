import { describe, expect, test } from 'vitest';
import { concat, hex, readFixture } from '../testing/fixtures.js';
import { encodeMojo } from './encode.js';
import { type MojoItem, type MojoSample, readMojoSamples } from './samples.js';
import type { ReadMojoOptions } from './to-profile.js';

async function items(chunks: Iterable<Uint8Array>, options?: ReadMojoOptions): Promise<MojoItem[]> {
  const all: MojoItem[] = [];
  for await (const item of readMojoSamples(chunks, options)) all.push(item);
  return all;
}

function samplesOf(all: readonly MojoItem[]): MojoSample[] {
  return all.filter((item) => item.type === 'sample');
}

describe('readMojoSamples', () => {
  test('B: samples between metadata, with their frames and flags', async () => {
    const all = await items([readFixture('b')]);
    expect(all.map(({ type }) => type)).toEqual(['metadata', 'metadata', 'sample', 'sample', 'sample']);
    const [first, second, third] = samplesOf(all);
    expect(first).toMatchObject({
      thread: { pid: 300, iid: 0, tid: '12c' },
      threadName: undefined,
      timeUs: 8192,
      memoryBytes: -8192,
      isGc: true,
      isIdle: false,
      isInvalid: false,
    });
    expect(first!.frames).toMatchObject([{ file: 'é.py', name: 'f', line: 5, column: 9, columnEnd: 18 }]);
    expect(second).toMatchObject({
      thread: { pid: 301, iid: 1 },
      isIdle: true,
      isInvalid: true,
      isGc: false,
    });
    expect(third!.frames).toEqual([]);
    expect(third!.thread).toBe(first!.thread);
  });

  test('what is equal is the same', async () => {
    const [first, second, third] = samplesOf(await items([readFixture('c')]));
    expect(second!.frames[0]).toBe(first!.frames[0]);
    expect(third!.stack).not.toBe(first!.stack);
    const doubled = samplesOf(await items([concat([readFixture('a'), readFixture('a').subarray(15)])]));
    expect(doubled.map(({ stack }) => stack)).toEqual([1, 2, 1, 2].map((at) => doubled[at - 1]!.stack));
  });

  test('knows the name of a thread from where it is said', async () => {
    const bytes = encodeMojo(
      [
        { type: 'metadata', key: 'mode', value: 'wall' },
        { type: 'stack', pid: 1, iid: 0, thread: 'a' },
        { type: 'metric-time', value: 1 },
        { type: 'metadata', key: 'x-thread-name:1:0:a', value: 'Main' },
        { type: 'stack', pid: 1, iid: 0, thread: 'a' },
        { type: 'metric-time', value: 2 },
      ],
      3,
    );
    expect(samplesOf(await items([bytes])).map(({ threadName }) => threadName)).toEqual([undefined, 'Main']);
  });

  test('live: gives a sample with the chunk that completes it', async () => {
    const bytes = readFixture('a');
    const chunks = [bytes.subarray(0, 46), bytes.subarray(46)];
    const seen: string[] = [];
    function* source(): Generator<Uint8Array> {
      for (const chunk of chunks) {
        seen.push('chunk');
        yield chunk;
      }
    }
    for await (const item of readMojoSamples(source(), { live: true })) seen.push(item.type);
    expect(seen).toEqual(['chunk', 'metadata', 'sample', 'chunk', 'sample', 'metadata']);
  });

  test('tells of damage last, and closes its source; strict throws', async () => {
    let closed = false;
    function* endless(): Generator<Uint8Array> {
      try {
        yield readFixture('unknown-event');
        for (;;) yield hex('00');
      } finally {
        closed = true;
      }
    }
    const all = await items(endless());
    expect(all.at(-1)).toMatchObject({ type: 'diagnostic', diagnostic: { code: 'ERR_MOJO_UNKNOWN_EVENT' } });
    expect(samplesOf(all).length).toBeGreaterThan(0);
    expect(closed).toBe(true);
    await expect(items([readFixture('unknown-event')], { strict: true })).rejects.toMatchObject({
      offset: 43,
    });
  });
});
