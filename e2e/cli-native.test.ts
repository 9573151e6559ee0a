import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readProfile } from '../packages/convert/dist/index.js';
import { FrameKind, type Profile, type StackId } from '../packages/profile/dist/index.js';
import { takeSnapshot } from '../packages/sampler/dist/index.js';
import { austin, PYTHON, script, startAustin, temporaryFolder, tool } from './cli-helpers.js';
import { hasCommand, startProgram } from './record-helpers.js';

/** Whether this machine has native stacks at all: no Python is looked for. */
const refusal = await takeSnapshot(process.pid, { native: true, timeoutMs: 0 }).catch(
  (error: { code: string }) => error.code,
);
const isMissing = refusal === 'ERR_NATIVE_UNSUPPORTED';
if (isMissing) console.log('skipped: native stacks on the command line, which are not to be had here');
const hasGo = hasCommand('go');
if (!hasGo) console.log('skipped: what go tool pprof makes of native stacks. Install go.');

/** Spends its time in the compiled half of zlib and hashlib, for as many seconds as it is told. */
const COMPRESSING = `
import hashlib, sys, time, zlib

data = bytes(range(256)) * 4096

def press():
    return zlib.compress(data, 9)

def digest():
    return hashlib.sha256(data).hexdigest()

def main():
    end = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < end:
        press()
        digest()

print('ready', flush=True)
main()
`;

const PRESSED = /^zlib_compress/;

interface Seen {
  readonly kind: FrameKind;
  readonly name: string;
  readonly file: string;
}

/** The frames of each sample, outermost first. */
function stacksOf({ tables, samples }: Profile): Seen[][] {
  return Array.from(samples.stack, (stack) =>
    tables.stackFrames(stack as StackId).map((frame) => tables.frameInfo(frame)),
  );
}

/** Samples in which Python called the compiled function of zlib, with nothing but compiled functions behind it. */
function pressing(profile: Profile): Seen[][] {
  return stacksOf(profile).filter((frames) => {
    const at = frames.findIndex(({ kind, name }) => kind === FrameKind.Native && PRESSED.test(name));
    const python = frames.slice(0, Math.max(at, 0)).filter(({ kind }) => kind === FrameKind.Python);
    return python.at(-1)?.name === 'press' && frames.slice(at).every(({ kind }) => kind !== FrameKind.Python);
  });
}

describe.skipIf(isMissing)('native stacks on the command line', () => {
  let recording: string;
  let folder: string;
  let stderr: string;

  beforeAll(async () => {
    // Not of a test: all of them read it.
    folder = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim();
    recording = join(folder, 'app.mojo');
    const program = script(folder, COMPRESSING);
    ({ stderr } = await austin(['record', '-n', '-i', '5ms', '-o', recording, '--', PYTHON, program, '1'], {
      cwd: folder,
    }));
    return () => execFileSync('rm', ['-r', folder]);
  });

  it('a recording shows what Python has called, and says how good that is', async () => {
    const profile = await readProfile([readFileSync(recording)]);
    expect(pressing(profile).length).toBeGreaterThan(profile.samples.length / 5);
    expect(stderr).toMatch(/^ {2}native stacks: incomplete [\d,]+ \(.*threads stopped for \d+\/\d+\/\d+ µs/m);
    const library = pressing(profile)[0]!.find(({ name }) => PRESSED.test(name))!.file;
    expect(library).toMatch(/^\/.*(zlib|python)/);
  });

  it.each(['collapsed', 'speedscope', 'pprof', 'firefox', 'trace'])(
    '%s tells compiled functions from Python',
    async (format) => {
      const output = join(temporaryFolder(), 'out');
      await austin(['convert', recording, '--to', format, '-o', output]);
      const [before, after] = [recording, output].map((path) => readProfile([readFileSync(path)]));
      const kinds = (profile: Profile) =>
        new Set(
          stacksOf(profile).flatMap((frames) =>
            frames.map(({ kind, name, file }) => `${kind} ${name} ${file}`),
          ),
        );
      expect(kinds(await after!)).toEqual(kinds(await before!));
      expect(pressing(await after!).length).toBeGreaterThan(0);
    },
  );

  it('formats that nobody reads back here show libraries', async () => {
    const text = async (format: string) =>
      (await austin(['convert', recording, '--to', format, '-o', '-'])).stdout.toString();
    expect(await text('callgrind')).toMatch(/^c?ob=\(\d+\) \/.*(zlib|python)/m);
    expect(await text('jsonl')).toMatch(
      /"kind":"native","address":"0x[0-9a-f]+".*"module":"\/[^"]+","moduleAddress":"0x[0-9a-f]+"/,
    );
    expect(await text('text')).toMatch(/zlib_compress\S* \[native\]/);
    expect(await text('svg')).toContain('zlib_compress');
  });

  it.skipIf(!hasGo)('go tool pprof knows libraries, their builds, and the functions', async () => {
    const output = join(temporaryFolder(), 'app.pb.gz');
    await austin(['convert', recording, '--to', 'pprof', '-o', output]);
    const pprof = (...words: string[]) =>
      execFileSync('go', ['tool', 'pprof', ...words, output], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    expect(pprof('-raw')).toMatch(
      /^\d+: 0x[0-9a-f]+\/0x[0-9a-f]+\/0x[0-9a-f]+ \/\S*libc\S* [0-9a-f]{16,} \[FN\]/m,
    );
    expect(pprof('-top', '-nodecount=1000')).toMatch(/ zlib_compress/);
  });

  it('austinp records them every 10 ms, as MOJO or as text', async () => {
    const cwd = temporaryFolder();
    const program = script(cwd, COMPRESSING);
    const run = (name: string, env: NodeJS.ProcessEnv, ...words: string[]) =>
      tool('austinp', [...words, '-o', name, PYTHON, program, '0.5'], {
        cwd,
        env: { ...process.env, ...env },
      });
    expect((await tool('austinp', ['--version'])).stdout.toString()).toMatch(/^austinp 4\.\d+\.\d+\n$/);
    expect((await run('app.mojo', {})).code).toBe(0);
    const profile = await readProfile([readFileSync(join(cwd, 'app.mojo'))]);
    expect(profile.metadata.find(({ key }) => key === 'interval')?.value).toBe('10000');
    expect(pressing(profile).length).toBeGreaterThan(0);
    const text = await run('app.austin', { AUSTIN_COMPAT: '3' });
    expect([text.code, text.stderr]).toEqual([0, expect.stringMatching(/^🔩 Native stacks: /m)]);
    const lines = readFileSync(join(cwd, 'app.austin'), 'utf8').split('\n');
    expect(lines.some((line) => /^# map: [0-9a-f]+-[0-9a-f]+ \/.*python/.test(line))).toBe(true);
    expect(
      lines.some((line) => /;[^;]*:press:\d+;native@.*;native@[0-9a-f]+:zlib_compress\w*:\d+/.test(line)),
    ).toBe(true);
  });

  it('austin where shows them, and the kernel or what to do about it', async () => {
    const program = startProgram(PYTHON, [script(temporaryFolder(), COMPRESSING), '60']);
    expect(await program.line()).toBe('ready');
    let text = '';
    for (let look = 0; look < 50 && !/zlib_compress/.test(text); look++)
      text = (await austin(['where', String(program.pid), '--native', '--kernel'])).stdout.toString();
    expect(text).toMatch(
      /^ {2}\/.*app\.py:\d+(:\d+)? {2}press\n(?: {2}.*\n)*? {2}[^/\s]+\+0x[0-9a-f]+ {2}zlib_compress/m,
    );
    const { stdout } = await austin(['where', String(program.pid), '--native', '--json']);
    const [thread] = (
      JSON.parse(stdout.toString()) as { threads: { native: string; frames: { kind?: string }[] }[] }
    ).threads;
    expect(thread!.native).toMatch(/^(whole|incomplete|disagreed|missed)$/);
    expect(new Set(thread!.frames.map(({ kind }) => kind ?? 'python'))).toContain('python');
  });

  it('functions of the kernel are recorded, or one line says what to grant', async () => {
    const cwd = temporaryFolder();
    const program = script(cwd, 'import time\ntime.sleep(0.5)\n');
    const running = startAustin(['record', '-k', '-i', '5ms', '-o', 'app.mojo', '--', PYTHON, program], {
      cwd,
    });
    const { stderr } = await running.finished;
    const profile = await readProfile([readFileSync(join(cwd, 'app.mojo'))]);
    const kernel = stacksOf(profile).filter((frames) => frames.at(-1)?.kind === FrameKind.Kernel);
    if (/CAP_SYS_ADMIN/.test(stderr)) expect(stderr.match(/CAP_SYS_ADMIN/g)).toHaveLength(1);
    else expect(kernel.length).toBeGreaterThan(profile.samples.length / 3);
  });
});
