import { metadataInPlace, type Profile, SampleFlag, type ThreadId } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { type Conversion, convertProfile, readProfile, writeProfile } from './convert.js';
import type { Piece } from './format.js';
import type { Limits } from './formats/speedscope/size.js';
import { SpeedscopeStream } from './formats/speedscope/stream.js';
import { writeSpeedscope } from './formats/speedscope/write.js';
import { DECIDING_SAMPLES } from './line-stream.js';
import { formats } from './registry.js';
import { inputs } from './testing/inputs.js';
import { bytesOf, chunked, collect, fixture, piecesText } from './testing/io.js';
import { contents, profileOf, py } from './testing/profiles.js';
import { randomProfile } from './testing/random.js';
import { type Seen, seenInFile, seenInProfile, summed } from './testing/seen.js';

const streaming = formats.filter(({ stream }) => stream).map(({ id }) => id);

describe.each([...streaming, 'trace'])('to %s', (to) => {
  it.each(inputs)('%s: the same bytes as of the whole profile', async (path) => {
    const bytes = fixture(path);
    const whole = await collect(writeProfile(await readProfile(chunked(bytes)), to));
    const size = Math.max(5, bytes.length >> 8);
    expect(Buffer.compare(await collect(convertProfile(chunked(bytes, size), to)), whole)).toBe(0);
  });
});

describe.each(streaming)('to %s, while it is read', (to) => {
  it('the same bytes where there are more samples than decide', async () => {
    const lines = Array.from({ length: DECIDING_SAMPLES + 1000 }, (_, i) => {
      const [gc, idle] = [i % 11 === 0 ? ';:GC:' : '', i % 3 === 0 ? 1 : 0];
      return `P1;T0:${i % 5};m.py:main:1;m.py:f${i % 7}:${i % 13}${gc} ${100 + (i % 9)},${idle},${(i % 4) * 64 - 96}\n`;
    });
    const text = bytesOf(`# mode: full\n${lines.join('')}# duration: 5\n`);
    const whole = await collect(writeProfile(await readProfile([text]), to));
    const streamed = await collect(convertProfile(chunked(text, 1 << 16), to));
    expect(Buffer.compare(streamed, whole)).toBe(0);
  }, 30_000);
});

describe('a conversion', () => {
  it('tells what was read', async () => {
    let end: Conversion | undefined;
    const text = '# mode: wall\nP1;T1;m.py:f:1 5\nnonsense\nP1;T2;m.py:f:1 6\n';
    const options = { onEnd: (conversion: Conversion) => (end = conversion) };
    await collect(convertProfile([bytesOf(text)], 'collapsed', options));
    expect(end).toMatchObject({ source: { id: 'collapsed' }, sampleCount: 2, threadCount: 2 });
    expect(end!.diagnostics).toMatchObject([{ line: 3 }]);
  });

  it('passes on what goes wrong', async () => {
    const convert = (text: string, input = {}) =>
      collect(convertProfile([bytesOf(text)], 'collapsed', { input }));
    await expect(convert('\u0001\u0002')).rejects.toMatchObject({ code: 'ERR_FORMAT_UNKNOWN' });
    await expect(convert('# mode: wall\nP1;T1;m.py:f:1 5\nx\n', { strict: true })).rejects.toMatchObject({
      line: 3,
    });
    expect(() => convertProfile([], 'nope')).toThrow(expect.objectContaining({ code: 'ERR_USAGE_FORMAT' }));
  });

  it('writes before it has read everything, and holds nothing back', async () => {
    const line = 'P1;T1;m.py:f:1 5\n'.repeat(1 << 12);
    let given = 0;
    async function* endless(): AsyncIterable<Uint8Array> {
      yield bytesOf('# mode: wall\n');
      for (;;) {
        given += line.length;
        yield bytesOf(line);
      }
    }
    let taken = 0;
    for await (const piece of convertProfile(endless(), 'collapsed')) {
      taken += piece.length;
      // The deciding samples, one chunk in work, and one in pieces that are not yet a chunk.
      expect(given - taken).toBeLessThan((DECIDING_SAMPLES + 3 * (1 << 12)) * 17);
      if (taken > 5e6) break;
    }
    expect(taken).toBeGreaterThan(5e6);
  });

  it('adds up a long recording for a page, counts every sample, and says so', async () => {
    const line = 'P1;T1;m.py:f:1 5\n';
    async function* long(): AsyncIterable<Uint8Array> {
      yield bytesOf('# mode: wall\n');
      for (let i = 0; i <= 512; i++) yield bytesOf(line.repeat(1 << 12));
    }
    const notices: string[] = [];
    let end: Conversion | undefined;
    const page = convertProfile(long(), 'html', {
      onNotice: (notice) => notices.push(notice),
      onEnd: (conversion) => (end = conversion),
    });
    for await (const piece of page) expect(piece.length).toBeGreaterThan(0);
    expect(end!.sampleCount).toBe(513 << 12);
    expect(notices).toEqual([
      expect.stringContaining('samples of a thread with the same stack are added up'),
    ]);
  }, 30_000);

  it.each(['firefox', 'trace'])(
    '%s: more samples than are kept one by one are added up, keep the weight of every stack, and it is said',
    async (to) => {
      const source = await collect(writeProfile(randomProfile(4, 500), 'mojo'));
      const notices: string[] = [];
      const convert = (mostSamples: number): Promise<Uint8Array> =>
        collect(
          convertProfile([source], to, {
            mostSamples,
            gzip: false,
            onNotice: (notice) => notices.push(notice),
          }),
        );
      const sums = (seen: Seen) =>
        Object.fromEntries([...seen].map(([thread, samples]) => [thread, summed(samples)]));
      const whole = await readProfile([source]);
      expect(sums((await seenInFile(to, await convert(499)))!)).toEqual(sums(seenInProfile(whole)));
      expect(notices).toEqual([expect.stringContaining('are added up in slots of')]);
      const written = await collect(writeProfile(whole, to, { gzip: false }));
      expect(Buffer.compare(await convert(500), written)).toBe(0);
      expect(notices).toHaveLength(1);
    },
  );

  it('adds up a long recording into a bounded number of samples', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `P1;T1;m.py:f${i % 2}:1 100\n`);
    const text = bytesOf(`# mode: wall\n${lines.join('')}`);
    const bytes = await collect(convertProfile([text], 'firefox', { mostSamples: 100, gzip: false }));
    const [samples] = [...(await seenInFile('firefox', bytes))!.values()];
    expect(samples!.length).toBeLessThanOrEqual(2 * 2048);
    expect(samples!.reduce((sum, { weight }) => sum + weight, 0)).toBe(3_000_000);
  });

  it('closes its input when nobody wants the rest', async () => {
    let isClosed = false;
    async function* input(): AsyncIterable<Uint8Array> {
      try {
        yield bytesOf('# mode: wall\n');
        for (;;) yield bytesOf('P1;T1;m.py:f:1 5\n'.repeat(1 << 12));
      } finally {
        isClosed = true;
      }
    }
    for await (const piece of convertProfile(input(), 'collapsed')) if (piece.length > 0) break;
    expect(isClosed).toBe(true);
  });
});

describe('a speedscope file larger than speedscope can open', () => {
  function streamed(profile: Profile, limits: Limits, notices: string[]): string {
    const stream = new SpeedscopeStream({ onNotice: (notice) => notices.push(notice) }, limits);
    const { tables, samples, metadata } = profile;
    const addMetadata = metadataInPlace(metadata, ({ key, value }) => stream.addMetadata(key, value));
    for (let i = 0; i < samples.length; i++) {
      addMetadata(i);
      const frames = tables.stackFrames(samples.stack[i]! as never).map((frame) => tables.frameInfo(frame));
      let stack = 0 as never;
      for (const { name, file, line } of frames) {
        const fn = stream.tables.internFunction(
          stream.tables.internString(name),
          stream.tables.internString(file),
        );
        stack = stream.tables.internStack(stack, stream.tables.internFrame(fn, line)) as never;
      }
      const { pid, iid, tid } = tables.thread(samples.thread[i]! as ThreadId);
      const thread = stream.tables.internThread(pid, iid, tid);
      stream.addSample(stack, thread, samples.timeUs[i]!, samples.memoryBytes[i]!, samples.flags[i]!);
    }
    addMetadata(samples.length);
    return piecesText(stream.end() as Iterable<Piece>);
  }

  const unlimited = { bytes: Number.POSITIVE_INFINITY, samples: Number.POSITIVE_INFINITY };

  /** Weight of each stack of each view. */
  async function weights(text: string): Promise<Record<string, Record<string, number>>> {
    const seen = (await seenInFile('speedscope', bytesOf(text)))!;
    return Object.fromEntries([...seen].map(([view, samples]) => [view, summed(samples)]));
  }

  /** Weight of each view, and how many entries all of them have. */
  async function totals(text: string): Promise<{ weights: Record<string, number>; entries: number }> {
    const seen = [...(await seenInFile('speedscope', bytesOf(text)))!];
    return {
      weights: Object.fromEntries(
        seen.map(([view, samples]) => [view, samples.reduce((sum, { weight }) => sum + weight, 0)]),
      ),
      entries: seen.reduce((sum, [, samples]) => sum + samples.length, 0),
    };
  }

  it('has equal stacks summed, says so, and every stack weighs the same', async () => {
    const profile = profileOf(
      { mode: 'full' },
      Array.from({ length: 2000 }, (_, i) => ({
        frames: [py('m.py', 'main', 1), py('m.py', `f${i % 5}`, 2)],
        tid: String(i % 3),
        timeUs: 90 + (i % 21),
        memoryBytes: ((i % 7) - 3) * 64,
        flags: i % 4 === 0 ? SampleFlag.Idle : 0,
      })),
    );
    const notices: string[] = [];
    const options = { onNotice: (notice: string) => notices.push(notice) };
    const whole = piecesText(writeSpeedscope(profile, {}, unlimited));
    const written = piecesText(writeSpeedscope(profile, options, { ...unlimited, samples: 500 }));
    expect(notices).toEqual([expect.stringContaining('larger than what speedscope can open')]);
    expect((await totals(written)).entries).toBeLessThanOrEqual(500);
    expect(await weights(written)).toEqual(await weights(whole));
    expect(await weights(streamed(profile, { ...unlimited, samples: 500 }, notices))).toEqual(
      await weights(whole),
    );
    expect(notices).toHaveLength(2);
  });

  it.each([
    ['that nobody names', []],
    ['that comes last', [{ key: 'mode', value: 'full', sampleIndex: 10 }]],
  ])('is measured by the weights of a mode %s', async (_, metadata) => {
    const samples = Array.from({ length: 10 }, () => ({
      frames: [py('m.py', 'f', 1)],
      timeUs: 5,
      memoryBytes: 64,
    }));
    const profile = { ...profileOf({}, samples), metadata };
    const notices: string[] = [];
    // Wall time, CPU time and memory: three entries for each sample.
    const limits = { ...unlimited, samples: 25 };
    const { entries } = await totals(streamed(profile, limits, notices));
    expect(entries).toBe(3);
    expect(notices).toHaveLength(1);
    streamed(profile, { ...unlimited, samples: 30 }, notices);
    expect(notices).toHaveLength(1);
  });

  it.each([
    ['samples', { ...unlimited, samples: 1000 }],
    ['bytes', { ...unlimited, bytes: 20_000 }],
  ])(
    'has its lightest stacks cut where sums are too many %s, says so, and weighs the same',
    async (_, limits) => {
      const profile = randomProfile(2, 2000);
      const whole = await totals(piecesText(writeSpeedscope(profile, {}, unlimited)));
      const notices: string[] = [];
      const options = { onNotice: (notice: string) => notices.push(notice) };
      const written = piecesText(writeSpeedscope(profile, options, limits));
      expect(notices).toEqual([
        expect.stringContaining('larger than what speedscope can open'),
        expect.stringMatching(/^Even summed it is too large: stacks below \d.* % of the whole are cut/),
      ]);
      const cut = await totals(written);
      expect(cut.weights).toEqual(whole.weights);
      expect(cut.entries).toBeLessThanOrEqual(limits.samples);
      // Brackets around the lists are not counted.
      expect(JSON.stringify(samplesIn(written)).length).toBeLessThanOrEqual(limits.bytes + 1000);
      expect(written).toContain('<lighter paths>');
      expect((await totals(streamed(profile, limits, notices))).weights).toEqual(whole.weights);
      expect(notices).toHaveLength(4);
    },
  );

  it('is left alone below the limit', () => {
    const profile = randomProfile(2, 20);
    const notices: string[] = [];
    const options = { onNotice: (notice: string) => notices.push(notice) };
    const limits = { bytes: 1 << 20, samples: 100 };
    const whole = piecesText(writeSpeedscope(profile, {}, unlimited));
    expect(piecesText(writeSpeedscope(profile, options, limits))).toBe(whole);
    expect(notices).toEqual([]);
  });
});

describe('memory that is used again', () => {
  /** The bytes in chunks that are the same memory. */
  async function* overwritten(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
    const chunk = new Uint8Array(size);
    for (let at = 0; at < bytes.length; at += size) {
      chunk.fill(0xaa);
      const part = bytes.subarray(at, at + size);
      chunk.set(part);
      yield chunk.subarray(0, part.length);
    }
    chunk.fill(0xaa);
  }

  it.each(inputs)('%s: a reader is done with a chunk before it asks for the next', async (path) => {
    const bytes = fixture(path);
    const size = Math.max(5, bytes.length >> 4);
    expect(contents(await readProfile(overwritten(bytes, size)))).toEqual(
      contents(await readProfile(chunked(bytes, size))),
    );
  });

  it.each(['collapsed', 'jsonl', 'speedscope', 'pprof', 'mojo'])(
    '%s: chunks of output that are copied before the next are all of it',
    async (to) => {
      const profile = randomProfile(3, 4000);
      const mojo = await collect(writeProfile(profile, 'mojo'));
      const parts: Uint8Array[] = [];
      for await (const chunk of convertProfile(chunked(mojo, 5000), to, { reuseChunks: true })) {
        parts.push(chunk.slice());
      }
      const whole = await collect(convertProfile(chunked(mojo, 5000), to));
      expect(Buffer.compare(Buffer.concat(parts), whole)).toBe(0);
    },
  );
});

/** The lists of samples and weights of a file: what the limit of bytes is about. */
function samplesIn(text: string): unknown {
  const { profiles } = JSON.parse(text) as { profiles: { samples: number[][]; weights: number[] }[] };
  return profiles.map(({ samples, weights }) => [samples, weights]);
}
