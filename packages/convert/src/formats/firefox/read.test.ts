import { type Profile, SampleFlag } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { readProfile } from '../../convert.js';
import { bytesOf, chunked, fixture } from '../../testing/io.js';
import { cutEverywhere, rowsOf, sums } from '../../testing/rows.js';

const CPYTHON = 'firefox/cpython-3.15.json';

const read = (bytes: Uint8Array, options = {}): Promise<Profile> => readProfile(chunked(bytes, 100), options);
const readFile = (file: object, options = {}): Promise<Profile> =>
  read(bytesOf(JSON.stringify(file)), { format: 'firefox', ...options });

interface Table {
  [column: string]: unknown;
}

/** Two functions, `main` and `main > f`, in the tables of a version. */
const tables = {
  stackTable: { frame: [0, 1], prefix: [null, 0], length: 2 },
  frameTable: { func: [0, 1], line: [3, null], column: [5, null], category: [0, 1], length: 2 },
  funcTable: { name: [0, 1], fileName: [2, null], lineNumber: [1, null], resource: [-1, 0], length: 2 },
  resourceTable: { name: [3], length: 1 },
};
const strings = ['main', 'f', 'm.py', 'libf.so'];
const categories = [{ name: 'Python' }, { name: 'Native' }];
const meta = { preprocessedProfileVersion: 48, interval: 2, categories };

const thread = (samples: Table, more: Table = {}): object => ({
  name: 'worker',
  pid: '12',
  tid: 13,
  ...tables,
  stringArray: strings,
  samples,
  ...more,
});

describe('reading the processed format of the Firefox Profiler', () => {
  it("reads what CPython's own profiler writes: each sample is an interval", async () => {
    const profile = await read(fixture(CPYTHON));
    expect(profile.diagnostics).toEqual([]);
    expect(profile.mode).toBe('wall');
    const file = JSON.parse(new TextDecoder().decode(fixture(CPYTHON))) as {
      meta: { interval: number };
      threads: { tid: number; samples: { length: number } }[];
    };
    const expected = file.threads.map(({ tid, samples }) => [
      `5924::${tid}`,
      Math.round(samples.length * file.meta.interval * 1000),
    ]);
    const rows = rowsOf(profile);
    expect(sums(rows, ({ thread }) => thread, 'timeUs')).toEqual(Object.fromEntries(expected));
    expect(rows.map(({ frames }) => frames.slice(-2).join(' > '))).toContain(
      'main work.py:29 > leaf work.py:11',
    );
    const { tables, samples } = profile;
    const frames = tables.stackFrames(samples.stack.at(-1)! as never).map((id) => tables.frameInfo(id));
    expect(frames.at(-1)).toMatchObject({ name: 'main', firstLine: 0 });
  });

  it('reads tables by thread, of versions before 56, and shared ones, of version 60', async () => {
    const samples = { stack: [1, 0, null], time: [0, 2, 4], weight: null, weightType: 'samples', length: 3 };
    const byThread = await readFile({ meta, threads: [thread(samples)] });
    const { funcTable, ...rest } = tables;
    const { fileName: _fileName, ...func } = funcTable;
    const shared = {
      ...rest,
      funcTable: { ...func, source: [0, null] },
      sources: { filename: [2], length: 1 },
      stringArray: strings,
    };
    const threads = [{ name: 'worker', pid: 12, tid: '13', samples }];
    const together = await readFile({ meta: { ...meta, preprocessedProfileVersion: 60 }, threads, shared });
    const stringTable = thread(samples, { stringArray: undefined, stringTable: strings });
    const old = await readFile({ meta, threads: [stringTable] });
    for (const profile of [byThread, together, old]) {
      expect(rowsOf(profile)).toEqual([
        {
          thread: '12::13 worker',
          frames: ['main m.py:3', 'f libf.so'],
          timeUs: 2000,
          memoryBytes: 0,
          flags: 0,
        },
        { thread: '12::13 worker', frames: ['main m.py:3'], timeUs: 2000, memoryBytes: 0, flags: 0 },
        { thread: '12::13 worker', frames: [], timeUs: 2000, memoryBytes: 0, flags: 0 },
      ]);
      const { tables, samples } = profile;
      const [main, f] = tables.stackFrames(samples.stack[0]! as never).map((id) => tables.frameInfo(id));
      expect(main).toMatchObject({ kind: 0, line: 3, column: 5, firstLine: 1 });
      expect(f).toMatchObject({ kind: 1 });
    }
  });

  it('reads weights: time, bytes, numbers, and CPU time beside them', async () => {
    const table = (weightType: string, more: Table = {}): Table => ({
      stack: [0, 1],
      weight: [1.5, 3],
      weightType,
      length: 2,
      ...more,
    });
    const ofTable = async (samples: Table, more: Table = {}, ofMeta: Table = {}): Promise<unknown> => {
      const profile = await readFile({ meta: { ...meta, ...ofMeta }, threads: [thread(samples, more)] });
      const rows = rowsOf(profile).map(({ timeUs, memoryBytes, flags }) => [timeUs, memoryBytes, flags]);
      return [profile.mode, profile.metadata.some(({ key }) => key === 'x-weight-unit'), rows];
    };
    const { Idle } = SampleFlag;
    expect(await ofTable(table('tracing-ms'))).toEqual([
      'wall',
      false,
      [
        [1500, 0, 0],
        [3000, 0, 0],
      ],
    ]);
    expect(await ofTable(table('samples', { weight: [2, 3] }))).toEqual([
      'wall',
      true,
      [
        [2, 0, 0],
        [3, 0, 0],
      ],
    ]);
    expect(await ofTable(table('bytes', { weight: [-5, 3] }))).toEqual([
      'memory',
      false,
      [
        [0, -5, 0],
        [0, 3, 0],
      ],
    ]);
    expect(
      await ofTable(
        table('tracing-ms', { threadCPUDelta: [500, 3000] }),
        { nativeAllocations: { stack: [1], weight: [-64], weightType: 'bytes', length: 1 } },
        { sampleUnits: { threadCPUDelta: 'µs' } },
      ),
    ).toEqual([
      'full',
      false,
      [
        [500, 0, 0],
        [1000, 0, Idle],
        [3000, 0, 0],
        [0, -64, 0],
      ],
    ]);
    // Cycles say nothing of time.
    const cycles = { sampleUnits: { threadCPUDelta: 'variable CPU cycles' } };
    expect(await ofTable(table('tracing-ms', { threadCPUDelta: [5, 3] }), {}, cycles)).toEqual([
      'wall',
      false,
      [
        [1500, 0, 0],
        [3000, 0, 0],
      ],
    ]);
  });

  it('loses nothing before a cut, as far as stacks have names', async () => {
    const bytes = fixture(CPYTHON);
    const text = new TextDecoder().decode(bytes);
    const strings = text.indexOf('"shared"');
    expect(strings).toBeGreaterThan(0);
    // CPython writes the names last.
    const profile = await read(bytes.subarray(0, strings - 1));
    expect(profile.samples.length).toBe((await read(bytes)).samples.length);
    expect(rowsOf(profile)[0]!.frames).toEqual(['<function 0>:22']);
    expect(profile.diagnostics.map(({ code }) => code)).toEqual(['ERR_JSON_INVALID', 'ERR_FIREFOX_NAME']);
    const samples = { stack: [1, 0, 1, 1, 0], weight: null, length: 5 };
    const { samples: _, ...first } = thread(samples) as Table;
    const file = JSON.stringify({ meta, threads: [{ ...first, samples }, thread(samples, { tid: 14 })] });
    expect(await cutEverywhere(bytesOf(file), 'firefox')).toBeGreaterThan(300);
  });

  it('reads machine code as other programs write it: how far it is in its library, of callers the call', async () => {
    const code = {
      stackTable: { frame: [0, 1, 2, 3, 2, 4], prefix: [null, 0, 1, 2, 0, 0], length: 6 },
      frameTable: {
        func: [0, 1, 2, 3, 4],
        address: [-1, 0x1010, 0x20ff, 0x55, 0x30],
        nativeSymbol: [null, 0, null, null, 9],
        category: [0, 1, 1, 2, 1],
        line: [3, null, null, null, 7],
        length: 5,
      },
      funcTable: {
        name: [0, 1, 4, 5, 6],
        fileName: [2, null, null, null, 8],
        resource: [-1, 0, 1, 2, 3],
        length: 5,
      },
      resourceTable: { lib: [0, 1, null, 77], name: [3, 7, null, 7], length: 4 },
      nativeSymbols: { libIndex: [0], address: [0x1000], name: [1], length: 1 },
      stringArray: [...strings, 'g', 'vfs_read', 'h', 'libg.so', 'h.c'],
    };
    const samples = { stack: [3, 2, 4, 1, 5], weight: null, length: 5 };
    const libs = [
      { name: 'libf.so', path: '/lib/libf.so', codeId: 'ABCD' },
      { name: 'libg.so', codeId: null },
    ];
    const profile = await readFile({
      meta: { ...meta, categories: [...categories, { name: 'Kernel' }] },
      libs,
      threads: [thread(samples, code)],
    });
    const { tables: read, samples: rows } = profile;
    const texts = Array.from(rows.stack, (stack) =>
      read
        .stackFrames(stack as never)
        .slice(1)
        .map((id) => read.frameInfo(id))
        .map(({ name, file, code }) =>
          code ? `${name} ${file} ${code.address}+${code.offset}` : `${name} ${file}`,
        ),
    );
    // What waits in the kernel or ran is where it was; what called is where it goes on.
    expect(texts).toEqual([
      ['f /lib/libf.so 1011+17', 'g libg.so 40ff+0', 'vfs_read '],
      ['f /lib/libf.so 1011+17', 'g libg.so 40ff+0'],
      ['g libg.so 40ff+0'],
      ['f /lib/libf.so 1010+16'],
      ['h h.c'],
    ]);
    const [libf, libg] = read
      .stackFrames(rows.stack[0] as never)
      .slice(1, 3)
      .map((id) => read.frameInfo(id).code!.mapping);
    expect(libf).toEqual({
      path: '/lib/libf.so',
      start: '0',
      end: '2000',
      base: '0',
      bias: '0',
      buildId: 'abcd',
    });
    expect(libg).toEqual({ path: 'libg.so', start: '2000', end: '5000', base: '2000', bias: '2000' });
  });

  it('takes no address that cannot be one', async () => {
    for (const address of [-2, 1.5, 2 ** 60, '16', null]) {
      const frameTable = { ...tables.frameTable, address: [-1, address] };
      const resourceTable = { lib: [0], name: [3], length: 1 };
      const samples = { stack: [1], weight: null, length: 1 };
      const libs = [{ path: '/lib/libf.so', mappings: [{ start: 'x' }, 7, null] }];
      const profile = await readFile({
        meta,
        libs,
        threads: [thread(samples, { frameTable, resourceTable })],
      });
      expect(rowsOf(profile)[0]!.frames).toEqual(['main m.py:3', 'f libf.so']);
      expect(profile.tables.codeCount).toBe(1);
    }
  });

  it('leaves out and counts what cannot be, and ends', async () => {
    const broken = {
      ...tables,
      stackTable: { frame: [0, 1, 9, 0], prefix: [1, 0, null, 3], length: 4 },
    };
    const samples = { stack: [0, 2, 3, 77, 'x'], weight: null, length: 5 };
    const file = { meta, threads: [thread(samples, broken)] };
    const profile = await readFile(file);
    expect(rowsOf(profile).map(({ timeUs, flags }) => [timeUs, flags])).toEqual(
      Array.from({ length: 4 }, () => [2000, SampleFlag.Invalid]),
    );
    expect(profile.diagnostics).toMatchObject([
      { code: 'ERR_FIREFOX_STACK', count: 4 },
      { code: 'ERR_FIREFOX_SAMPLE', count: 1 },
    ]);
    await expect(readFile(file, { strict: true })).rejects.toMatchObject({ code: 'ERR_FIREFOX_STACK' });
    await expect(readFile({ meta: { version: 30 }, threads: [{}] })).rejects.toMatchObject({
      code: 'ERR_FIREFOX_INVALID',
    });
  });

  it('keeps names as they are', async () => {
    for (const name of ['a;b', 'a\nb', '</script>', '\u202e', '\ud800', '__proto__', 'x'.repeat(65536)]) {
      const samples = { stack: [0], weight: null, length: 1 };
      const file = { meta, threads: [thread(samples, { stringArray: [name, 'f', 'm.py', 'l'] })] };
      expect(rowsOf(await readFile(file))[0]!.frames).toEqual([`${name} m.py:3`]);
    }
  });
});
