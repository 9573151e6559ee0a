import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readProfile } from '../packages/convert/dist/index.js';
import type { FrameId, Profile, StackId } from '../packages/profile/dist/index.js';
import {
  austin,
  collapsed,
  fileText,
  PYTHON,
  runs,
  start,
  startAustin,
  temporaryFolder,
  until,
} from './cli-helpers.js';

const CLOCK = join(import.meta.dirname, 'programs/clock.py');

/** How often the sampler is killed; AUSTIN_TEST_KILLS=200 for a night. */
const KILLS = Number(process.env.AUSTIN_TEST_KILLS ?? 10);

/** The most that may be missing when the sampler is killed, in milliseconds. */
const MOST_LOST_MS = 200;

interface Clock {
  readonly pid: number;
  /** What the program has told last, in milliseconds. */
  now(): { readonly ms: number; readonly longestMs: number };
}

/** Starts a program in which the names of functions tell the time. */
async function startClock(folder: string): Promise<Clock> {
  const path = join(folder, 'time');
  const { pid } = start(PYTHON, [CLOCK, path]);
  await fileText(path);
  return {
    pid,
    now() {
      const [ms, longestMs] = readFileSync(path, 'utf8').split(' ').map(Number);
      return { ms: ms!, longestMs: longestMs! };
    },
  };
}

/** The time that the innermost clock function of the last sample tells, and the longest time between two rounds. */
function timesOf({ samples, tables }: Profile): { readonly lastMs: number; readonly longestMs: number } {
  let lastMs = 0;
  let longestUs = 0;
  for (let i = 0; i < samples.length; i++) {
    longestUs = Math.max(longestUs, samples.timeUs[i]!);
    for (const frame of tables.stackFrames(samples.stack[i] as StackId)) {
      const told = /^at_(\d+)$/.exec(tables.frameInfo(frame as FrameId).name)?.[1];
      if (told !== undefined) lastMs = Math.max(lastMs, Number(told));
    }
  }
  return { lastMs, longestMs: longestUs / 1000 };
}

async function profileOf(path: string, strict: boolean): Promise<Profile> {
  return readProfile([readFileSync(path)], { strict });
}

function metadataOf({ metadata }: Profile, key: string): string | undefined {
  return metadata.findLast((entry) => entry.key === key)?.value;
}

describe('a sampler that is killed', () => {
  it.each(['app.mojo', 'app.mojo.gz'])(
    'leaves all but the last moment in %s',
    async (name) => {
      const folder = temporaryFolder();
      const clock = await startClock(folder);
      const cut: string[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        const cwd = join(folder, String(kill));
        mkdirSync(cwd);
        const path = join(cwd, name);
        const run = startAustin(['record', '-p', `${clock.pid}`, '-o', name], { cwd });
        await until(() => existsSync(path) && statSync(path).size > 0);
        await delay(Math.random() * 700);
        run.child.kill('SIGKILL');
        const told = clock.now();
        expect((await run.finished).signal).toBe('SIGKILL');

        // The file of a sampler that had not begun to sample has no sample to be late.
        const profile = await profileOf(path, false);
        if (profile.samples.length === 0) continue;
        const { lastMs, longestMs } = timesOf(profile);
        // A machine that made this program, or the sampler, wait may have made the writing wait as long.
        const allowed = MOST_LOST_MS + told.longestMs + longestMs;
        expect(told.ms - lastMs, `kill ${kill}, ${cwd}`).toBeLessThanOrEqual(allowed);
        const damage = profile.diagnostics.filter(({ code }) => code !== 'ERR_GZIP_INVALID');
        if (damage.length > 0) cut.push(`${kill}: ${JSON.stringify(damage)}`);
        // That the end is missing is said, of gzip at least, in which it shows.
        expect(profile.diagnostics.some(({ code }) => code === 'ERR_GZIP_INVALID')).toBe(
          name.endsWith('.gz'),
        );
      }
      // What is written at a time is whole, but a kill may fall into the middle of a write.
      expect(cut.length, cut.join('\n')).toBeLessThanOrEqual(1 + KILLS / 100);
      expect(runs(clock.pid)).toBe(true);
    },
    60_000 + KILLS * 6_000,
  );

  it('leaves gzip that zcat unpacks', async () => {
    const cwd = temporaryFolder();
    const clock = await startClock(cwd);
    const run = startAustin(['record', '-p', `${clock.pid}`, '-o', 'app.mojo.gz'], { cwd });
    const path = join(cwd, 'app.mojo.gz');
    await until(() => existsSync(path) && statSync(path).size > 2_000);
    run.child.kill('SIGKILL');
    await run.finished;
    const zcat = spawnSync('zcat', [path]);
    expect(zcat.stderr.toString()).toContain('unexpected end of file');
    const plain = await readProfile([zcat.stdout]);
    const packed = await profileOf(path, false);
    expect(plain.samples.length).toBeGreaterThan(0);
    expect(plain.samples.length).toBe(packed.samples.length);
  });
});

describe('a recording in many files', () => {
  it('is one recording when its files are read one after the other', async () => {
    const cwd = temporaryFolder();
    const clock = await startClock(cwd);
    const result = await austin(
      ['record', '-p', `${clock.pid}`, '-x', '3', '--rotate', '1s', '-o', 'app.mojo.gz'],
      { cwd },
    );
    expect(result.code).toBe(0);
    const names = readdirSync(cwd).filter((file) => file.startsWith('app.'));
    expect(names.sort().slice(0, 3)).toEqual(['app.0001.mojo.gz', 'app.0002.mojo.gz', 'app.0003.mojo.gz']);
    expect(result.stderr).toContain(
      `austin: wrote ${names.length} files, app.0001.mojo.gz to ${names.at(-1)}, `,
    );
    let startUs = 0;
    let count = 0;
    for (const [at, file] of names.entries()) {
      const profile = await profileOf(join(cwd, file), true);
      const number = (key: string) => Number(metadataOf(profile, key) ?? 0);
      // Each has the head and the foot of a recording.
      expect(metadataOf(profile, 'x-command')).toContain('clock.py');
      expect(metadataOf(profile, 'mode')).toBe('wall');
      expect(number('count')).toBe(profile.samples.length);
      expect(number('x-file-number')).toBe(at === 0 ? 0 : at + 1);
      // Each begins where the weights of the one before end.
      expect(Math.abs(number('x-file-start') - startUs)).toBeLessThanOrEqual(1_000 * at);
      for (let i = 0; i < profile.samples.length; i++) startUs += profile.samples.timeUs[i]!;
      count += profile.samples.length;
    }
    expect(result.stderr).toContain(`${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} samples in `);
  });

  it('goes on by size, and replaces nothing', async () => {
    const cwd = temporaryFolder();
    const clock = await startClock(cwd);
    const args = ['record', '-p', `${clock.pid}`, '--rotate', '10kB', '-o', 'app.mojo'];
    const run = startAustin(args, { cwd });
    await until(() => existsSync(join(cwd, 'app.0003.mojo')));
    run.child.kill('SIGINT');
    expect((await run.finished).code).toBe(0);
    for (const file of ['app.0001.mojo', 'app.0002.mojo', 'app.0003.mojo']) {
      expect(await collapsed(join(cwd, file))).toContain('at_');
    }
    expect(statSync(join(cwd, 'app.0001.mojo')).size).toBeGreaterThanOrEqual(10_000);
    const again = await austin(args, { cwd });
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('app.0001.mojo is there already (ERR_OUTPUT_EXISTS)');
  });

  it('that cannot begin its next file ends, and says how much is safe', async () => {
    const cwd = temporaryFolder();
    const clock = await startClock(cwd);
    const folder = join(cwd, 'out');
    mkdirSync(folder);
    const run = startAustin(
      ['record', '-p', `${clock.pid}`, '--rotate', '1s', '-o', 'out/app.mojo', '-x', '30'],
      { cwd },
    );
    await until(() => existsSync(join(folder, 'app.0001.mojo')));
    execFileSync('mv', [folder, join(cwd, 'elsewhere')]);
    const result = await run.finished;
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('no such file or directory');
    expect(result.stderr).toContain('(ERR_OUTPUT_WRITE)');
    expect(await collapsed(join(cwd, 'elsewhere/app.0001.mojo'))).toContain('at_');
  });
});

describe('SIGUSR1', () => {
  it.each(['app.mojo', 'app.mojo.gz'])('writes a snapshot of %s, which goes on', async (name) => {
    const cwd = temporaryFolder();
    const clock = await startClock(cwd);
    const run = startAustin(['record', '-p', `${clock.pid}`, '-o', name], { cwd });
    await until(() => existsSync(join(cwd, name)) && statSync(join(cwd, name)).size > 2_000);
    const [first, second] = ['app.snapshot.mojo', 'app.snapshot.2.mojo'].map((file) =>
      name.endsWith('.gz') ? `${file}.gz` : file,
    );
    const asked = clock.now().ms;
    run.child.kill('SIGUSR1');
    await until(() => existsSync(join(cwd, first!)));
    run.child.kill('SIGUSR1');
    await until(() => existsSync(join(cwd, second!)));
    run.child.kill('SIGINT');
    const result = await run.finished;
    expect(result.code).toBe(0);
    expect(result.stderr).toContain(`austin: wrote the recording so far to ${first}, `);
    expect(result.stderr).toContain(`austin: wrote the recording so far to ${second}, `);
    const profiles = await Promise.all(
      [first!, second!, name].map((file) => profileOf(join(cwd, file), true)),
    );
    const counts = profiles.map(({ samples }) => samples.length);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    for (const profile of profiles) {
      // Complete, with the counts at its end, and with what was sampled before it was asked for.
      expect(Number(metadataOf(profile, 'count'))).toBe(profile.samples.length);
      expect(timesOf(profile).lastMs).toBeGreaterThanOrEqual(asked - 1_000 * Number(profile === profiles[0]));
    }
  });

  it('cannot be answered on standard output, and ends nothing', async () => {
    const cwd = temporaryFolder();
    const clock = await startClock(cwd);
    const run = startAustin(['record', '-p', `${clock.pid}`, '-o', '-'], { cwd });
    let received = 0;
    run.child.stdout?.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    await until(() => received > 2_000);
    run.child.kill('SIGUSR1');
    const before = received;
    await until(() => received > before + 2_000);
    run.child.kill('SIGINT');
    const result = await run.finished;
    expect(result.code).toBe(0);
    expect(result.stderr).toContain('no snapshot of standard output was written');
    expect((await readProfile([result.stdout], { strict: true })).samples.length).toBeGreaterThan(0);
  });
});

describe('limits', () => {
  it('--max-cpu makes it slower, and says so', async () => {
    const cwd = temporaryFolder();
    const clock = await startClock(cwd);
    const args = ['-p', `${clock.pid}`, '-i', '100us', '--max-cpu', '1', '-x', '3', '-o', 'app.mojo'];
    const result = await austin(['record', ...args], { cwd });
    expect(result.code).toBe(0);
    expect(result.stderr.match(/sampling takes more than 1 % of a CPU: slowing down to /g)).toHaveLength(1);
    expect(result.stderr).toMatch(
      /\n {2}slowed down to [\d,.]+ Hz by --max-cpu: .* of a CPU used, 1 % allowed\n/,
    );
    const profile = await profileOf(join(cwd, 'app.mojo'), true);
    const changes = profile.metadata.filter(({ key }) => key === 'x-interval-changed');
    expect(changes.length).toBeGreaterThan(0);
    const clocks = changes.map(({ value }) => Number(value.split(',')[0]));
    expect(clocks).toEqual(clocks.toSorted((a, b) => a - b));
    expect(Number(changes[0]?.value.split(',')[1])).toBeGreaterThan(100);
    // The last interval in force is what the last samples weigh, if they are not late.
    const interval = Number(changes.at(-1)?.value.split(',')[1]);
    expect(Math.max(...profile.samples.timeUs.slice(-10))).toBeGreaterThanOrEqual(interval / 2);
  });

  it('--jitter spreads the samples', async () => {
    const cwd = temporaryFolder();
    const clock = await startClock(cwd);
    const args = ['-p', `${clock.pid}`, '-i', '10ms', '--jitter', '-x', '2', '-o', 'app.mojo'];
    expect((await austin(['record', ...args], { cwd })).code).toBe(0);
    const profile = await profileOf(join(cwd, 'app.mojo'), true);
    expect(metadataOf(profile, 'x-jitter')).toBe('on');
    // Without it every weight is a multiple of the interval, as far as the machine allows.
    const times = [...profile.samples.timeUs.subarray(0, profile.samples.length)];
    const short = times.filter((us) => us < 7_000).length;
    expect(short).toBeGreaterThan(times.length / 10);
    expect(times.filter((us) => us > 12_000).length).toBeGreaterThan(times.length / 10);
  });
});

/** How long functions with new names are made; AUSTIN_TEST_ENDLESS_SECONDS=600 to be sure. */
const ENDLESS_SECONDS = Number(process.env.AUSTIN_TEST_ENDLESS_SECONDS ?? 15);

/** What the tables of names and frames may take when they are full, and the heap of Node beside them, in kB. */
const MOST_GROWTH_KB = 50_000;

describe('memory', () => {
  it(
    'has a bound, even for a program that makes new functions for ever',
    async () => {
      const cwd = temporaryFolder();
      writeFileSync(
        join(cwd, 'endless.py'),
        `i = 0
while True:
    i += 1
    name = 'f%d_%s' % (i, 'x' * 16000)
    exec('def %s(): sum(range(40000))\\n%s()' % (name, name), {})
`,
      );
      const seconds = String(ENDLESS_SECONDS);
      const args = ['record', '-i', '0', '-x', seconds, '-o', 'app.mojo', PYTHON, 'endless.py'];
      const run = startAustin(args, { cwd });
      const path = join(cwd, 'app.mojo');
      await until(() => existsSync(path) && statSync(path).size > 2_000);
      const first = residentKb(run.pid);
      let most = 0;
      while (run.child.exitCode === null && runs(run.pid)) {
        most = Math.max(most, residentKb(run.pid));
        await delay(100);
      }
      const result = await run.finished;
      expect(result.code).toBe(0);
      // Names were met that would have taken more, had they been kept: the file has them all.
      console.log(`${Math.round(statSync(path).size / 1e6)} MB written, memory grew by ${most - first} kB`);
      expect(most - first).toBeLessThan(MOST_GROWTH_KB);
    },
    60_000 + ENDLESS_SECONDS * 2_000,
  );
});

/** The resident set of a process, or 0 if it has ended. */
function residentKb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

describe('the log', () => {
  it('tells what happened, behind what it told before', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'austin.log'), 'yesterday\n');
    const args = ['record', '--log', 'austin.log', '-o', 'app.mojo', PYTHON, '-c', 'sum(range(10**7))'];
    const result = await austin(args, { cwd });
    expect(result.code).toBe(0);
    expect(result.stderr).not.toContain('log');
    const lines = readFileSync(join(cwd, 'austin.log'), 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('yesterday');
    expect(lines.slice(1).map((line) => line.split(' ')[3])).toEqual([
      'start',
      'recording',
      'attached',
      'end',
    ]);
    expect(lines.at(-1)).toMatch(/ end=target-ended samples=\d+ .* output=app\.mojo$/);
  });

  it('is not written with AUSTIN_NO_LOGGING, and one that cannot be written harms nothing', async () => {
    const cwd = temporaryFolder();
    const command = ['-o', 'app.mojo', PYTHON, '-c', 'sum(range(10**7))'];
    const silent = await austin(['record', '--log', 'austin.log', ...command], {
      cwd,
      env: { AUSTIN_NO_LOGGING: '1' },
    });
    expect(silent.code).toBe(0);
    expect(existsSync(join(cwd, 'austin.log'))).toBe(false);
    const failing = await austin(['record', '--log', 'no/austin.log', ...command], { cwd });
    expect(failing.code).toBe(0);
    expect(failing.stderr).toContain(
      'austin: no log is written to no/austin.log: no such file or directory; the recording goes on\n',
    );
    const levelOnly = await austin(['record', '--log-level', 'debug', ...command], { cwd });
    expect(levelOnly.code).toBe(2);
    expect(levelOnly.stderr).toContain('(ERR_USAGE_LOG)');
  });
});
