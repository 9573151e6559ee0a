import { spawnSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { type Profile, SampleFlag } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { perftools } from '#pprof-messages';
import { readProfile, writeProfile } from '../../convert.js';
import { chunked, collect, fixture, fixturePath } from '../../testing/io.js';
import { profileOf, py } from '../../testing/profiles.js';
import { cutEverywhere, rowsOf } from '../../testing/rows.js';

const read = (bytes: Uint8Array, options = {}): Promise<Profile> => readProfile(chunked(bytes, 100), options);

const { Profile: Message } = perftools.profiles;

/** A message of one sample with these types and values; names are texts, numbered here. */
function messageOf(
  types: readonly (readonly [string, string])[],
  samples: readonly { value: number[]; label?: Record<string, string | number> }[],
  more: { defaultType?: string } = {},
): Uint8Array {
  const strings = [''];
  const id = (text: string): number => {
    if (!strings.includes(text)) strings.push(text);
    return strings.indexOf(text);
  };
  const message = {
    sampleType: types.map(([type, unit]) => ({ type: id(type), unit: id(unit) })),
    sample: samples.map(({ value, label = {} }) => ({
      locationId: [2, 1],
      value,
      label: Object.entries(label).map(([key, value]) =>
        typeof value === 'number' ? { key: id(key), num: value } : { key: id(key), str: id(value) },
      ),
    })),
    mapping: [{ id: 1, filename: id('/usr/lib/libz.so.1') }],
    location: [
      {
        id: 1,
        mappingId: 1,
        line: [
          { functionId: 2, line: 7, column: 3 },
          { functionId: 1, line: 5 },
        ],
      },
      { id: 2, mappingId: 1, address: 0x1f },
    ],
    function: [
      { id: 1, name: id('outer'), filename: id('m.py'), startLine: 4 },
      { id: 2, name: id('inlined'), filename: id('m.py') },
    ],
    defaultSampleType: id(more.defaultType ?? ''),
    stringTable: strings,
  };
  return Message.encode(message as never).finish();
}

describe('reading pprof', () => {
  it("reads a CPU profile of Go's runtime", async () => {
    const profile = await read(fixture('pprof/go-cpu.pprof'));
    expect(profile.mode).toBe('cpu');
    expect(Object.fromEntries(profile.metadata.map(({ key, value }) => [key, value]))).toMatchObject({
      mode: 'cpu',
      interval: '10000',
    });
    expect(profile.diagnostics).toMatchObject([{ code: 'ERR_LABEL_NOT_HELD' }]);
    const stacks = rowsOf(profile).map(({ frames }) => frames.map((frame) => frame.split(' ')[0]).join(' '));
    expect(stacks).toContain('runtime.main main.main runtime/pprof.Do main.main.func1 main.burn main.square');
  });

  it('reads an allocation profile by its default type, and names the values it leaves', async () => {
    const profile = await read(fixture('pprof/go-heap.pprof'));
    expect(profile.mode).toBe('memory');
    expect(profile.diagnostics.map(({ message }) => message)).toContainEqual(
      'a profile has no place for the values alloc_objects/count, inuse_objects/count, inuse_space/bytes',
    );
  });

  it('reads the frames of inlined calls, and addresses without a symbol', async () => {
    const profile = await read(messageOf([['wall', 'nanoseconds']], [{ value: [1500] }, { value: [1000] }]));
    expect(rowsOf(profile).map(({ frames, timeUs }) => [frames, timeUs])).toEqual([
      [['outer m.py:5', 'inlined m.py:7', '0x1f /usr/lib/libz.so.1'], 2],
      // 2.5 microseconds in all.
      [['outer m.py:5', 'inlined m.py:7', '0x1f /usr/lib/libz.so.1'], 1],
    ]);
    const [outer, inlined, address] = profile.tables.stackFrames(1 as never).length
      ? profile.tables
          .stackFrames(profile.samples.stack[0]! as never)
          .map((id) => profile.tables.frameInfo(id))
      : [];
    expect(outer).toMatchObject({ firstLine: 4, column: 0, kind: 0 });
    expect(inlined).toMatchObject({ firstLine: 0, column: 3, kind: 0 });
    expect(address).toMatchObject({ kind: 1 });
  });

  it.each([
    [
      'bytes',
      [
        ['objects', 'count'],
        ['space', 'bytes'],
      ],
      [3, 40],
      {},
      ['memory', 0, 40],
    ],
    [
      'the last type',
      [
        ['a', 'bytes'],
        ['b', 'kilobytes'],
      ],
      [3, 4],
      {},
      ['memory', 0, 4096],
    ],
    [
      'the default type',
      [
        ['a', 'bytes'],
        ['b', 'bytes'],
      ],
      [3, 4],
      { defaultType: 'a' },
      ['memory', 0, 3],
    ],
    [
      'a time over a count',
      [
        ['contentions', 'count'],
        ['delay', 'nanoseconds'],
      ],
      [3, 4000],
      {},
      ['wall', 4, 0],
    ],
    ['a count', [['goroutine', 'count']], [3], {}, ['wall', 3, 0]],
    ["austin-python's units", [['Wall time', 'μs']], [3], {}, ['wall', 3, 0]],
  ] as const)('chooses %s', async (_, types, value, more, [mode, timeUs, memoryBytes]) => {
    const profile = await read(messageOf(types, [{ value: [...value] }], more));
    expect(profile.mode).toBe(mode);
    expect(rowsOf(profile)).toMatchObject([{ timeUs, memoryBytes }]);
    const isCount = profile.metadata.some(({ key, value }) => key === 'x-weight-unit' && value === 'count');
    expect(isCount).toBe(types.every(([, unit]) => unit === 'count'));
  });

  it('reads labels of threads, as several programs spell them', async () => {
    const labels = [
      { 'Thread ID': '77', 'Process ID': '5', 'Interpreter ID': '0' },
      { tid: 77, pid: 5, 'thread name': 'worker' },
      { thread_id: 8, idle: 'true', gc: 'true', colour: 'red' },
    ];
    const types = [['cpu', 'microseconds']] as const;
    const profile = await read(
      messageOf(
        types,
        labels.map((label) => ({ value: [1], label })),
      ),
    );
    expect(rowsOf(profile).map(({ thread, flags }) => [thread, flags])).toEqual([
      ['5:0:77', 0],
      ['5::77 worker', 0],
      ['0::8', SampleFlag.Idle | SampleFlag.Gc],
    ]);
    expect(profile.diagnostics).toMatchObject([{ code: 'ERR_LABEL_NOT_HELD', count: 1 }]);
  });

  it('keeps every weight of full mode, whatever was merged', async () => {
    const frames = [py('m.py', 'main', 3), py('m.py', 'f', 4)];
    const before = profileOf({ mode: 'full', interval: '100', gc: 'on' }, [
      { frames, timeUs: 100, memoryBytes: 50, tid: '9' },
      { frames, timeUs: 30, memoryBytes: -20, tid: '9' },
      { frames, timeUs: 70, flags: SampleFlag.Idle | SampleFlag.Gc, tid: '9' },
      { frames: [], timeUs: 5, tid: 'a', flags: SampleFlag.Invalid },
    ]);
    const after = await read(await collect(writeProfile(before, 'pprof')));
    expect(after.diagnostics).toEqual([]);
    expect(after.mode).toBe('full');
    expect(after.metadata).toContainEqual(expect.objectContaining({ key: 'gc', value: 'on' }));
    const stack = ['main m.py:3', 'f m.py:4'];
    expect(rowsOf(after)).toEqual([
      { thread: '1:0:9', frames: stack, timeUs: 130, memoryBytes: 50, flags: 0 },
      { thread: '1:0:9', frames: stack, timeUs: 0, memoryBytes: -20, flags: 0 },
      { thread: '1:0:9', frames: stack, timeUs: 70, memoryBytes: 0, flags: SampleFlag.Idle | SampleFlag.Gc },
      { thread: '1:0:10', frames: [], timeUs: 5, memoryBytes: 0, flags: SampleFlag.Invalid },
    ]);
  });

  it('splits a sample whose CPU time is part of its wall time', async () => {
    const types = [
      ['wall', 'microseconds'],
      ['cpu', 'microseconds'],
    ] as const;
    const profile = await read(messageOf(types, [{ value: [10, 4] }, { value: [3, 0] }]));
    expect(profile.mode).toBe('full');
    expect(rowsOf(profile).map(({ timeUs, flags }) => [timeUs, flags])).toEqual([
      [4, 0],
      [6, SampleFlag.Idle],
      [3, SampleFlag.Idle],
    ]);
  });

  it('keeps the samples before a cut, once the names are known', async () => {
    // Ours has the names last: nothing can be said of values without a type.
    const before = profileOf({ mode: 'wall' }, [{ frames: [py('m.py', 'f')], timeUs: 1 }]);
    await cutEverywhere(await collect(writeProfile(before, 'pprof', { gzip: false })), 'pprof');
    const bytes = gunzipSync(fixture('pprof/go-cpu.pprof'));
    expect(await cutEverywhere(bytes, 'pprof', { step: 3 })).toBeGreaterThan(50);
    const cut = bytes.subarray(0, bytes.length - 15);
    const profile = await read(cut);
    expect(profile.samples.length).toBe((await read(bytes)).samples.length);
    expect(profile.diagnostics).toContainEqual(expect.objectContaining({ code: 'ERR_PPROF_INVALID' }));
    await expect(read(cut, { strict: true })).rejects.toMatchObject({ code: 'ERR_PPROF_INVALID' });
  });

  it('leaves out and counts samples that cannot be', async () => {
    const bytes = messageOf([['wall', 'microseconds']], [{ value: [1] }, { value: [] }, { value: [-3] }]);
    const profile = await read(bytes);
    expect(profile.samples.length).toBe(1);
    expect(profile.diagnostics.map(({ code, count }) => [code, count])).toEqual([
      ['ERR_PPROF_SAMPLE', 1],
      ['ERR_PPROF_SAMPLE', 1],
    ]);
    await expect(read(bytes, { strict: true })).rejects.toMatchObject({ code: 'ERR_PPROF_SAMPLE' });
  });

  it('keeps names as they are', async () => {
    const names = ['a;b', 'a\nb', '</script>', '\u202e', '__proto__', 'x'.repeat(65536), ''];
    names.push('\ud800', 'a\udfffb', '\udc00\ud83d', '\ud7ff\ue000', '\ufeffx', '🐍');
    const before = profileOf({ mode: 'wall' }, [
      { frames: names.map((name) => py('m.py', name)), timeUs: 1 },
    ]);
    const after = await read(await collect(writeProfile(before, 'pprof')));
    expect(rowsOf(after)[0]!.frames).toEqual(names.map((name) => `${name} m.py`));
  });
});

const hasGo = spawnSync('go', ['tool', 'pprof', '-h'], { encoding: 'utf8' }).error === undefined;
if (!hasGo) console.warn('skipped: checks by `go tool pprof`, which is not installed');

describe.skipIf(!hasGo)('go tool pprof', () => {
  /** Self and total weight of each function, in microseconds or bytes, as `-top` prints them. */
  function top(name: string, type: string, unit: string): Record<string, [number, number]> {
    const args = [
      'tool',
      'pprof',
      '-top',
      '-nodecount=1000',
      '-nodefraction=0',
      `-sample_index=${type}`,
      `-unit=${unit}`,
    ];
    const run = spawnSync('go', [...args, fixturePath(`pprof/${name}`)], { encoding: 'utf8' });
    expect(run.status, run.stderr).toBe(0);
    const rows = [
      ...run.stdout.matchAll(/^ *(\d+)\w* +[\d.]+% +[\d.]+% +(\d+)\w* +[\d.]+% +(\S+)(?: \(inline\))?$/gm),
    ];
    return Object.fromEntries(rows.map(([, flat, cum, fn]) => [fn!, [Number(flat), Number(cum)]]));
  }

  it.each([
    ['go-cpu.pprof', 'cpu', 'us', 'timeUs'],
    ['go-heap.pprof', 'alloc_space', 'B', 'memoryBytes'],
  ] as const)('%s: says the same of every function', async (name, type, unit, of) => {
    const totals: Record<string, [number, number]> = {};
    for (const row of rowsOf(await read(fixture(`pprof/${name}`)))) {
      const names = row.frames.map((frame) => frame.split(' ')[0]!);
      for (const fn of new Set(names)) {
        totals[fn] ??= [0, 0];
        const total = totals[fn];
        total[1] += row[of];
        if (fn === names.at(-1)) total[0] += row[of];
      }
    }
    for (const [fn, [self, total]] of Object.entries(totals))
      if (self === 0 && total === 0) delete totals[fn];
    expect(totals).toEqual(top(name, type, unit));
  });
});
