import { describe, expect, it } from 'vitest';
import { type ClassicOptions, readCommandLine } from './command-line.js';

const DEFAULTS: ClassicOptions = {
  mode: 'wall',
  intervalUs: 100,
  timeoutMs: 3_000,
  exposureUs: 0,
  children: false,
  gc: false,
  native: false,
  kernel: false,
  pipe: false,
  binary: true,
};

const read = (line: string) => readCommandLine(line.split(' ').filter(Boolean), 4);
const read3 = (line: string) => readCommandLine(line.split(' ').filter(Boolean), 3);

describe('a command line', () => {
  it('without words is a question', () => expect(read('')).toEqual({ kind: 'help' }));

  it('starts a command', () => {
    expect(read('python app.py -P -C')).toEqual({
      kind: 'start',
      command: ['python', 'app.py', '-P', '-C'],
      options: DEFAULTS,
    });
  });

  it('takes native stacks and those of the kernel, less often unless asked otherwise', () => {
    const native = { ...DEFAULTS, native: true, intervalUs: 10_000 };
    expect(read('-n python app.py')).toMatchObject({ options: native });
    expect(read('--native -ki 1ms -p 12')).toMatchObject({
      options: { ...native, kernel: true, intervalUs: 1_000 },
    });
    expect(read('-k python app.py')).toMatchObject({ options: { ...DEFAULTS, kernel: true } });
    const austinp = readCommandLine(['python', 'app.py'], 3, true);
    expect(austinp).toMatchObject({ options: { ...native, binary: false } });
  });

  it('attaches to a process, as front ends write it', () => {
    expect(read('-i 1000 --pipe -c -C -g -t 500 -x 3 -o out.mojo -p 12')).toEqual({
      kind: 'attach',
      pid: 12,
      options: {
        mode: 'cpu',
        intervalUs: 1000,
        timeoutMs: 500,
        exposureUs: 3_000_000,
        children: true,
        gc: true,
        native: false,
        kernel: false,
        pipe: true,
        binary: true,
        output: 'out.mojo',
      },
    });
  });

  it('looks where a process is, in bundles too', () => {
    expect(read('-gfmw 12')).toMatchObject({ kind: 'where', pid: 12 });
    expect(read('-Cw12')).toMatchObject({ kind: 'where', pid: 12, options: { children: true } });
  });

  it.each([
    ['-f -m -c', 'full'],
    ['-cf', 'full'],
    ['-mc', 'memory'],
    ['-m', 'memory'],
    ['-s', 'cpu'],
    ['-c', 'cpu'],
  ])('of several modes takes one: %s', (flags, mode) => {
    expect(read(`${flags} python`)).toMatchObject({ options: { mode } });
  });

  it.each([
    ['-h', 'help'],
    ['-?', 'help'],
    ['--help', 'help'],
    ['-P --version', 'version'],
    ['-V -z', 'version'],
    ['--usage', 'usage'],
  ])('asks with %s', (line, kind) => expect(read(line)).toEqual({ kind }));

  it.each(['-p 12 python', '-w 12 python', '-p 12 -- python'])('has one target: %s', (line) => {
    expect(() => read(line)).toThrow(expect.objectContaining({ code: 'ERR_USAGE_TARGET', kind: 'usage' }));
  });

  it('may have no target', () => {
    expect(read('-P')).toEqual({ kind: 'nothing', options: { ...DEFAULTS, pipe: true } });
    expect(read('--')).toMatchObject({ kind: 'nothing' });
  });
});

describe('of Austin 3', () => {
  it('has -h for a heap, and no other meaning', () => {
    expect(read3('-h 64 -eab python')).toMatchObject({
      kind: 'start',
      command: ['python'],
      options: { binary: true },
    });
    expect(() => read3('-h abc python')).toThrow(expect.objectContaining({ code: 'ERR_USAGE_HEAP' }));
    expect(read3('-?')).toEqual({ kind: 'help' });
  });

  it('writes text unless MOJO is asked for', () => {
    expect(read3('python')).toMatchObject({ options: { binary: false } });
    expect(read3('-b python')).toMatchObject({ options: { binary: true } });
  });
});
