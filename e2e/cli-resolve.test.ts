import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { austin, PYTHON, temporaryFolder, tool } from './cli-helpers.js';
import { hasCommand } from './record-helpers.js';

const missing = ['gcc', 'addr2line', 'nm', 'objdump', 'objcopy', 'readelf'].filter(
  (name) => !hasCommand(name),
);
if (missing.length > 0) console.log(`skipped: lines of libraries. Install ${missing.join(', ')}.`);

const RECORDINGS = fileURLToPath(new URL('../fixtures/recordings/', import.meta.url));
const NATIVE = readdirSync(RECORDINGS).filter((name) => name.includes('-native-'));

/** What the lines say is what a recording has to come to. */
const SOURCE = `static volatile int sink;
__attribute__((noinline)) void leaf(void) { // leaf
  sink++;
}
void outer(void) {
  leaf(); // first call
  leaf(); // second call
}
int main(void) {
  outer();
  return 0;
}
`;

function lineOf(mark: string): number {
  return SOURCE.split('\n').findIndex((line) => line.endsWith(`// ${mark}`)) + 1;
}

interface Image {
  readonly path: string;
  /** As the file itself counts them. */
  readonly leaf: bigint;
  readonly outer: bigint;
  /** Where the first call returns to: the instruction of the second one. */
  readonly behindFirstCall: bigint;
  /** The lowest address of the file, as it counts them. */
  readonly base: bigint;
}

/** Compiles the source, with lines to look up. */
function compile(folder: string, name: string, ...flags: readonly string[]): Image {
  const source = join(folder, 'work.c');
  const path = join(folder, name);
  writeFileSync(source, SOURCE);
  execFileSync('gcc', ['-g', '-O0', ...flags, '-o', path, source]);
  const symbols = execFileSync('nm', [path], { encoding: 'utf8' });
  const address = (symbol: string): bigint =>
    BigInt(`0x${new RegExp(`^([0-9a-f]+) T ${symbol}$`, 'm').exec(symbols)![1]}`);
  const code = execFileSync('objdump', ['-d', '--no-show-raw-insn', path], { encoding: 'utf8' });
  const outer = code.slice(code.indexOf('<outer>:'));
  const [, behind] = /<leaf(?:@plt)?>\n\s*([0-9a-f]+):/.exec(outer)!;
  return {
    path,
    leaf: address('leaf'),
    outer: address('outer'),
    behindFirstCall: BigInt(`0x${behind}`),
    base: flags.includes('-no-pie') ? 0x400000n : 0n,
  };
}

/** Says where it is mapped, and where a function of the interpreter is: 16 bytes behind its beginning. */
const PYTHON_SAYS = `
import ctypes, re
print('# mode: wall')
for line in open('/proc/self/maps'):
    match = re.match(r'([0-9a-f]+-[0-9a-f]+) \\S+ \\S+ \\S+ \\S+\\s+(/.*)', line)
    if match:
        print('# map: %s %s' % match.groups())
address = ctypes.cast(ctypes.pythonapi.PyEval_EvalCode, ctypes.c_void_p).value
print('P1;T0:1;app.py:f:1;native@%x:PyEval_EvalCode:16 5' % (address + 16))
`;

const hex = (address: bigint): string => address.toString(16);

/** A recording in which a thread is in \`leaf\`, called by \`outer\`, of an image mapped at \`at\`. */
function recordingOf({ path, leaf, outer, behindFirstCall, base }: Image, at: bigint): string {
  const mapped = (address: bigint): string => hex(address - base + at);
  return [
    '# mode: wall',
    `# map: ${hex(at)}-${hex(at + 0x1000n)} ${path}`,
    `# map: ${hex(at + 0x1000n)}-${hex(at + 0x100000n)} ${path}`,
    `P1;T0:11;app.py:main:3;native@${mapped(behindFirstCall)}:outer:${behindFirstCall - outer};native@${mapped(leaf)}:leaf:0 200`,
    `P1;T0:11;app.py:main:3;native@1234:elsewhere:5;kernel:futex:0 100`,
    '',
  ].join('\n');
}

describe.skipIf(missing.length > 0)('austin resolve', () => {
  it.each([
    ['a library', 'work.so', 0x7f0000000000n, ['-shared', '-fPIC']],
    ['a program', 'work', 0x550000000000n, ['-pie', '-fPIE']],
    ['a program that is linked to run at one place', 'work', 0x400000n, ['-no-pie']],
  ])('%s: gives the line of the call, and of the instruction that ran', async (_, name, at, flags) => {
    const cwd = temporaryFolder();
    const image = compile(cwd, name, ...flags);
    // Or else the test would not show that the return address is not the call.
    const returned = execFileSync('addr2line', ['-e', image.path, hex(image.behindFirstCall)]).toString();
    expect(returned).toContain(`:${lineOf('second call')}`);
    const { code, stdout, stderr } = await austin(['resolve', '-'], { cwd, input: recordingOf(image, at) });
    expect(code).toBe(0);
    const source = join(cwd, 'work.c');
    expect(stdout.toString().split('\n')).toEqual(
      expect.arrayContaining([
        `P1;T0:11;app.py:main:3;${source}:outer:${lineOf('first call')};${source}:leaf:${lineOf('leaf')} 200`,
        'P1;T0:11;app.py:main:3;native@1234:elsewhere:5;kernel:futex:0 100',
        `# map: ${hex(at)}-${hex(at + 0x1000n)} ${image.path}`,
      ]),
    );
    expect(stderr.split('\n')).toEqual([
      'austin: 1 address stayed as they are: no file was mapped there',
      'austin: 2 of 3 addresses resolved to source lines',
      '',
    ]);
  });

  it('finds the functions of a real interpreter, with their lines if it has any', async () => {
    const input = execFileSync(PYTHON, ['-c', PYTHON_SAYS], { encoding: 'utf8' });
    const { code, stdout } = await austin(['resolve', '-'], { input });
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(
      /^P1;T0:1;app\.py:f:1;(?:.*\/ceval\.c:PyEval_EvalCode:\d{3,4}|\/.*python[^:;]*:PyEval_EvalCode:\d{4,}) 5$/m,
    );
  });

  it('does not take another version of a library for the one that was recorded', async () => {
    const cwd = temporaryFolder();
    const image = compile(cwd, 'work.so', '-shared', '-fPIC');
    const input = recordingOf(image, 0x7f0000000000n)
      .replaceAll(':outer:', ':render:')
      .replaceAll(':leaf:', ':parse:');
    const { stdout, stderr } = await austin(['resolve', '-'], { cwd, input });
    expect(stderr).toContain(
      `2 addresses in ${image.path} became its offset there: it is not what was recorded`,
    );
    expect(stdout.toString()).toContain(
      `;${image.path}:render:${image.behindFirstCall};${image.path}:parse:${image.leaf} 200\n`,
    );
  });

  it('without addr2line, without the library, without a library: says so, and gives what is known', async () => {
    const cwd = temporaryFolder();
    const image = compile(cwd, 'work.so', '-shared', '-fPIC');
    const input = recordingOf(image, 0x7f0000000000n);
    const offsets = (path: string) =>
      `;${path}:outer:${image.behindFirstCall};${path}:leaf:${image.leaf} 200\n`;
    const without = await austin(['resolve', '-'], { cwd, input, env: { PATH: cwd } });
    expect(without.stderr).toContain('addr2line cannot be run: no such file or directory; install binutils');
    expect([without.code, without.stdout.toString()]).toEqual([
      0,
      expect.stringContaining(offsets(image.path)),
    ]);
    for (const [path, why] of [
      [join(cwd, 'gone.so'), 'no such file or directory'],
      [join(cwd, 'work.c'), 'it is no ELF image'],
      ['/dev/zero', 'it is no ELF image'],
      ['[vdso]', 'it is no file'],
    ]) {
      const moved = await austin(['resolve', '-'], { cwd, input: input.replaceAll(image.path, path!) });
      expect(moved.stderr).toContain(`2 addresses in ${path} became its offset there: ${why}`);
      expect(moved.stdout.toString()).toContain(offsets(path!));
    }
  });

  it('writes a file beside the input, of the same format or another, and says what it did', async () => {
    const cwd = temporaryFolder();
    writeFileSync(
      join(cwd, 'app.austin'),
      recordingOf(compile(cwd, 'work.so', '-shared', '-fPIC'), 0x7f0000000000n),
    );
    await austin(['convert', 'app.austin', '-o', 'app.mojo'], { cwd });
    const { code, stderr } = await austin(['resolve', 'app.mojo'], { cwd });
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^austin: wrote app\.resolved\.mojo, mojo, .*: 2 samples of 1 thread\n/),
    ]);
    const again = await austin(['resolve', 'app.resolved.mojo', '--to', 'collapsed', '-o', '-'], { cwd });
    expect(again.stdout.toString()).toContain(`work.c:leaf:${lineOf('leaf')} 200\n`);
    expect(again.stderr).toContain('1 address stayed as they are');
  });
});

describe.skipIf(missing.length > 0)('austin resolve, of a recording with build ids', () => {
  const INLINING = `static volatile int sink;
static inline __attribute__((always_inline)) void inner(void) { sink++; } // inner
__attribute__((noinline)) void leaf(void) { inner(); } // leaf
`;

  interface Build {
    readonly folder: string;
    readonly path: string;
    readonly buildId: string;
    readonly leaf: bigint;
  }

  /** A library in a folder of its own, with lines to look up. */
  function build(...flags: readonly string[]): Build {
    const folder = temporaryFolder();
    const path = join(folder, 'work.so');
    writeFileSync(join(folder, 'work.c'), INLINING);
    execFileSync('gcc', ['-g', '-O1', '-shared', '-fPIC', '-Wl,--build-id', ...flags, '-o', path, 'work.c'], {
      cwd: folder,
    });
    const notes = execFileSync('readelf', ['-n', path], { encoding: 'utf8' });
    const symbols = execFileSync('nm', [path], { encoding: 'utf8' });
    return {
      folder,
      path,
      buildId: /Build ID: ([0-9a-f]+)/.exec(notes)![1]!,
      leaf: BigInt(`0x${/^([0-9a-f]+) T leaf$/m.exec(symbols)![1]}`),
    };
  }

  /** A recording in which the library was mapped on a machine that has it somewhere else. */
  function recordingOfBuild({ buildId, leaf }: Build): string {
    const at = 0x7f0000000000n;
    const module = {
      start: hex(at + 0x1000n),
      end: hex(at + 0x2000n),
      offset: '1000',
      bias: hex(at),
      buildId,
      path: '/not/here/work.so',
    };
    return [
      '# mode: wall',
      `# x-module:1: ${JSON.stringify(module)}`,
      `P1;T0:11;app.py:main:3;native@${hex(at + leaf)}:leaf:0 200`,
      '',
    ].join('\n');
  }

  const lines = { leaf: 3, inner: 2 };

  it.each([
    ['the library itself', (made: Build) => made.folder],
    [
      'its debug information, by build id',
      ({ path, buildId }: Build) => {
        const folder = temporaryFolder();
        const below = join(folder, '.build-id', buildId.slice(0, 2));
        mkdirSync(below, { recursive: true });
        execFileSync('objcopy', ['--only-keep-debug', path, join(below, `${buildId.slice(2)}.debug`)]);
        return folder;
      },
    ],
    [
      'its debug information, by debug link of the stripped library',
      ({ path }: Build) => {
        const folder = temporaryFolder();
        execFileSync('objcopy', ['--only-keep-debug', path, join(folder, 'work.debug')]);
        execFileSync('objcopy', [
          '--strip-debug',
          `--add-gnu-debuglink=${join(folder, 'work.debug')}`,
          path,
          join(folder, 'work.so'),
        ]);
        // Beside it addr2line would find it by itself.
        const library = join(folder, 'lib', 'work.so');
        mkdirSync(join(folder, 'lib'));
        renameSync(join(folder, 'work.so'), library);
        return [join(folder, 'lib'), folder];
      },
    ],
  ])('finds in a folder that it is told: %s', async (_, place) => {
    const made = build();
    const folders = [place(made)].flat();
    const search = folders.flatMap((folder) => ['--search', folder]);
    const { stdout, stderr } = await austin(['resolve', '-', ...search], { input: recordingOfBuild(made) });
    expect(stderr).toBe('austin: 1 of 1 address resolved to source lines\n');
    expect(stdout.toString()).toContain(`;${join(made.folder, 'work.c')}:leaf:${lines.leaf} 200\n`);
  });

  it('does not take a file of another build', async () => {
    const [recorded, other] = [build(), build('-DOTHER', `-Wl,--build-id=0x${'ab'.repeat(20)}`)];
    const { stdout, stderr } = await austin(['resolve', '-', '--search', other.folder], {
      input: recordingOfBuild(recorded),
    });
    expect(stderr).toContain(
      `1 address in /not/here/work.so became its offset there: ${other.path} is build abababababab…, and build ${recorded.buildId.slice(0, 12)}… was recorded\n`,
    );
    expect(stdout.toString()).toContain(`;/not/here/work.so:leaf:${recorded.leaf} 200\n`);
  });

  it('shows what was compiled into a function', async () => {
    const made = build();
    const source = join(made.folder, 'work.c');
    const { stdout } = await austin(['resolve', '-', '--inlines', '--search', made.folder], {
      input: recordingOfBuild(made),
    });
    const [leaf, inner] = [`${source}:leaf:${lines.leaf}`, `${source}:inner:${lines.inner}`];
    expect(stdout.toString()).toContain(`P1;T0:11;app.py:main:3;${leaf};${inner} 200\n`);
  });

  it('keeps what is machine code, and where it was, for formats that show it', async () => {
    const cwd = temporaryFolder();
    const made = build();
    writeFileSync(join(cwd, 'app.austin'), recordingOfBuild(made));
    const search = ['--search', made.folder];
    await austin(['resolve', 'app.austin', ...search, '-o', 'app.mojo'], { cwd });
    const again = await austin(['convert', 'app.mojo', '--to', 'jsonl', '-o', '-'], { cwd });
    expect(again.stdout.toString()).toContain(
      `{"function":"leaf","file":"${join(made.folder, 'work.c')}","kind":"native","line":${lines.leaf}}`,
    );
    const direct = await austin(['resolve', 'app.austin', ...search, '--to', 'jsonl', '-o', '-'], { cwd });
    expect(direct.stdout.toString()).toContain(
      `"line":${lines.leaf},"address":"0x${hex(0x7f0000000000n + made.leaf)}","module":"/not/here/work.so","moduleAddress":"0x${hex(made.leaf)}","buildId":"${made.buildId}"}`,
    );
  });
});

describe('austinp-resolve', () => {
  /** A recording as text, but for the notes that say what is machine code once it has no addresses any more. */
  async function textOf(path: string): Promise<string[]> {
    const { stdout } = await austin(['convert', path, '--to', 'collapsed', '-o', '-']);
    return stdout
      .toString()
      .split('\n')
      .filter((line) => !line.startsWith('# x-native-file: '));
  }

  it.each(NATIVE)('%s: keeps every sample, with libraries in place of addresses', async (name) => {
    const cwd = temporaryFolder();
    const output = join(cwd, name);
    const { code, stdout, stderr } = await tool('austinp-resolve', [join(RECORDINGS, name), output]);
    expect([code, stdout.toString()]).toEqual([0, '']);
    // The Python that was recorded is not of this machine.
    expect(stderr).toMatch(/^austinp-resolve: \d+ addresses in \/.*python3.* became its offset there: /m);
    const [before, after] = [await textOf(join(RECORDINGS, name)), await textOf(output)];
    const withoutPlaces = (line: string) => line.replace(/;[^;]*:([^;:]*):\d+(?=[; ])/g, ';$1');
    expect(after.map(withoutPlaces)).toEqual(before.map(withoutPlaces));
    const addresses = (lines: readonly string[]) =>
      lines.reduce((sum, line) => sum + (line.match(/;native@/g)?.length ?? 0), 0);
    expect(addresses(before)).toBeGreaterThan(100);
    expect(addresses(after)).toBe(0);
  });

  it('reads and writes MOJO, and text from and to the standard streams', async () => {
    const cwd = temporaryFolder();
    const [mojo] = NATIVE.filter((name) => name.endsWith('.mojo'));
    await tool('austinp-resolve', [join(RECORDINGS, mojo!), 'out.mojo'], { cwd });
    expect(readFileSync(join(cwd, 'out.mojo')).subarray(0, 3).toString()).toBe('MOJ');
    const input = '# mode: wall\nP1;T0:1;app.py:f:1 5\n';
    const { code, stdout, stderr } = await tool('austinp-resolve', ['-', '-'], { input });
    expect([code, stdout.toString(), stderr]).toEqual([0, input, '']);
  });

  it('says that a recording does not tell where libraries were', async () => {
    const input = '# mode: wall\nP1;T0:1;native@7f0000001234:f:8 5\n';
    const { code, stdout, stderr } = await tool('austinp-resolve', ['-', '-'], { input });
    expect([code, stdout.toString()]).toEqual([0, input]);
    expect(stderr).toBe(
      'austinp-resolve: 1 address stayed as they are: the recording has no `map` metadata\n',
    );
  });

  it('leaves the output as it was when the input cannot be read', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'out'), 'before');
    const { code, stderr } = await tool('austinp-resolve', ['nope', 'out'], { cwd });
    expect([code, stderr]).toEqual([1, expect.stringContaining('ERR_INPUT_READ')]);
    expect(readFileSync(join(cwd, 'out'), 'utf8')).toBe('before');
  });
});
