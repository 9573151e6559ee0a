import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { start } from './cli-helpers.js';
import { installFrontEnds } from './front-ends.js';
import {
  buildExtension,
  buildExtensions,
  COMPILER,
  judgePaths,
  startPaths,
  wholeStacks,
} from './native-helpers.js';
import { installPackages } from './python-packages.js';
import { findPythons, outermost, type Python } from './pythons.js';
import { hasCommand, PROGRAMS, record, startProgram, temporaryFolder } from './record-helpers.js';

const pythons = await findPythons();
const chosen = outermost(pythons);

/** `programs/native/spin.c`, built twice so that only names and a number differ. */
const folder = mkdtempSync(join(tmpdir(), 'austin-libraries-'));
for (const [name, step] of [
  ['left', 1],
  ['right', 2],
] as const) {
  if (COMPILER === undefined) break;
  const source = join(PROGRAMS, 'native/spin.c');
  const flags = ['-O2', '-shared', '-fPIC', `-DNAME=${name}_spin`, `-DSTEP=${step}`];
  execFileSync(COMPILER, [...flags, '-o', join(folder, `lib${name}.so`), source]);
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(COMPILER === undefined).each(chosen)(
  'libraries of CPython $name that come and go',
  (python) => {
    it.each(['by their own paths', 'renamed'])('%s are not taken for each other', async (how) => {
      const program = startProgram(python.path, ['native/exchange.py', folder, how]);
      const said = await program.line();
      if (said !== 'ready 1') console.log(`the system loads the libraries at different places: ${said}`);
      const { profile, result } = await record(program.pid, {
        durationUs: 700_000,
        intervalUs: 1_000,
        native: true,
      });
      const seen = new Map<string, number>();
      for (const frames of wholeStacks(profile)) {
        const python = frames.findLast(({ name }) => name === 'left' || name === 'right')?.name;
        for (const { name } of frames.filter((frame) => frame.name.endsWith('_spin'))) {
          const key = `${name} called by ${python}`;
          seen.set(key, (seen.get(key) ?? 0) + 1);
        }
      }
      const named = [...seen.values()].reduce((sum, count) => sum + count, 0);
      const rightly = (name: string) => seen.get(`${name}_spin called by ${name}`) ?? 0;
      expect(Math.min(rightly('left'), rightly('right'))).toBeGreaterThan(0);
      // Half of them would be wrong if nobody looked. A sampler that gets no processor may look too late.
      expect(named - rightly('left') - rightly('right')).toBeLessThanOrEqual(named / 20);
      // They are known again soon after they have come.
      expect(named).toBeGreaterThan(result.statistics.samples / 10);
    });
  },
);

const missing = ['addr2line', 'strip', 'objcopy'].filter((name) => !hasCommand(name));
if (missing.length > 0) console.log(`skipped: names and lines of extensions. Install ${missing.join(', ')}.`);
const { extended, start: startExtended } = buildExtensions(chosen);
const resolvable = missing.length === 0 ? extended : [];
const frontEnds =
  resolvable.length > 0
    ? await installFrontEnds(4, ['austin-python>=2.2,<3', 'austin-tui>=2,<3'], [12, 13, 11, 10])
    : undefined;

describe.skipIf(!frontEnds).each(resolvable)(
  'austinp-resolve with a recording of CPython $name',
  (python) => {
    it('finds the source lines of native functions', async () => {
      const program = await startExtended(python);
      const { bytes, profile } = await record(program.pid, {
        durationUs: 300_000,
        intervalUs: 2_000,
        native: true,
        mojoVersion: 3,
      });
      const recording = join(temporaryFolder(), 'app.mojo');
      writeFileSync(recording, bytes);
      const names = ['first_spin_inner', 'second_spin_inner', 'first_call_inner'];
      const script = join(import.meta.dirname, 'front-ends/resolve_native.py');
      const { code, stdout, stderr } = await start(frontEnds!.python, [script, recording, ...names]).finished;
      expect([code, stderr]).toEqual([0, '']);
      const found = JSON.parse(stdout.toString()) as Record<string, [file: string, line: number][]>;
      const source = readFileSync(join(PROGRAMS, 'native/nativepath.c'), 'utf8').split('\n');
      /** The numbers of the lines of a function. */
      const linesOf = (name: string): number[] => {
        const begin = source.findIndex((line) => line.startsWith('static') && line.includes(`${name}(`));
        const length = source.slice(begin).indexOf('}') + 1;
        return Array.from({ length }, (_, i) => begin + 1 + i);
      };
      for (const name of names) {
        expect(found[name]?.length).toBeGreaterThan(0);
        // What looks at the clock is compiled into those that call it.
        const lines = [...linesOf(name), ...linesOf('now')];
        for (const [file, line] of found[name]!) {
          expect([file.endsWith('nativepath.c'), lines]).toEqual([true, expect.arrayContaining([line])]);
        }
      }
      // Each mapping is said once, and nothing that has no file: addr2line would fail, and the tool with it.
      const maps = profile.metadata.filter(({ key }) => key === 'map').map(({ value }) => value);
      expect(new Set(maps).size).toBe(maps.length);
      expect(maps.filter((line) => !/^[0-9a-f]+-[0-9a-f]+ \//.test(line))).toEqual([]);
    });
  },
);

/** How an extension comes to have no names, or has them elsewhere. */
const KINDS = [
  { kind: 'with debug information', commands: [], isNamed: true },
  { kind: 'stripped', commands: [['strip', 'LIBRARY']], isNamed: false },
  {
    kind: 'with its debug information in a file of its own',
    commands: [
      ['objcopy', '--only-keep-debug', 'LIBRARY', 'FOLDER/nativepath.debug'],
      ['strip', 'LIBRARY'],
      ['objcopy', '--add-gnu-debuglink=FOLDER/nativepath.debug', 'LIBRARY'],
    ],
    isNamed: true,
  },
] as const;

describe.skipIf(missing.length > 0).each(resolvable)('an extension of CPython $name', (python) => {
  it.each(KINDS)('$kind is on the stack where it was called', async ({ commands, isNamed }) => {
    const own = temporaryFolder();
    const library = buildExtension(python, own, ['-g'])!;
    for (const [command, ...words] of commands) {
      const places = words.map((word) => word.replace('LIBRARY', library).replace('FOLDER', own));
      execFileSync(command, places);
    }
    const program = await startPaths(python, own);
    const { profile } = await record(program.pid, { durationUs: 300_000, intervalUs: 2_000, native: true });
    if (isNamed) expect(judgePaths(profile).illegal).toEqual([]);
    let seen = 0;
    for (const frames of wholeStacks(profile)) {
      // Between the two functions of Python there are two of the extension, whatever of their names is known.
      const from = frames.findIndex(({ name }) => name === 'first_way');
      const to = frames.findIndex(({ name }) => name === 'first_back');
      if (from === -1 || to === -1) continue;
      const between = frames.slice(from, to).filter(({ file }) => file === library);
      const names = isNamed ? ['first_call', 'first_call_inner'] : ['<unknown>', '<unknown>'];
      expect(between.map(({ name }) => name)).toEqual(names);
      seen++;
    }
    expect(seen).toBeGreaterThan(10);
  });
});

/** Functions of Python that call one of NumPy's. */
const IN_NUMPY = ['order', 'multiply', 'add'];

/** For the newest Python that NumPy can be had for, and where all are asked for, for all. */
async function withNumpy(): Promise<Python[]> {
  const found: Python[] = [];
  for (const python of pythons.toReversed()) {
    const installed = await installPackages(python, ['numpy'], ['--only-binary=:all:']);
    if (installed) found.push({ ...python, path: installed.python });
    if (found.length > 0 && !process.env.AUSTIN_TEST_EVERY_PYTHON) break;
  }
  return found;
}

const numpy = await withNumpy();
if (numpy.length === 0) console.log('skipped: native stacks of NumPy, which cannot be installed here');

describe.skipIf(numpy.length === 0).each(numpy)('NumPy of CPython $name', (python) => {
  it('is on the stack behind the function that has called it', async () => {
    const program = startProgram(python.path, ['native/numpy_work.py'], {
      env: { OPENBLAS_NUM_THREADS: '1' },
    });
    expect(await program.line()).toBe('ready');
    const { profile, result } = await record(program.pid, {
      durationUs: 600_000,
      intervalUs: 2_000,
      native: true,
    });
    expect(result.statistics.nativeDisagreed).toBeLessThan(result.statistics.samples / 10);
    const seen = new Map<string, number>();
    for (const frames of wholeStacks(profile)) {
      const caller = frames.findLastIndex(({ isNative }) => !isNative);
      const name = frames[caller]?.name ?? '';
      const libraries = frames.slice(caller + 1).map(({ file }) => file);
      if (IN_NUMPY.includes(name) && libraries.some((file) => /\/numpy(\.libs)?\//.test(file)))
        seen.set(name, (seen.get(name) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual(IN_NUMPY.toSorted());
    expect([...seen.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(
      profile.samples.length / 2,
    );
  });
});
