import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Profile } from '@austin-profiler/profile';
import { SampleFlag } from '@austin-profiler/profile';
import { afterAll, describe, expect, it } from 'vitest';
import { writeProfile } from '../../convert.js';
import { HOSTILE_NAMES, hostileProfile } from '../../testing/hostile.js';
import { inputs, readFixture } from '../../testing/inputs.js';
import { collect, collectText } from '../../testing/io.js';
import { npmProgram } from '../../testing/npm-programs.js';
import { profileOf, py } from '../../testing/profiles.js';
import { run } from '../../testing/tools.js';
import { functionTotals } from '../../testing/truth.js';
import { type WeightType, weightTypes } from '../../weights.js';

type Table = Record<string, unknown[]> & { length: number };

interface Thread {
  name: string;
  pid: string;
  tid: number | string;
  isMainThread: boolean;
  interpreterId?: number;
  samples: Table & { weightType: string };
  nativeAllocations?: Table & { weightType: string };
  markers: Table;
}

interface FirefoxProfile {
  meta: Record<string, unknown>;
  threads: Thread[];
  shared: Record<'stackTable' | 'frameTable' | 'funcTable' | 'sources', Table> & { stringArray: string[] };
}

async function toFirefox(profile: Profile): Promise<FirefoxProfile> {
  return JSON.parse(await collectText(writeProfile(profile, 'firefox', { gzip: false }))) as FirefoxProfile;
}

/** Every column is as long as its table says, and every index points into the table it is of. */
function checkTables({ threads, shared, meta }: FirefoxProfile): void {
  const columns = (table: Table) => Object.entries(table).filter(([, column]) => Array.isArray(column));
  const tables = [
    ...Object.values(shared),
    ...threads.flatMap((one) => [one.samples, one.nativeAllocations, one.markers]),
  ];
  for (const table of tables) {
    if (!table || Array.isArray(table)) continue;
    for (const [name, column] of columns(table)) expect(column, name).toHaveLength(table.length);
  }
  const within = (column: unknown[], length: number) =>
    expect(column.every((index) => index === null || (Number(index) >= 0 && Number(index) < length))).toBe(
      true,
    );
  const { stackTable, frameTable, funcTable, sources, stringArray } = shared;
  within(stackTable.frame!, frameTable.length);
  within(frameTable.func!, funcTable.length);
  within(frameTable.category!, (meta.categories as unknown[]).length);
  within(funcTable.name!, stringArray.length);
  within(funcTable.source!, sources.length);
  within(sources.filename!, stringArray.length);
  // Firefox walks stacks in one pass: a caller comes before what it calls.
  expect(stackTable.prefix!.every((prefix, at) => prefix === null || Number(prefix) < at)).toBe(true);
  for (const { samples, nativeAllocations, markers } of threads) {
    within(samples.stack!, stackTable.length);
    if (nativeAllocations) within(nativeAllocations.stack!, stackTable.length);
    within(markers.name!, stringArray.length);
    const times = samples.time as number[];
    expect(times.every((time, at) => at === 0 || time >= times[at - 1]!)).toBe(true);
  }
}

describe('the processed format of the Firefox Profiler', () => {
  it.each(inputs)('%s: holds to the format', async (path) =>
    checkTables(await toFirefox(await readFixture(path))),
  );

  it('has wall time, CPU time and memory side by side', async () => {
    const frames = [py('m.py', 'f', 1)];
    const { threads } = await toFirefox(
      profileOf({ mode: 'full', 'x-thread-start:1:0:1': '1500' }, [
        { frames, timeUs: 1000, memoryBytes: 4096 },
        { frames, timeUs: 2000, flags: SampleFlag.Idle },
        { frames, timeUs: 3000, memoryBytes: -512 },
      ]),
    );
    const [{ samples, nativeAllocations }] = threads as [Thread];
    expect(samples).toMatchObject({
      weightType: 'tracing-ms',
      time: [0.5, 1.5, 3.5, 6.5],
      weight: [0, 1, 2, 3],
      threadCPUDelta: [0, 1000, 0, 3000],
      stack: [null, 0, 0, 0],
    });
    expect(nativeAllocations).toMatchObject({ weightType: 'bytes', time: [1.5, 6.5], weight: [4096, -512] });
  });

  it('has a marker for each run of the garbage collector', async () => {
    const frames = [py('m.py', 'f', 1)];
    const flags = [0, SampleFlag.Gc, SampleFlag.Gc, 0, SampleFlag.Gc];
    const { threads, shared } = await toFirefox(
      profileOf(
        { mode: 'wall' },
        flags.map((flag) => ({ frames, timeUs: 1000, flags: flag })),
      ),
    );
    const { markers } = threads[0]!;
    expect(markers).toMatchObject({ startTime: [1, 4], endTime: [3, 5], phase: [1, 1], length: 2 });
    expect(shared.stringArray[Number(markers.name![0])]).toBe('Garbage collection');
  });

  it('names threads, processes and interpreters', async () => {
    const metadata = { mode: 'wall', 'x-thread-ids': 'hex', 'x-thread-name:42:0:2a': 'Main' };
    const { threads } = await toFirefox(
      profileOf(metadata, [
        { pid: 42, tid: '2a', timeUs: 1 },
        { pid: 42, tid: '2b', iid: 3, timeUs: 1 },
        { pid: 42, tid: 'pool', iid: null, timeUs: 1 },
      ]),
    );
    expect(
      threads.map(({ name, pid, tid, isMainThread, interpreterId }) => [
        name,
        pid,
        tid,
        isMainThread,
        interpreterId,
      ]),
    ).toEqual([
      ['Thread pool', '42', 'pool', false, undefined],
      ['Main', '42', 42, true, 0],
      ['Thread 43 (interpreter 3)', '42', 43, false, 3],
    ]);
  });

  it('gives every name back, however hostile', async () => {
    const file = await toFirefox(hostileProfile());
    checkTables(file);
    for (const name of HOSTILE_NAMES) {
      expect(file.shared.stringArray).toContain(name);
      expect(file.threads.map((thread) => thread.name)).toContain(name);
    }
  });
});

const cli = npmProgram(
  'profiler-cli',
  '@firefox-devtools/profiler-cli',
  '0.10.0',
  "what Firefox's profiler-cli makes of our files",
);

describe.skipIf(!cli)("Firefox's profiler-cli", { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'austin-firefox-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const environment = { PROFILER_CLI_SESSION_DIR: folder };

  /** Opens a file, as `profiler-cli load` does, which gives up after half a second whatever the machine is busy with. */
  async function open(path: string): Promise<ChildProcess> {
    const log = join(folder, 'test.log');
    rmSync(log, { force: true });
    const daemon = spawn(cli!, ['--daemon', path, '--session', 'test'], {
      env: { ...process.env, ...environment },
      stdio: 'ignore',
    });
    const isOpen = () => existsSync(log) && readFileSync(log, 'utf8').includes('Profile loaded successfully');
    while (!isOpen()) {
      if (daemon.exitCode !== null) throw new Error(`profiler-cli ended: ${readFileSync(log, 'utf8')}`);
      await setTimeout(20);
    }
    return daemon;
  }

  const ask = <T>(...args: string[]): T =>
    JSON.parse(run(cli!, [...args, '--session', 'test', '--json'], environment)) as T;

  interface Functions {
    functions: { name: string; selfSamples: number; totalSamples: number }[];
  }

  /** Functions of one name in several files are several, whose totals it adds up even where one calls the other. */
  function totalsByName(profile: Profile, type: WeightType): Record<string, { self: number; total: number }> {
    const key = (...parts: readonly unknown[]): string => JSON.stringify(parts);
    const byName: Record<string, { self: number; total: number }> = {};
    for (const [fn, { self, total }] of Object.entries(functionTotals(profile, type, key))) {
      const [name] = JSON.parse(fn) as [string];
      byName[name] ??= { self: 0, total: 0 };
      byName[name].self += self;
      byName[name].total += total;
    }
    return byName;
  }

  /** Which of its data sources shows a weight, and what to multiply its numbers by. */
  function sourceOf({ metric }: WeightType): { strategy: string; scale: number } {
    if (metric === 'allocated') return { strategy: 'native-allocations', scale: 1 };
    if (metric === 'deallocated') return { strategy: 'native-deallocations-sites', scale: -1 };
    return { strategy: 'timing', scale: metric === 'samples' ? 1 : 1000 };
  }

  it.each([
    'collapsed/full.austin',
    'collapsed/memory.austin',
    'recordings/3.7-native-3.11.mojo',
    'mojo/b.mojo',
  ])('%s: shows the same self and total of every function', async (path) => {
    const profile = await readFixture(path);
    const file = join(folder, 'x.json.gz');
    writeFileSync(file, await collect(writeProfile(profile, 'firefox')));
    const daemon = await open(file);
    try {
      const { threads } = ask<{ threads: { threadHandle: string; cpuMs: number }[] }>('thread', 'list');
      for (const type of weightTypes(profile).filter(({ metric }) => metric !== 'cpu')) {
        const { strategy, scale } = sourceOf(type);
        const shown: Record<string, { self: number; total: number }> = {};
        for (const { threadHandle } of threads) {
          const which = ['--thread', threadHandle, '--strategy', strategy, '--include-idle', '--limit', '0'];
          const { functions } = ask<Functions>('thread', 'functions', ...which);
          for (const { name, selfSamples, totalSamples } of functions) {
            shown[name] ??= { self: 0, total: 0 };
            shown[name].self += Math.round(selfSamples * scale);
            shown[name].total += Math.round(totalSamples * scale);
          }
        }
        expect(shown).toEqual(totalsByName(profile, type));
      }
      const cpu = weightTypes(profile).find(({ metric }) => metric === 'cpu');
      if (!cpu) return;
      const cpuUs = Object.values(functionTotals(profile, cpu)).reduce((sum, { self }) => sum + self, 0);
      expect(Math.round(threads.reduce((sum, { cpuMs }) => sum + cpuMs, 0) * 1000)).toBe(cpuUs);
    } finally {
      daemon.kill('SIGKILL');
      await once(daemon, 'exit');
    }
  });
});
