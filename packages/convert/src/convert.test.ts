import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { isAustinError } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { readInto, readProfile, writeProfile } from './convert.js';
import { detectFormat } from './detect.js';
import { formatByFileName, formats } from './registry.js';
import { bytesOf, chunked, collect, fixture } from './testing/io.js';
import { contents, profileOf, py } from './testing/profiles.js';

const text = bytesOf('# mode: wall\nP1;T1;m.py:f:1 5\n');

async function failure(run: () => unknown): Promise<{ code: string; kind: string; hint?: string }> {
  try {
    await run();
  } catch (error) {
    if (isAustinError(error)) return error as never;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('readProfile', () => {
  it('takes a plain array, a stream, and any size of chunk', async () => {
    const whole = contents(await readProfile([text]));
    for (const size of [1, 2, 3, 30]) expect(contents(await readProfile(chunked(text, size)))).toEqual(whole);
  });

  it.each(['mojo/b.mojo', 'collapsed/full.austin'])('unzips %s (defect 20)', async (path) => {
    const plain = contents(await readProfile([fixture(path)]));
    const zipped = gzipSync(fixture(path));
    for (const size of [1, 5, zipped.length]) {
      expect(contents(await readProfile(chunked(zipped, size)))).toEqual(plain);
    }
  });

  it('reads what came before damage in gzip, and says so; strict fails', async () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `P1;T1;m.py:f${i}:1 ${i}`);
    const cut = gzipSync(`# mode: wall\n${lines.join('\n')}\n`);
    const half = cut.subarray(0, cut.length >> 1);
    const profile = await readProfile(chunked(half, 4096));
    expect(profile.samples.length).toBeGreaterThan(1000);
    expect(profile.diagnostics).toContainEqual(
      expect.objectContaining({ code: 'ERR_GZIP_INVALID', count: 1 }),
    );
    const error = await failure(() => readProfile(chunked(half, 4096), { strict: true }));
    expect(error.code).toBe('ERR_GZIP_INVALID');
  }, 30_000);

  it('loses nothing of gzip that was flushed before it was cut', async () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => `P1;T1;m.py:f${i}:1 ${i}\n`);
    const flush = { finishFlush: constants.Z_SYNC_FLUSH };
    const flushed = gzipSync(`# mode: wall\n${lines.join('')}`, flush);
    for (const behind of [new Uint8Array(0), gzipSync('no more').subarray(10, 12)]) {
      for (const size of [1000, 1 << 18]) {
        const profile = await readProfile(chunked(Buffer.concat([flushed, behind]), size));
        expect(profile.samples.length).toBe(lines.length);
        expect(profile.diagnostics).toContainEqual(
          expect.objectContaining({ code: 'ERR_GZIP_INVALID', count: 1 }),
        );
      }
    }
  });

  it('refuses an empty input', async () => {
    expect(await failure(() => readProfile([]))).toMatchObject({ code: 'ERR_INPUT_EMPTY', kind: 'data' });
    expect((await failure(() => readProfile([gzipSync('')]))).code).toBe('ERR_INPUT_EMPTY');
    expect((await failure(() => readProfile([], { format: 'collapsed' }))).code).toBe('ERR_INPUT_EMPTY');
  });

  it('refuses an unknown format, and lists those it knows', async () => {
    const error = await failure(() => readProfile([bytesOf('<html>\n')]));
    expect(error).toMatchObject({ code: 'ERR_FORMAT_UNKNOWN', kind: 'data' });
    expect(error.hint).toMatch(/mojo, .*collapsed/);
    expect((await failure(() => readProfile([new Uint8Array(100)]))).code).toBe('ERR_FORMAT_UNKNOWN');
  });

  it('names a format that can only be written', async () => {
    const profile = profileOf({ mode: 'wall' }, [{ frames: [py('m.py', 'f', 1)], timeUs: 1 }]);
    const bytes = await collect(writeProfile(profile, 'html'));
    const error = await failure(() => readProfile(chunked(bytes, 11), { format: 'html' }));
    expect(error.code).toBe('ERR_FORMAT_WRITE_ONLY');
  });

  it('refuses a format that does not exist', async () => {
    const error = await failure(() => readProfile([text], { format: 'gprof' }));
    expect(error).toMatchObject({ code: 'ERR_USAGE_FORMAT', kind: 'usage' });
    expect(error.hint).toContain('speedscope');
  });

  it('passes on errors of the source, and closes it', async () => {
    const gone = new Error('the disk is gone');
    async function* source(): AsyncIterable<Uint8Array> {
      yield gzipSync(text).subarray(0, 12);
      throw gone;
    }
    await expect(readProfile(source())).rejects.toBe(gone);
    let closed = false;
    async function* endless(): AsyncIterable<Uint8Array> {
      try {
        for (;;) yield bytesOf('bad line\n');
      } finally {
        closed = true;
      }
    }
    await expect(readProfile(endless(), { format: 'collapsed', strict: true })).rejects.toThrow('Line 1');
    expect(closed).toBe(true);
  });

  it('tells the format it read', async () => {
    const sink = {
      tables: (await readProfile([text])).tables,
      addSample() {},
      addMetadata() {},
      addDiagnostic() {},
    };
    expect((await readInto([text], sink)).id).toBe('collapsed');
  });
});

describe('writeProfile', () => {
  const profile = profileOf({ mode: 'wall' }, [{ frames: [py('m.py', 'f', 1)], timeUs: 1 }]);

  it('gzips pprof, and others on request, always to the same bytes', async () => {
    const pprof = await collect(writeProfile(profile, 'pprof'));
    expect([...pprof.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    expect(await collect(writeProfile(profile, 'pprof'))).toEqual(pprof);
    const plain = await collect(writeProfile(profile, 'pprof', { gzip: false }));
    expect(new Uint8Array(gunzipSync(pprof))).toEqual(plain);
    const zipped = await collect(writeProfile(profile, 'collapsed', { gzip: true }));
    expect(gunzipSync(zipped).toString()).toBe('# mode: wall\nP1;T0:1;m.py:f:1 1\n');
  });

  it('can be abandoned', async () => {
    for await (const chunk of writeProfile(profile, 'pprof')) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
  });

  it('refuses versions that do not exist', async () => {
    const write = (version: number): Promise<Uint8Array> =>
      collect(writeProfile(profile, 'mojo', { version }));
    expect((await write(4))[3]).toBe(4);
    expect((await failure(() => write(5))).code).toBe('ERR_USAGE_VERSION');
  });

  it('refuses a format that does not exist', async () => {
    expect((await failure(() => writeProfile(profile, 'perf'))).code).toBe('ERR_USAGE_FORMAT');
  });
});

describe('detection', () => {
  const detect = (head: string, isWhole = true): string | undefined => {
    const found = detectFormat(bytesOf(head), { isWhole });
    return typeof found === 'object' ? found.id : found;
  };

  it.each([
    ['MOJ\u0003', 'mojo'],
    ['P1;T1;m.py:f:1 5', 'collapsed'],
    ['\n\n# austin: 3.7.0\n', 'collapsed'],
    ['# comment\nmain;f 12\n', 'collapsed'],
    ['garbage\nP1;T0:1;m.py:f:1 -5\n', 'collapsed'],
    ['P1;T0:1 5,1,-6\n', 'collapsed'],
    ['{"$schema": "https://www.speedscope.app/file-format-schema.json"', 'speedscope'],
    ['{"a": 1}\n', undefined],
    ['Some words.\nAnd more.\n', undefined],
    ['', undefined],
    ['# only comments\n', undefined],
  ])('takes %j for %s', (head, id) => expect(detect(head)).toBe(id));

  it.each(['', 'M', 'MO', 'P1;T1;m.py:f', '{"shared": {', '# hm\n'])('asks for more after %j', (head) => {
    expect(detect(head, false)).toBe('more');
  });
});

describe('the registry', () => {
  it.each([
    ['a.mojo', 'mojo'],
    ['a.MOJO.gz', 'mojo'],
    ['a.mojo.zst', 'mojo'],
    ['a.speedscope.json', 'speedscope'],
    ['a.json', 'speedscope'],
    ['a.pprof', 'pprof'],
    ['a.pb.gz', 'pprof'],
    ['a.austin', 'collapsed'],
    ['a.folded', 'collapsed'],
    ['a.bin', undefined],
  ])('knows %s as %s', (name, id) => expect(formatByFileName(name)?.id).toBe(id));

  it('has unique ids and endings, and each format can do something', () => {
    expect(new Set(formats.map(({ id }) => id)).size).toBe(formats.length);
    const endings = formats.flatMap(({ extensions }) => extensions);
    expect(new Set(endings).size).toBe(endings.length);
    for (const format of formats) expect(format.read ?? format.write).toBeDefined();
  });
});
