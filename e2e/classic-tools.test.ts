import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  austin,
  BUSY,
  type Finished,
  linesOf,
  PYTHON,
  script,
  start,
  startTool,
  temporaryFolder,
  tool,
} from './cli-helpers.js';
import { installFrontEnds } from './front-ends.js';

// Installing takes as long as the network does.
const reference = await installFrontEnds(4, ['austin-python>=2.2,<3'], [12, 13, 11, 10]);

const TOOLS = [
  'mojo2austin',
  'austin2speedscope',
  'austin2pprof',
  'austin-compress',
  'mojo-compress',
  'austin-diff',
  'austinp-resolve',
  'mojodbg',
];

/** Recordings by published versions of Austin. */
const RECORDINGS = fileURLToPath(new URL('../fixtures/recordings/', import.meta.url));
const PUBLISHED = readdirSync(RECORDINGS).filter((name) => name.endsWith('.mojo'));

const STACKS = [
  '# mode: wall',
  'P1;T0:11;app.py:main:3;app.py:work:7 200',
  'P1;T0:11;app.py:main:4 100',
  'P1;T0:11;app.py:main:3;app.py:work:7 50',
  'P1;T0:12;app.py:run:9 400',
  '',
].join('\n');

function fixture(cwd: string, name: string): string {
  copyFileSync(fileURLToPath(new URL(`../fixtures/mojo/${name}`, import.meta.url)), join(cwd, name));
  return name;
}

function samplesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('P'));
}

function succeeded({ code, stderr }: Finished): void {
  expect([code, stderr]).toEqual([0, '']);
}

interface Speedscope {
  readonly shared: { readonly frames: readonly { name: string; file?: string; line?: number }[] };
  readonly profiles: readonly {
    name: string;
    unit: string;
    endValue: number;
    samples: number[][];
    weights: number[];
  }[];
}

/** Each sample with frames of each profile, by the id that ends its name: readers of text know no names of threads. */
function speedscopeSamples(path: string): Record<string, string[]> {
  const { shared, profiles } = JSON.parse(readFileSync(path, 'utf8')) as Speedscope;
  const found: Record<string, string[]> = {};
  for (const { name, unit, samples, weights } of profiles) {
    found[`${name.replace(/ \(.*\)$/, '')} ${unit}`] = samples
      .map((stack, i) => {
        const frames = stack.map((frame) => {
          const { name: fn, file, line } = shared.frames[frame]!;
          return `${file ?? ''}:${fn}:${line ?? 0}`;
        });
        return `${frames.join(';')} ${weights[i]}`;
      })
      .filter((sample) => !sample.startsWith(':<no Python frames>'));
  }
  return found;
}

/** A folder with recordings of a real program, one in each mode. */
const recordings = { path: '' };

beforeAll(async () => {
  recordings.path = mkdtempSync(join(tmpdir(), 'austin-e2e-'));
  script(
    recordings.path,
    `${BUSY}
import threading, time
def helper():
    outer(1000)
def main():
    thread = threading.Thread(target=helper, name='helper')
    thread.start()
    kept = []
    for _ in range(20):
        outer(50)
        kept.append(bytearray(300000))
    thread.join()
    time.sleep(0.05)
main()
`,
  );
  for (const [name, ...flags] of [
    ['wall'],
    ['cpu', '--cpu'],
    ['memory', '--memory'],
    ['full', '--full'],
  ] as const) {
    const args = ['record', ...flags, '-o', `${name}.mojo`, '--', PYTHON, 'app.py'];
    expect((await austin(args, { cwd: recordings.path })).code).toBe(0);
  }
});

afterAll(() => rmSync(recordings.path, { recursive: true, force: true }));

describe.skipIf(!reference)('beside austin-python', () => {
  const theirs = async (name: string, args: readonly string[], cwd: string) =>
    succeeded(await start(reference!.program(name), args, { cwd }).finished);
  const ours = async (name: string, args: readonly string[], cwd: string) =>
    succeeded(await tool(name, args, { cwd }));

  /** A recording in a folder, as MOJO and as the reference's text. */
  async function recorded(mode: string): Promise<string> {
    const cwd = temporaryFolder();
    copyFileSync(join(recordings.path, `${mode}.mojo`), join(cwd, 'app.mojo'));
    await theirs('mojo2austin', ['app.mojo', 'theirs.austin'], cwd);
    return cwd;
  }
  const read = (cwd: string, name: string) => readFileSync(join(cwd, name), 'utf8');

  it.each(['wall', 'cpu', 'memory'])('mojo2austin: the same lines in %s mode', async (mode) => {
    const cwd = await recorded(mode);
    await ours('mojo2austin', ['app.mojo', 'ours.austin'], cwd);
    const expected = samplesOf(read(cwd, 'theirs.austin'));
    expect(expected.length).toBeGreaterThan(0);
    expect(samplesOf(read(cwd, 'ours.austin'))).toEqual(expected);
  });

  it.each(PUBLISHED)(
    'mojo2austin: %s, but for the marks and metrics that theirs leaves out',
    async (name) => {
      const cwd = temporaryFolder();
      await Promise.all([
        theirs('mojo2austin', [join(RECORDINGS, name), 'theirs.austin'], cwd),
        ours('mojo2austin', [join(RECORDINGS, name), 'ours.austin'], cwd),
      ]);
      const expected = samplesOf(read(cwd, 'theirs.austin'));
      const found = samplesOf(read(cwd, 'ours.austin'));
      expect(found.map((line) => line.replace(/;:(?:GC|INVALID):/g, '').replace(/,[01],-?\d+$/, ''))).toEqual(
        expected,
      );
      if (name.includes('full')) expect(found.every((line) => / \d+,[01],-?\d+$/.test(line))).toBe(true);
      if (name.includes('gc')) expect(found.some((line) => line.includes(';:GC: '))).toBe(true);
    },
  );

  it('mojo2austin: in full mode, their time and all that they leave out', async () => {
    const cwd = await recorded('full');
    await ours('mojo2austin', ['app.mojo', 'ours.austin'], cwd);
    const lines = samplesOf(read(cwd, 'ours.austin'));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.every((line) => / \d+,[01],-?\d+$/.test(line))).toBe(true);
    expect(lines.map((line) => line.replace(/,[01],-?\d+$/, ''))).toEqual(
      samplesOf(read(cwd, 'theirs.austin')),
    );
  });

  it.each(['wall', 'cpu'])(
    'austin2speedscope: the same samples in %s mode, from MOJO and text',
    async (mode) => {
      const cwd = await recorded(mode);
      await theirs('austin2speedscope', ['theirs.austin', 'theirs.json'], cwd);
      await ours('austin2speedscope', ['theirs.austin', 'text.json'], cwd);
      await ours('austin2speedscope', ['--indent', '2', 'app.mojo', 'mojo.json'], cwd);
      const expected = speedscopeSamples(join(cwd, 'theirs.json'));
      expect(Object.keys(expected)).toHaveLength(2);
      expect(speedscopeSamples(join(cwd, 'text.json'))).toEqual(expected);
      expect(speedscopeSamples(join(cwd, 'mojo.json'))).toEqual(expected);
      expect(read(cwd, 'mojo.json')).toMatch(/^\{\n {2}"/);
    },
  );

  it.each(['wall', 'cpu'])('austin2pprof: the same weight of each stack in %s mode', async (mode) => {
    const cwd = await recorded(mode);
    await theirs('austin2pprof', ['theirs.austin', 'theirs.pb'], cwd);
    await ours('austin2pprof', ['theirs.austin', 'text.pb'], cwd);
    await ours('austin2pprof', ['app.mojo', 'mojo.pb.gz'], cwd);
    const sums = fileURLToPath(new URL('front-ends/pprof_sums.py', import.meta.url));
    const { code, stdout, stderr } = await start(
      reference!.python,
      [sums, 'theirs.pb', 'text.pb', 'mojo.pb.gz'],
      { cwd },
    ).finished;
    expect([code, stderr]).toEqual([0, '']);
    const [expected, ...found] = (JSON.parse(stdout.toString()) as Record<string, number>[]).map(
      // What has no frames has a frame of ours.
      (stacks) =>
        Object.fromEntries(
          Object.entries(stacks).filter(([stack]) => stack !== '' && !stack.startsWith(':<no ')),
        ),
    );
    expect(Object.keys(expected!).length).toBeGreaterThan(5);
    for (const one of found) expect(one).toEqual(expected);
  });

  it('austin-compress: the same sums, with the threads as they were', async () => {
    const cwd = await recorded('wall');
    await theirs('austin-compress', ['theirs.austin', 'theirs.compressed'], cwd);
    await ours('austin-compress', ['theirs.austin', 'ours.compressed'], cwd);
    const withoutThread = (line: string) => line.replace(/^P\d+;T0:\d+/, '');
    const lines = samplesOf(read(cwd, 'ours.compressed'));
    expect(lines.map(withoutThread)).toEqual(samplesOf(read(cwd, 'theirs.compressed')).map(withoutThread));
    const threads = (text: string) => new Set(samplesOf(text).map((line) => /^P\d+;T0:\d+/.exec(line)?.[0]));
    expect(threads(read(cwd, 'ours.compressed'))).toEqual(threads(read(cwd, 'theirs.austin')));
  });

  it('mojo-compress: the same sums, which they can read too', async () => {
    const cwd = await recorded('wall');
    await theirs('mojo-compress', ['app.mojo', 'theirs.mojo'], cwd);
    await ours('mojo-compress', ['app.mojo', 'ours.mojo'], cwd);
    await theirs('mojo2austin', ['ours.mojo', 'ours-by-them.austin'], cwd);
    await ours('mojo2austin', ['ours.mojo', 'ours.austin'], cwd);
    await ours('mojo2austin', ['theirs.mojo', 'theirs-by-us.austin'], cwd);
    const lines = samplesOf(read(cwd, 'ours.austin'));
    expect(lines.length).toBeLessThan(samplesOf(read(cwd, 'theirs.austin')).length);
    expect(samplesOf(read(cwd, 'ours-by-them.austin'))).toEqual(lines);
    expect(samplesOf(read(cwd, 'theirs-by-us.austin')).sort()).toEqual(lines.sort());
  });
});

describe('what theirs get wrong', () => {
  it('mojo2austin writes while it reads', async () => {
    const cwd = temporaryFolder();
    const samples = STACKS.replace('# mode: wall\n', '').repeat(20_000);
    writeFileSync(join(cwd, 'long.austin'), `# mode: wall\n${samples}`);
    const mojo = await austin(['convert', 'long.austin', '--to', 'mojo', '-o', '-'], { cwd });
    const program = startTool('mojo2austin', ['-', '-'], { cwd, keepsInput: true });
    // All but the end: of a recording that goes on.
    program.child.stdin!.write(mojo.stdout.subarray(0, -1));
    const [mode, first] = await linesOf(program, 2);
    expect([mode, first]).toEqual(['# mode: wall', 'P1;T0:11;app.py:main:3;app.py:work:7 200']);
    program.child.stdin!.end(mojo.stdout.subarray(-1));
    const { stdout, stderr } = await program.finished;
    expect(stderr).toBe('');
    expect(samplesOf(stdout.toString()).join('\n')).toBe(samples.trimEnd());
  });

  it('mojo2austin prints marks, kernel frames and all metrics', async () => {
    const cwd = temporaryFolder();
    const { stdout } = await tool('mojo2austin', [fixture(cwd, 'b.mojo'), '-'], { cwd });
    expect(samplesOf(stdout.toString())).toEqual([
      'P300;T0:300;é.py:f:5;:GC: 8192,0,-8192',
      'P301;T1:301;:INVALID:;x.py:<unknown>:0 64,1,4294967296',
      'P300;T0:300 1,0,0',
    ]);
  });

  it('a recording that was cut keeps its whole samples, and the place is said', async () => {
    const cwd = temporaryFolder();
    const whole = readFileSync(join(cwd, fixture(cwd, 'a.mojo')));
    writeFileSync(join(cwd, 'cut.mojo'), whole.subarray(0, 60));
    const { code, stdout, stderr } = await tool('mojo2austin', ['cut.mojo', '-'], { cwd });
    expect(samplesOf(stdout.toString())).toEqual(['P42;T42;app.py:main:10 100']);
    expect(stderr).toMatch(/^mojo2austin: not everything could be read: .*byte 58.*\(ERR_MOJO_TRUNCATED\)\n/);
    expect(code).toBe(0);
  });

  it('memory and full mode convert', async () => {
    for (const mode of ['memory', 'full']) {
      const cwd = temporaryFolder();
      copyFileSync(join(recordings.path, `${mode}.mojo`), join(cwd, 'app.mojo'));
      await tool('mojo2austin', ['app.mojo', 'app.austin'], { cwd });
      for (const input of ['app.mojo', 'app.austin']) {
        succeeded(await tool('austin2speedscope', [input, `${input}.json`], { cwd }));
        succeeded(await tool('austin2pprof', [input, `${input}.pb`], { cwd }));
      }
      const bytes = Object.keys(speedscopeSamples(join(cwd, 'app.mojo.json'))).filter((name) =>
        name.endsWith(' bytes'),
      );
      expect(bytes.length).toBeGreaterThan(0);
      expect(speedscopeSamples(join(cwd, 'app.austin.json'))).toEqual(
        speedscopeSamples(join(cwd, 'app.mojo.json')),
      );
      const gzipped = readFileSync(join(cwd, 'app.mojo.pb'));
      expect(gunzipSync(gzipped).length).toBeGreaterThan(gzipped.length / 2);
    }
  });

  it('austin-compress works in place, keeps every metric, and counts', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'app.austin'), STACKS);
    succeeded(await tool('austin-compress', ['app.austin'], { cwd }));
    const expected = [
      'P1;T0:11;app.py:main:3;app.py:work:7 250',
      'P1;T0:11;app.py:main:4 100',
      'P1;T0:12;app.py:run:9 400',
    ];
    expect(samplesOf(readFileSync(join(cwd, 'app.austin'), 'utf8'))).toEqual(expected);
    succeeded(await tool('austin-compress', ['app.austin'], { cwd }));
    expect(samplesOf(readFileSync(join(cwd, 'app.austin'), 'utf8'))).toEqual(expected);

    const counts = await tool('austin-compress', ['-c', '-', '-'], { input: STACKS });
    expect(samplesOf(counts.stdout.toString())[0]).toBe('P1;T0:11;app.py:main:3;app.py:work:7 2');
    expect(counts.stdout.toString()).toContain('# x-weight-unit: count\n');
    expect(counts.stdout.toString()).not.toContain('# mode');

    const full = [
      '# mode: full',
      ...['10,0,100', '20,0,-40', '5,0,60'].map((metrics) => `P1;T0:1;a.py:f:1 ${metrics}`),
      '',
    ];
    const kept = await tool('austin-compress', ['-', '-'], { input: full.join('\n') });
    expect(samplesOf(kept.stdout.toString())).toEqual([
      'P1;T0:1;a.py:f:1 15,0,160',
      'P1;T0:1;a.py:f:1 20,0,-40',
    ]);
  });

  it('austin-compress does not replace a recording by text', async () => {
    const cwd = temporaryFolder();
    const before = readFileSync(join(cwd, fixture(cwd, 'a.mojo')));
    const { code, stderr } = await tool('austin-compress', ['a.mojo'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('(ERR_USAGE_IN_PLACE)')]);
    expect(readFileSync(join(cwd, 'a.mojo'))).toEqual(before);
  });

  it('mojo-compress works in place with several processes, empty names and marks', async () => {
    for (const name of ['b.mojo', 'keys-0-and-1.mojo', 'kernel-frames-and-invalid.mojo']) {
      const cwd = temporaryFolder();
      const text = async () => samplesOf((await tool('mojo2austin', [name, '-'], { cwd })).stdout.toString());
      fixture(cwd, name);
      const before = await text();
      expect((await tool('mojo-compress', [name], { cwd })).code).toBe(0);
      expect(new Set(await text())).toEqual(new Set(before));
      expect(readdirSync(cwd)).toEqual([name]);
    }
  });

  it('what cannot be read whole is not replaced by what could be', async () => {
    const cwd = temporaryFolder();
    const whole = readFileSync(join(cwd, fixture(cwd, 'a.mojo')));
    writeFileSync(join(cwd, 'cut.mojo'), whole.subarray(0, -1));
    const text = '# mode: wall\nP1;T0:1;a.py:f:1 5\nP1;T0:1;a.py:f:1 x\nP1;T0:1;a.py:f:1 5\n';
    writeFileSync(join(cwd, 'bad.austin'), text);
    for (const [name, input] of [
      ['mojo-compress', 'cut.mojo'],
      ['austin-compress', 'bad.austin'],
    ] as const) {
      const before = readFileSync(join(cwd, input));
      const { code, stderr } = await tool(name, [input], { cwd });
      expect(stderr).toMatch(
        new RegExp(`^${name}: ${input} is kept as it is, .* \\(ERR_INPUT_KEPT\\)\nhint: name another`),
      );
      expect(code).toBe(1);
      expect(readFileSync(join(cwd, input)).equals(before)).toBe(true);
      expect((await tool(name, [input, 'rest'], { cwd })).code).toBe(0);
      expect(readFileSync(join(cwd, 'rest')).length).toBeGreaterThan(0);
    }
    expect(readdirSync(cwd).sort()).toEqual(['a.mojo', 'bad.austin', 'cut.mojo', 'rest']);
  });

  it('austin-diff takes one from the other, with both signs', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'a.austin'), STACKS);
    writeFileSync(
      join(cwd, 'b.austin'),
      '# mode: wall\nP9;T0:5;app.py:main:3;app.py:work:7 300\nP9;T0:5;app.py:main:8 60\nP9;T0:5;app.py:new:1 7\nP9;T0:5;app.py:run:9 400\n',
    );
    const { stdout } = await tool('austin-diff', ['a.austin', 'b.austin'], { cwd });
    expect(stdout.toString()).toBe('app.py:main:3;app.py:work:7 -50\napp.py:main:4 40\napp.py:new:1 -7\n');
    await tool('mojo2austin', [fixture(cwd, 'a.mojo'), 'm.austin'], { cwd });
    succeeded(await tool('austin-diff', ['a.mojo', 'm.austin', '-o', 'same.folded'], { cwd }));
    expect(readFileSync(join(cwd, 'same.folded'), 'utf8')).toBe('');
    const unlike = await tool('austin-diff', ['a.austin', '-'], {
      cwd,
      input: '# mode: memory\nP1;T0:1;a.py:f:1 5\n',
    });
    expect([unlike.code, unlike.stderr]).toEqual([1, expect.stringContaining('(ERR_DIFF_UNLIKE)')]);
  });

  it('mojodbg tells a whole file from a broken one, and where it broke', async () => {
    const cwd = temporaryFolder();
    const whole = await tool('mojodbg', [fixture(cwd, 'c.mojo')], { cwd });
    expect([whole.code, whole.stderr]).toEqual([0, '']);
    expect(whole.stdout.toString()).toContain('No damage was found.');
    const broken = await tool('mojodbg', ['-e', fixture(cwd, 'unknown-event.mojo')], { cwd });
    expect(broken.code).toBe(1);
    expect(broken.stdout.toString()).toContain('METADATA mode = wall');
    expect(broken.stdout.toString()).toContain('(ERR_MOJO_UNKNOWN_EVENT)');
    expect(broken.stdout.toString()).toMatch(/^[0-9a-f]{8} .*>[0-9a-f]{2}/m);
  });
});

describe.each(TOOLS)('%s', (name) => {
  it('answers -h and -V, and refuses a wrong command line', async () => {
    const help = await tool(name, ['--help']);
    succeeded(help);
    expect(help.stdout.toString()).toMatch(new RegExp(`^Usage: ${name} \\[options\\] <`));
    const version = await tool(name, ['-V']);
    succeeded(version);
    expect(version.stdout.toString()).toMatch(/^\d+\.\d+\.\d+\n$/);
    for (const args of [[], ['--nonsense', 'a', 'b']]) {
      const { code, stdout, stderr } = await tool(name, args);
      expect([code, stdout.length]).toEqual([2, 0]);
      expect(stderr).toContain(`see \`${name} --help\``);
    }
  });

  it('says on standard error which input cannot be read, and leaves no output', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'empty'), '');
    writeFileSync(join(cwd, 'other'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]));
    for (const [input, code] of [
      ['nope', /ERR_INPUT_READ/],
      ['.', /ERR_INPUT_READ/],
      ['empty', /ERR_INPUT_EMPTY|ERR_MOJO_EMPTY/],
      ['other', /ERR_FORMAT_UNKNOWN|ERR_MOJO_NOT_MOJO/],
    ] as const) {
      const args =
        name === 'mojodbg'
          ? [input]
          : name === 'austin-diff'
            ? [input, 'empty', '-o', 'out']
            : [input, 'out'];
      const result = await tool(name, args, { cwd });
      expect([result.code, result.stdout.length]).toEqual([1, 0]);
      expect(result.stderr).toMatch(code);
      expect(result.stderr).not.toMatch(/^ {4}at /m);
      expect(existsSync(join(cwd, 'out'))).toBe(false);
    }
  });

  it('says that the disk is full, and which folder is missing', async () => {
    if (name === 'mojodbg') return; // writes no file
    const cwd = temporaryFolder();
    const input = fixture(cwd, 'a.mojo');
    // What is to be written must not be empty.
    writeFileSync(join(cwd, 'empty.austin'), '# mode: wall\n');
    const to = (output: string) =>
      name === 'austin-diff' ? [input, 'empty.austin', '-o', output] : [input, output];
    const full = await tool(name, to('/dev/full'), { cwd });
    expect([full.code, full.stderr]).toEqual([1, expect.stringContaining('no space left on device')]);
    const missing = await tool(name, to('no/out'), { cwd });
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('cannot write no/out')]);
  });
});
