import { encodeMojo, type MojoEvent } from '@austin-profiler/mojo';
import { describe, expect, it } from 'vitest';
import { TextStream } from './text-stream.js';

const HEAD: MojoEvent[] = [
  { type: 'metadata', key: 'austin', value: '3.7.0' },
  { type: 'metadata', key: 'interval', value: '100' },
  { type: 'metadata', key: 'mode', value: 'wall' },
  { type: 'metadata', key: 'x-thread-ids', value: 'hex' },
];
const PYTHON: MojoEvent = { type: 'metadata', key: 'python', value: '3.12.1' };
const FOOT: MojoEvent[] = [
  { type: 'metadata', key: 'count', value: '2' },
  { type: 'metadata', key: 'duration', value: '900' },
  { type: 'metadata', key: 'sampling', value: '3,4,5' },
  { type: 'metadata', key: 'saturation', value: '0/9' },
  { type: 'metadata', key: 'errors', value: '1/9' },
  { type: 'metadata', key: 'x-rounds', value: '9' },
];
const stack = (thread: string, iid = 0): MojoEvent => ({ type: 'stack', pid: 7, iid, thread });
const frame = (key: number, line: number): MojoEvent => ({
  type: 'frame',
  key,
  file: 2,
  scope: 3,
  line,
  lineEnd: 0,
  column: 0,
  columnEnd: 0,
});
const names = (file: string, scope: string): MojoEvent[] => [
  { type: 'string', key: 2, value: file },
  { type: 'string', key: 3, value: scope },
];

const bytesOf = (events: readonly MojoEvent[]): Uint8Array => encodeMojo(events, 3);

function lines(events: readonly MojoEvent[], pipe = true): string[] {
  const stream = new TextStream({ pipe });
  return `${stream.push(bytesOf(events))}${stream.end()}`.split('\n');
}

describe('the stream', () => {
  it('begins with what is mapped where, and keeps names of C++', () => {
    const map = (low: string): MojoEvent => ({
      type: 'metadata',
      key: 'map',
      value: `${low}-9000 /lib/c.so`,
    });
    const module: MojoEvent = { type: 'metadata', key: 'x-module:7', value: '{"path":"/lib/c.so"}' };
    const events: MojoEvent[] = [
      map('1000'),
      ...HEAD,
      PYTHON,
      stack('2a'),
      ...names('native@1234', 'std::vec<int>::push'),
      frame(2, 4),
      { type: 'frame-ref', key: 2 },
      { type: 'frame-kernel', scope: 'futex_wait' },
      { type: 'metric-time', value: 100 },
      map('3000'),
      module,
    ];
    const written = lines(events);
    expect(written.slice(0, 2)).toEqual(['# map: 1000-9000 /lib/c.so', '# austin: 3.7.0']);
    expect(written).toContain('P7;T0:42;native@1234:std::vec<int>::push:4;kernel:futex_wait:0 100');
    expect(written).toEqual(
      expect.arrayContaining(['# map: 3000-9000 /lib/c.so', '# x-module:7: {"path":"/lib/c.so"}']),
    );
  });

  it('is a header, samples and a footer, with empty lines between them', () => {
    const events: MojoEvent[] = [
      ...HEAD,
      PYTHON,
      stack('2a'),
      ...names('app.py', 'main'),
      frame(2, 4),
      frame(3, 5),
      { type: 'frame-ref', key: 2 },
      { type: 'frame-ref', key: 3 },
      { type: 'metric-time', value: 100 },
      { type: 'metadata', key: 'x-thread-name:7:0:2a', value: 'MainThread' },
      PYTHON,
      stack('ffffffff', 1),
      { type: 'frame-invalid' },
      { type: 'frame-ref', key: 2 },
      { type: 'gc' },
      { type: 'metric-time', value: 101 },
      ...FOOT,
    ];
    expect(lines(events)).toEqual([
      '# austin: 3.7.0',
      '# interval: 100',
      '# mode: wall',
      '# python: 3.12.1',
      '',
      'P7;T0:42;app.py:main:4;app.py:main:5 100',
      'P7;T1:4294967295;:INVALID:;app.py:main:4;:GC: 101',
      '',
      '# duration: 900',
      '# sampling: 3,4,5',
      '# saturation: 0/9',
      '# errors: 1/9',
      '',
      '',
    ]);
    expect(lines(events, false).filter((line) => line.startsWith('# '))).toEqual([
      '# austin: 3.7.0',
      '# interval: 100',
      '# mode: wall',
      '# duration: 900',
      '# saturation: 0/9',
      '# errors: 1/9',
    ]);
  });

  it('has its header as soon as the version of Python is known, and each sample with its last metric', () => {
    const stream = new TextStream({ pipe: true });
    expect(stream.push(bytesOf(HEAD))).toBe('');
    const rest = bytesOf([...HEAD, PYTHON, stack('1'), { type: 'metric-time', value: 5 }]).subarray(
      bytesOf(HEAD).length,
    );
    expect(stream.push(rest.subarray(0, -1))).toBe(
      '# austin: 3.7.0\n# interval: 100\n# mode: wall\n# python: 3.12.1\n\n',
    );
    expect(stream.push(rest.subarray(-1))).toBe('P7;T0:1 5\n');
  });

  it('is empty for a recording that did not begin, and whole for one without Python', () => {
    expect(lines([])).toEqual(['']);
    expect(lines([...HEAD, ...FOOT.slice(0, 2)])).toEqual([
      '# austin: 3.7.0',
      '# interval: 100',
      '# mode: wall',
      '',
      '',
      '# duration: 900',
      '',
      '',
    ]);
  });

  it.each([
    ['memory', ['P7;T0:1 -4096']],
    ['full', ['P7;T0:1 9,1,-4096']],
  ])('has the metrics of mode %s', (mode, samples) => {
    const head: MojoEvent[] = [{ type: 'metadata', key: 'mode', value: mode }];
    const metrics: MojoEvent[] = [
      ...(mode === 'full' ? ([{ type: 'metric-time', value: 9 }, { type: 'idle' }] as const) : []),
      { type: 'metric-memory', value: -4096 },
    ];
    expect(lines([...head, stack('1'), ...metrics]).filter((line) => line.startsWith('P'))).toEqual(samples);
  });

  it('tells the time of garbage collection in the end only', () => {
    const gc = (value: string): MojoEvent => ({ type: 'metadata', key: 'gc', value });
    expect(
      lines([...HEAD, gc('on'), PYTHON, gc('77'), ...FOOT]).filter((line) => line.includes('gc')),
    ).toEqual(['# gc: 77']);
  });
});

describe('a line', () => {
  const sampleOf = (file: string, scope: string, depth = 1): string =>
    lines([
      ...HEAD,
      PYTHON,
      stack('1'),
      ...names(file, scope),
      frame(2, 9),
      ...Array.from({ length: depth }, (): MojoEvent => ({ type: 'frame-ref', key: 2 })),
      { type: 'metric-time', value: 5 },
    ])[5]!;

  it('stays a line, and a frame a frame', () => {
    expect(sampleOf('a;b\nc.py', 'f;g:h\r\u0085é 函')).toBe(
      String.raw`P7;T0:1;a\x3bb\x0ac.py:f\x3bg\x3ah\x0d\x85é 函:9 5`,
    );
    expect(sampleOf('C:\\x.py', 'f')).toBe(String.raw`P7;T0:1;C:\x.py:f:9 5`);
  });

  it('is never longer than readers take, and keeps both ends of the stack', () => {
    // Each frame has 80 bytes, "P7;T0:1" and " 5\n" have ten.
    const file = `${'é'.repeat(36)}`;
    const fits = sampleOf(file, 'func', 819);
    expect(Buffer.byteLength(fits) + 1).toBe(10 + 819 * 80);
    expect(fits).not.toContain('<frames left out>');
    for (const depth of [820, 5_000]) {
      const cut = sampleOf(file, 'func', depth);
      expect(Buffer.byteLength(cut) + 1).toBeLessThan(65_536);
      expect(Buffer.byteLength(cut) + 1).toBeGreaterThan(65_000);
      expect(cut.match(/;<austin>:<frames left out>:0;/g)).toHaveLength(1);
      expect(cut).toMatch(/^P7;T0:1;é.*:func:9 5$/);
    }
  });
});
