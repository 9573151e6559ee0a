import { FrameKind, metadataValue, type Profile, SampleFlag } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { readProfile, writeProfile } from '../../convert.js';
import { chunked, collectText, fixture } from '../../testing/io.js';
import { contents, profileOf, py } from '../../testing/profiles.js';

const toText = (profile: Profile): Promise<string> => collectText(writeProfile(profile, 'collapsed'));
const fixtureText = (path: string): string => new TextDecoder().decode(fixture(path));
const frames = [py('m.py', 'f', 1)];

describe('writing collapsed text', () => {
  it('writes MOJO file B as its specification says (defects 1, 2, 3)', async () => {
    const profile = await readProfile(chunked(fixture('mojo/b.mojo')));
    expect(await toText(profile)).toBe(fixtureText('collapsed/full.austin'));
  });

  it('keeps metadata in its place (defect 4)', async () => {
    const profile = await readProfile(chunked(fixture('mojo/a.mojo')));
    expect((await toText(profile)).split('\n')).toEqual([
      '# mode: wall',
      'P42;T42;app.py:main:10 100',
      'P42;T42;app.py:main:10;app.py:work:64 8191',
      '# duration: 9000',
      '',
    ]);
  });

  it.each(['full', 'memory', 'two-modes'])('gives %s.austin back unchanged', async (name) => {
    const path = `collapsed/${name}.austin`;
    expect(await toText(await readProfile(chunked(fixture(path))))).toBe(fixtureText(path));
  });

  it('gives other text back without what it does not mean', async () => {
    const path = 'collapsed/wall-3.7.austin';
    const text = await toText(await readProfile(chunked(fixture(path))));
    expect(text).toBe(fixtureText(path).replaceAll('\n\n', '\n'));
  });

  it('turns hex ids into decimal where all could be ids, names of keys included (defect 13)', async () => {
    const metadata = { mode: 'wall', 'x-thread-name:1:0:1f3c': 'Main: 1' };
    const text = await toText(profileOf(metadata, [{ frames, timeUs: 5, tid: '1f3c' }]));
    expect(text).toBe('# mode: wall\n# x-thread-name:1:0:7996: Main: 1\nP1;T0:7996;m.py:f:1 5\n');
    const again = await readProfile([new TextEncoder().encode(text)]);
    expect(again.tables.threadName(0 as never)).toBe('Main: 1');
  });

  it.each([
    ['face', '0x1f'],
    ['1_0', '10'],
    ['MainThread', 'face'],
  ])('keeps threads %s and %s as they are', async (a, b) => {
    const text = await toText(
      profileOf({ mode: 'wall' }, [
        { frames, timeUs: 5, tid: a },
        { frames, timeUs: 5, tid: b },
      ]),
    );
    expect(text).toBe(`# mode: wall\nP1;T0:${a};m.py:f:1 5\nP1;T0:${b};m.py:f:1 5\n`);
  });

  it('keeps a thread named "face" of an Austin that writes names', async () => {
    const text = await toText(
      profileOf({ austin: '4.1.0', mode: 'wall' }, [{ frames, timeUs: 5, tid: 'face' }]),
    );
    expect(text).toContain('P1;T0:face;');
  });

  it('replaces what would break a line (defect 15)', async () => {
    const odd = [py('a;b.py', 'f\r\ng', 4), { file: 'kernel', name: 'x;y', kind: FrameKind.Kernel }];
    const text = await toText(
      profileOf({ mode: 'wall', note: 'two\nlines' }, [{ frames: odd, timeUs: 5, tid: 'pool;\n1' }]),
    );
    expect(text).toBe('# mode: wall\n# note: two lines\nP1;T0:pool: 1;a:b.py:f  g:4;kernel:x:y:0 5\n');
  });

  it('says the mode when the source does not (defect 14)', async () => {
    expect(await toText(profileOf({}, [{ frames, memoryBytes: -5 }]))).toBe(
      '# mode: memory\nP1;T0:1;m.py:f:1 -5\n',
    );
  });

  it('puts marks around the frames, and writes empty stacks', async () => {
    const flags = SampleFlag.Gc | SampleFlag.Invalid;
    const profile = profileOf({ mode: 'cpu' }, [
      { frames, timeUs: 5, flags },
      { timeUs: 6, flags },
      { timeUs: 7, iid: null },
    ]);
    const text = await toText(profile);
    expect(text).toBe('# mode: cpu\nP1;T0:1;:INVALID:;m.py:f:1;:GC: 5\nP1;T0:1;:INVALID:;:GC: 6\nP1;T1 7\n');
    const again = await readProfile([new TextEncoder().encode(text)]);
    expect((contents(again) as { samples: unknown }).samples).toEqual(
      (contents(profile) as { samples: unknown }).samples,
    );
  });

  it('writes counts with real threads and reads them back as counts', async () => {
    const profile = profileOf({ 'x-weight-unit': 'count' }, [{ frames, timeUs: 5 }]);
    const text = await toText(profile);
    expect(text).toBe('# x-weight-unit: count\nP1;T0:1;m.py:f:1 5\n');
    const again = await readProfile([new TextEncoder().encode(text)]);
    expect(metadataValue(again, 'x-weight-unit')).toBe('count');
  });

  it('hands on a large profile in pieces', async () => {
    const samples = Array.from({ length: 20_000 }, (_, i) => ({
      frames: [py('m.py', `f${i % 99}`, i)],
      timeUs: 1,
    }));
    let chunks = 0;
    let lines = 0;
    for await (const chunk of writeProfile(profileOf({ mode: 'wall' }, samples), 'collapsed')) {
      chunks++;
      lines += new TextDecoder().decode(chunk).split('\n').length - 1;
      expect(chunk.length).toBeLessThan(200_000);
    }
    expect(lines).toBe(20_001);
    expect(chunks).toBeGreaterThan(3);
  });
});
