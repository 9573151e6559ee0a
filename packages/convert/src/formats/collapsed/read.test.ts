import { isAustinError, metadataValue, type Profile, SampleFlag } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { readProfile, writeProfile } from '../../convert.js';
import { bytesOf, chunked, collectText, fixture } from '../../testing/io.js';
import { contents } from '../../testing/profiles.js';
import { rowsOf, sums } from '../../testing/rows.js';

interface Row {
  thread: { pid: number; iid: number | null; tid: string };
  frames: { kind: number; file: string; name: string; line: number }[];
  timeUs: number;
  memoryBytes: number;
  flags: number;
}

const rows = (profile: Profile): Row[] => (contents(profile) as { samples: Row[] }).samples;
const stacks = (profile: Profile): string[] =>
  rows(profile).map(({ frames }) => frames.map((f) => `${f.file}|${f.name}|${f.line}`).join(' '));
const read = (bytes: Uint8Array, options = {}): Promise<Profile> => readProfile(chunked(bytes), options);
const readText = (text: string, options = {}): Promise<Profile> => read(bytesOf(text), options);

describe('reading collapsed text', () => {
  it('reads wall mode with interpreters, empty stacks and metadata in place', async () => {
    const profile = await read(fixture('collapsed/wall-3.7.austin'));
    expect(profile.diagnostics).toEqual([]);
    expect(profile.mode).toBe('wall');
    expect(profile.metadata.map(({ key, sampleIndex }) => `${key}@${sampleIndex}`)).toEqual([
      'austin@0',
      'interval@0',
      'mode@0',
      'x-thread-ids@0',
      'duration@5',
      'errors@5',
    ]);
    expect(rows(profile).map(({ thread }) => `${thread.pid}/${thread.iid}/${thread.tid}`)).toEqual([
      '4200/0/4200',
      '4200/0/4231',
      '4200/0/4200',
      '4200/0/4231',
      '4200/1/4200',
    ]);
    expect(stacks(profile)[1]).toBe(
      '/usr/lib/python3.11/threading.py|Thread._bootstrap|1002 /app/main.py|worker|31',
    );
    expect(rows(profile)[3]).toMatchObject({ frames: [], timeUs: 998, memoryBytes: 0 });
  });

  it('reads the three metrics and both marks of full mode', async () => {
    const [first, second, third] = rows(await read(fixture('collapsed/full.austin')));
    expect(first).toMatchObject({ timeUs: 8192, memoryBytes: -8192, flags: SampleFlag.Gc });
    expect(first!.frames).toMatchObject([{ file: 'é.py', name: 'f', line: 5 }]);
    expect(second).toMatchObject({
      timeUs: 64,
      memoryBytes: 2 ** 32,
      flags: SampleFlag.Idle | SampleFlag.Invalid,
    });
    expect(third).toMatchObject({ frames: [], timeUs: 1, memoryBytes: 0, flags: 0 });
  });

  it('takes the only metric of memory mode for bytes (defect 16)', async () => {
    const profile = await read(fixture('collapsed/memory.austin'));
    expect(profile.mode).toBe('memory');
    expect(rows(profile).map(({ timeUs, memoryBytes }) => [timeUs, memoryBytes])).toEqual([
      [0, 4096],
      [0, -8192],
      [0, 100],
    ]);
    expect(rows(profile)[0]!.thread).toEqual({ pid: 7, iid: null, tid: '7' });
  });

  it('reads native and kernel frames, and only the last :GC: as the mark (defects 17, 18)', async () => {
    const profile = await read(fixture('collapsed/native.austin'));
    expect(stacks(profile)).toEqual([
      'm.py|run|4 native@7f00|std::vec<int>::push|4',
      'm.py|run|4 native@7f00|poll|0 kernel|do_sys_poll|0',
      'm.py|run|4',
      'm.py|GC|4 |GC|0 n.py|f|1',
      'm.py|run|4',
    ]);
    expect(rows(profile).map(({ frames }) => frames.map(({ kind }) => kind).join(''))).toEqual([
      '01',
      '012',
      '0',
      '000',
      '0',
    ]);
    expect(rows(profile).map(({ flags }) => flags)).toEqual([0, 0, SampleFlag.Gc, 0, SampleFlag.Invalid]);
  });

  it('survives separators in names (defects 13, 15)', async () => {
    const profile = await read(fixture('collapsed/odd-names.austin'));
    expect(profile.diagnostics).toEqual([]);
    expect(stacks(profile)).toEqual([
      '/home/a b/a;b.py|f|4 C:\\x\\y.py|g|5',
      'a.py||6 |h|7',
      'a.py|GC|0',
      '<frozen importlib._bootstrap>|_find_and_load|1027',
    ]);
    expect(rows(profile).map(({ thread }) => thread.tid)).toEqual(['Thread pool 1', 'face', '1_0', '0x1f']);
  });

  it('skips, counts and names bad lines (defects 19, 23)', async () => {
    const profile = await read(fixture('collapsed/bad-lines.austin'));
    expect(rows(profile).map(({ timeUs }) => timeUs)).toEqual([5, 7]);
    expect(profile.diagnostics).toEqual([
      {
        code: 'ERR_COLLAPSED_LINE',
        message: '5 lines were skipped; the first is line 3: it has no process and thread.',
        line: 3,
        count: 5,
      },
    ]);
    const error = await read(fixture('collapsed/bad-lines.austin'), { strict: true }).catch(
      (e: unknown) => e,
    );
    expect(isAustinError(error, 'ERR_COLLAPSED_LINE') && error.line).toBe(3);
  });

  it('keeps samples over a second mode line (defect 24)', async () => {
    const profile = await read(fixture('collapsed/two-modes.austin'));
    expect(rows(profile).map(({ timeUs, memoryBytes }) => [timeUs, memoryBytes])).toEqual([
      [5, 0],
      [0, -6],
    ]);
    expect(await collectText(writeProfile(profile, 'collapsed'))).toBe(
      new TextDecoder().decode(fixture('collapsed/two-modes.austin')),
    );
  });

  it('infers full mode, and takes CR LF and a missing last line end (defect 14)', async () => {
    const profile = await read(fixture('collapsed/no-mode-crlf-no-end.austin'));
    expect(profile.mode).toBe('full');
    expect(profile.metadata.map(({ key }) => key)).toEqual(['mode', 'x-thread-ids']);
    expect(rows(profile).map(({ timeUs, flags }) => [timeUs, flags])).toEqual([
      [10, 0],
      [5, SampleFlag.Idle],
    ]);
  });

  it('takes time alone in full mode, as mojo2austin prints it (defect 1)', async () => {
    const profile = await readText('# mode: full\nP1;T1;m.py:f:1 9\n');
    expect(rows(profile)).toMatchObject([{ timeUs: 9, memoryBytes: 0 }]);
  });

  it('takes ids for decimal although metadata copied from MOJO says hex, as mojo2austin prints them', async () => {
    const text = '# x-thread-ids: hex\n# x-thread-name:23331:0:5b23: worker\nP23331;T0:23331;a.py:f:1 5\n';
    const profile = await readText(text);
    expect(profile.tables.threadCount).toBe(1);
    expect(profile.tables.thread(0 as never)).toEqual({ pid: 23331, iid: 0, tid: '23331' });
    expect(profile.tables.threadName(0 as never)).toBe('worker');
    expect(metadataValue(profile, 'x-thread-ids')).toBe('decimal');
    const again = await collectText(writeProfile(profile, 'collapsed'));
    expect(again).toContain('P23331;T0:23331;a.py:f:1 5\n');
  });

  it('reads the same over every chunk border', async () => {
    const bytes = fixture('collapsed/full.austin');
    const whole = contents(await read(bytes));
    for (let size = 1; size < 40; size++) {
      expect(contents(await readProfile(chunked(bytes, size)))).toEqual(whole);
    }
  });

  it('replaces invalid UTF-8 and drops a byte order mark', async () => {
    const text = bytesOf('\ufeff# mode: wall\nP1;T1;m.py:f?:1 9\n');
    text[text.indexOf(0x3f)] = 0xff;
    expect(stacks(await read(text))).toEqual(['m.py|f\ufffd|1']);
  });
});

describe('reading folded stacks of other programs', () => {
  it('reads frames of py-spy, and counts instead of time', async () => {
    const profile = await read(fixture('collapsed/py-spy.folded'));
    expect(metadataValue(profile, 'x-weight-unit')).toBe('count');
    expect(stacks(profile)).toEqual([
      'app.py|<module>|12 app.py|run|7 my app.py|<listcomp>|8',
      'app.py|<module>|12 app.py|run|7',
      'app.py|main|0',
    ]);
    expect(rows(profile).map(({ timeUs }) => timeUs)).toEqual([12, 3, 4]);
    expect(rows(profile)[0]!.thread).toEqual({ pid: 0, iid: null, tid: '0' });
    expect(rows(profile)[2]!.thread).toEqual({ pid: 12, iid: null, tid: '0x7F11' });
    expect(profile.tables.threadName(1 as never)).toBe('MainThread');
  });

  it.each([
    ['py-spy-threads', { '0::5815': 32, '0::5817': 3 }],
    ['py-spy-native', { '5821::0': 21 }],
    ['cpython-3.15', { '0::5891': 36, '0::5898': 30 }],
  ])('%s: takes outermost frames for the process and thread they name', async (name, expected) => {
    const profile = await read(fixture(`collapsed/${name}.folded`));
    expect(sums(rowsOf(profile), ({ thread }) => thread, 'timeUs')).toEqual(expected);
    expect(stacks(profile).join()).not.toMatch(/tid:|thread \(|process \d/);
  });

  it('skips weights and process ids that a number cannot hold exactly', async () => {
    const profile = await readText(
      '# mode: full\nP1;T1;a.py:f:1 5,0,7\nP1;T1;a.py:f:1 9007199254740993,0,7\nP1;T1;a.py:f:1 5,0,-9007199254740993\n' +
        'P90071992547409930;T1;a.py:f:1 5,0,7\n',
    );
    expect(rows(profile).map(({ timeUs }) => timeUs)).toEqual([5]);
    expect(profile.diagnostics).toMatchObject([{ code: 'ERR_COLLAPSED_LINE', line: 3, count: 3 }]);
  });

  it('takes fractions so that their sum stays, and no number that is too large', async () => {
    const profile = await readText('main;f 0.4\nmain;g 0.4\nmain;h 2.7\nmain;i 99999999999999999999\n');
    expect(rows(profile).map(({ timeUs }) => timeUs)).toEqual([0, 1, 3]);
    expect(profile.diagnostics).toMatchObject([{ code: 'ERR_COLLAPSED_LINE', line: 4, count: 1 }]);
  });

  it('writes frames that are only addresses as they were', async () => {
    const text = 'main;0x7f83c084524a;f 12\n';
    const written = await collectText(writeProfile(await readText(text), 'collapsed'));
    expect(written).toBe(`# x-weight-unit: count\n${text}`);
  });

  it('tells machine code by its file and by addresses without a name', async () => {
    const profile = await read(fixture('collapsed/py-spy-native.folded'));
    expect(rows(profile)[0]!.frames.map(({ kind }) => kind)).toEqual([1, 0, 0, 0, 1]);
  });

  it('reads frames that are only names', async () => {
    const profile = await read(fixture('collapsed/flamegraph.folded'));
    expect(stacks(profile)).toEqual([
      '|java|0 |start_thread|0 |operator new(unsigned long)|0 |entry_SYSCALL_64_[k]|0',
      '|java|0 |start_thread|0 |Foo::bar(int, char)|0',
    ]);
    expect(await collectText(writeProfile(profile, 'collapsed'))).toBe(
      `# x-weight-unit: count\n${new TextDecoder().decode(fixture('collapsed/flamegraph.folded'))}`,
    );
  });

  it('goes back to microseconds when the file turns out to be Austin text', async () => {
    const profile = await readText('garbage 1\nP1;T1;m.py:f:1 5\nmore garbage 1\n', { format: 'collapsed' });
    expect(metadataValue(profile, 'x-weight-unit')).toBe('microseconds');
    expect(profile.diagnostics).toMatchObject([{ line: 3, count: 1 }]);
  });
});
