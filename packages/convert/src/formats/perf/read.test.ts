import { FrameKind, type Profile } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { readProfile } from '../../convert.js';
import { detectFormat } from '../../detect.js';
import { bytesOf, chunked, fixture } from '../../testing/io.js';
import { cutEverywhere, rowsOf } from '../../testing/rows.js';

const read = (bytes: Uint8Array, options = {}): Promise<Profile> => readProfile(chunked(bytes, 100), options);
const readText = (text: string, options = {}): Promise<Profile> =>
  read(bytesOf(text), { format: 'perf', ...options });

const python = 'perf/python-3.15-perf-map.perf';

describe('reading what perf script prints', () => {
  it('reads Python functions of the perf map among native frames', async () => {
    const profile = await read(fixture(python));
    expect(profile.diagnostics).toEqual([]);
    expect(profile.mode).toBe('cpu');
    const [first] = rowsOf(profile);
    expect(first).toMatchObject({ thread: '5986::5986 python3.15', timeUs: 10_101 });
    const ours = rowsOf(profile).map(({ frames }) =>
      frames.filter((frame) => frame.endsWith('/app/work.py')),
    );
    expect(ours[0]).toEqual(['<module> /app/work.py', 'main /app/work.py', 'leaf /app/work.py']);
    const { tables, samples } = profile;
    const kinds = tables.stackFrames(samples.stack[0]! as never).map((id) => tables.frameInfo(id).kind);
    expect(kinds.filter((kind) => kind === FrameKind.Python).length).toBe(3);
    expect(kinds.at(-1)).toBe(FrameKind.Native);
    expect(first!.frames.at(-1)).toBe('_PyCompactLong_Multiply /usr/bin/python3.15');
  });

  it('counts the same time and stacks as the text does', async () => {
    for (const path of [python, 'perf/default-fields.perf']) {
      const text = new TextDecoder().decode(fixture(path));
      const samples = text.trim().split('\n\n');
      const rows = rowsOf(await read(fixture(path)));
      expect(rows.map(({ frames }) => frames.length)).toEqual(
        samples.map((text) => text.split('\n').length - 1),
      );
      const ns = samples.reduce((sum, text) => sum + Number(/(\d+) cpu-clock/.exec(text)![1]), 0);
      expect(rows.reduce((sum, { timeUs }) => sum + timeUs, 0)).toBe(Math.round(ns / 1000));
    }
  });

  it('leaves the process open where perf printed only the thread', async () => {
    const rows = rowsOf(await read(fixture('perf/default-fields.perf')));
    expect(new Set(rows.map(({ thread }) => thread))).toEqual(new Set(['0::5986 python3.15']));
  });

  it('reads kernel frames, C++ names, libraries that were deleted, and no symbols at all', async () => {
    const text = `# hostname : x
Web Content 1 12/13 [001]   100.000001:          1 cycles:u:
\tffffffff810a5be1 do_sys_poll+0x1f ([kernel.kallsyms])
\t    7f0000000010 void f<int>(std::vector<int> const&) [clone (.cold)]+0x1f (/usr/lib/lib a.so (deleted))
\t            1234 [unknown] ([unknown])
\t    7fff00000010 [unknown] ([vdso])
\t            beef py::Class.method.<locals>.<lambda>:C:\\a b.py+0x1 (/tmp/perf-12.map)

swapper     0     100.1: cycles:u:  ffffffff810a5be1 native_safe_halt ([kernel.kallsyms])
a 7 100.2: cycles:u:

`;
    const profile = await readText(text, { strict: true });
    expect(profile.metadata).toContainEqual(
      expect.objectContaining({ key: 'x-weight-unit', value: 'count' }),
    );
    const rows = rowsOf(profile);
    expect(rows.map(({ thread, frames, timeUs }) => [thread, frames, timeUs])).toEqual([
      [
        '12::13 Web Content 1',
        [
          'Class.method.<locals>.<lambda> C:\\a b.py',
          '[unknown] [vdso]',
          '[unknown]',
          'void f<int>(std::vector<int> const&) [clone (.cold)] /usr/lib/lib a.so (deleted)',
          'do_sys_poll kernel',
        ],
        1,
      ],
      ['0::0 swapper', ['native_safe_halt kernel'], 1],
      ['0::7 a', [], 1],
    ]);
    const { tables, samples } = profile;
    const kinds = tables.stackFrames(samples.stack[0]! as never).map((id) => tables.frameInfo(id).kind);
    expect(kinds).toEqual([0, 1, 1, 1, 2]);
  });

  it('keeps to the event of the first sample', async () => {
    const text = 'a 7 1.1: 9 cycles:\n\na 7 1.2: 5 page-faults:\n\na 7 1.3: 9 cycles:\n\n';
    const profile = await readText(text);
    expect(profile.samples.length).toBe(2);
    expect(profile.diagnostics).toMatchObject([{ code: 'ERR_WEIGHT_NOT_HELD', count: 1 }]);
  });

  it('skips and names bad lines; strict fails', async () => {
    const text = 'what is this\na 7 1.1: 9 cycles:\n\t12 f (x)\nbad\n\n';
    const profile = await readText(text);
    expect(rowsOf(profile).map(({ frames }) => frames)).toEqual([['f x']]);
    expect(profile.diagnostics.map(({ code, line }) => [code, line])).toEqual([
      ['ERR_PERF_LINE', 1],
      ['ERR_PERF_LINE', 4],
    ]);
    await expect(readText(text, { strict: true })).rejects.toMatchObject({ code: 'ERR_PERF_LINE', line: 1 });
  });

  it('keeps the samples before a cut, and says so', async () => {
    const bytes = fixture(python).subarray(0, 3000);
    const whole = bytes.subarray(0, new TextDecoder().decode(bytes).lastIndexOf('\n\n') + 2);
    const endsInEmptyLine = (piece: Uint8Array): boolean => piece.at(-1) === 0x0a && piece.at(-2) === 0x0a;
    expect(await cutEverywhere(whole, 'perf', { isSeam: endsInEmptyLine })).toBeGreaterThan(100);
  });

  it('is detected by its first sample', () => {
    const detect = (text: string, isWhole = true): unknown => {
      const answer = detectFormat(bytesOf(text), { isWhole });
      return typeof answer === 'object' ? answer.id : answer;
    };
    expect(detect('# comment\na b 7/7 [000] 1.1: 9 cycles:u: \n\t12 f (x)\n')).toBe('perf');
    expect(detect('a b 7/7 [000] 1.1: 9 cycles:u: \n', false)).toBe('more');
    expect(detect('main;f 12\nmain;g 3\n')).toBe('collapsed');
  });
});
