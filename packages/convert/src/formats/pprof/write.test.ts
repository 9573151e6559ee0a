import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { aggregateCalls, type Metric, type Profile, SampleFlag } from '@austin-profiler/profile';
import { afterAll, describe, expect, it } from 'vitest';
import { perftools } from '#pprof-messages';
import { readProfile, writeProfile } from '../../convert.js';
import { NO_FRAMES } from '../../synthetic-names.js';
import { chunked, collect, fixture } from '../../testing/io.js';
import { profileOf, py, type TestSample } from '../../testing/profiles.js';
import { functionTotals } from '../../testing/truth.js';
import { weightOf, weightTypes } from '../../weights.js';

type Message = perftools.profiles.Profile;

const folder = mkdtempSync(join(tmpdir(), 'pprof-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function encode(profile: Profile): Promise<Message> {
  return perftools.profiles.Profile.decode(gunzipSync(await collect(writeProfile(profile, 'pprof'))));
}

/** What weights are called in the file, where they are not called as ours. */
const PPROF_TYPES: Readonly<Record<string, string>> = {
  allocated: 'alloc_space',
  deallocated: 'dealloc_space',
};

const load = (name: string): Promise<Profile> => readProfile(chunked(fixture(`collapsed/${name}`)));
const text = (message: Message, id: unknown): string => message.stringTable[Number(id)]!;

function sampleTypes(message: Message): string[] {
  return message.sampleType.map(({ type, unit }) => `${text(message, type)}/${text(message, unit)}`);
}

/** Each sample as `leaf < … < root: values {labels}`. */
function samplesOf(message: Message): string[] {
  const names = new Map(message.function.map((fn) => [Number(fn.id), text(message, fn.name)]));
  const locations = new Map(
    message.location.map(({ id, line }) => [Number(id), names.get(Number(line![0]!.functionId))!]),
  );
  return message.sample.map(({ locationId, value, label }) => {
    const labels = label!.map(
      (l) => `${text(message, l.key)}=${Number(l.str) ? text(message, l.str) : Number(l.num)}`,
    );
    const stack = locationId!.map((id) => locations.get(Number(id))).join(' < ');
    return `${stack}: ${value!.map(Number).join(' ')} {${labels.join(' ')}}`;
  });
}

/** Every rule that pprof holds a profile to. */
function checkRules(message: Message): void {
  expect(message.stringTable[0]).toBe('');
  expect(new Set(message.stringTable).size).toBe(message.stringTable.length);
  const isText = (id: unknown): boolean => Number(id ?? 0) < message.stringTable.length;
  expect(message.sampleType.length).toBeGreaterThan(0);
  const ids = (rows: { id?: unknown }[]): Set<number> => {
    const set = new Set(rows.map(({ id }) => Number(id)));
    expect(set.size).toBe(rows.length);
    expect(set.has(0)).toBe(false);
    return set;
  };
  const mappings = ids(message.mapping);
  const locations = ids(message.location);
  const functions = ids(message.function);
  for (const { locationId, value, label } of message.sample) {
    expect(value).toHaveLength(message.sampleType.length);
    expect(locationId!.length).toBeGreaterThan(0);
    expect(locationId!.every((id) => locations.has(Number(id)))).toBe(true);
    expect(new Set(label!.map(({ key }) => Number(key))).size).toBe(label!.length);
    expect(
      label!.every((l) => isText(l.key) && isText(l.str) && (Number(l.str) > 0 || Number(l.num) > 0)),
    ).toBe(true);
  }
  for (const { mappingId, line } of message.location) {
    expect(mappings.has(Number(mappingId))).toBe(true);
    expect(line!.every(({ functionId }) => functions.has(Number(functionId)))).toBe(true);
  }
  for (const fn of message.function) expect([fn.name, fn.filename].every(isText)).toBe(true);
  const [main] = message.mapping;
  expect(text(message, main!.filename)).not.toBe('');
  expect(main).toMatchObject({ hasFunctions: true, hasFilenames: true, hasLineNumbers: true });
  expect(sampleTypes(message)).toContain(
    sampleTypes(message).find((type) => type.startsWith(`${text(message, message.defaultSampleType)}/`)),
  );
}

const fixtures = [
  'wall-3.7.austin',
  'full.austin',
  'memory.austin',
  'native.austin',
  'odd-names.austin',
  'py-spy.folded',
];

describe('pprof', () => {
  it.each(fixtures)('%s: holds to every rule', async (name) => checkRules(await encode(await load(name))));

  it('names types and units as pprof knows them (defect 25)', async () => {
    const typesOf = async (mode: string): Promise<[string[], string]> => {
      const message = await encode(profileOf({ mode }, [{ frames: [py('m.py', 'f', 1)], timeUs: 1 }]));
      return [sampleTypes(message).slice(1), text(message, message.defaultSampleType)];
    };
    const memory = ['alloc_space/bytes', 'dealloc_space/bytes'];
    expect(await typesOf('wall')).toEqual([['wall/microseconds'], 'wall']);
    expect(await typesOf('cpu')).toEqual([['cpu/microseconds'], 'cpu']);
    expect(await typesOf('memory')).toEqual([memory, 'alloc_space']);
    expect(await typesOf('full')).toEqual([['cpu/microseconds', 'wall/microseconds', ...memory], 'cpu']);
    expect(sampleTypes(await encode(await load('py-spy.folded')))).toEqual(['samples/count']);
  });

  it('writes stacks leaf first, with labels for thread and flags', async () => {
    expect(samplesOf(await encode(await load('full.austin')))).toEqual([
      'f: 1 8192 8192 0 8192 {pid=300 tid=300 iid=0 gc=true}',
      '<unknown>: 1 0 64 4294967296 0 {pid=301 tid=301 iid=1 idle=true invalid=true}',
      '<no Python frames>: 1 1 1 0 0 {pid=300 tid=300 iid=0}',
    ]);
    expect(samplesOf(await encode(await load('native.austin')))[1]).toBe(
      'do_sys_poll < poll < run: 1 51 {pid=9 tid=9 iid=0}',
    );
  });

  it('sums samples that differ in nothing it shows, and keeps signs apart', async () => {
    const frames = [py('m.py', 'f', 1)];
    const samples: TestSample[] = [
      { frames, memoryBytes: 100, tid: '2a' },
      { frames: [{ ...frames[0]!, lineEnd: 3, columnEnd: 9 }], memoryBytes: -100, tid: '2a' },
      { frames, memoryBytes: 40, tid: '2a' },
      { frames, memoryBytes: 40, tid: '2a', flags: SampleFlag.Gc },
      { frames, memoryBytes: 7, tid: 'worker' },
    ];
    const metadata = { mode: 'memory', 'x-thread-name:1:0:2a': 'Main', 'x-thread-ids': 'hex' };
    expect(samplesOf(await encode(profileOf(metadata, samples)))).toEqual([
      'f: 3 140 100 {pid=1 tid=42 iid=0 thread=Main}',
      'f: 1 40 0 {pid=1 tid=42 iid=0 thread=Main gc=true}',
      'f: 1 7 0 {pid=1 tid=worker iid=0}',
    ]);
  });

  it('writes lines, columns and names of locations', async () => {
    const at = { file: 'é.py', name: 'café', line: 5, column: 9, lineEnd: 5, columnEnd: 18 };
    const message = await encode(profileOf({ mode: 'wall' }, [{ frames: [at], timeUs: 2 ** 40 }]));
    expect(message.location.map(({ line }) => [Number(line![0]!.line), Number(line![0]!.column)])).toEqual([
      [5, 9],
    ]);
    const [fn] = message.function;
    expect([fn!.name, fn!.filename].map((id) => text(message, id))).toEqual(['café', 'é.py']);
    expect(Number(message.sample[0]!.value![1])).toBe(2 ** 40);
  });

  it('writes times, period and comments', async () => {
    const metadata = {
      mode: 'wall',
      interval: '1000',
      duration: '2100',
      python: '3.11.4',
      map: '0-1 /bin/x',
      'x-thread-start:1:0:1': '7',
      'x-start-time': '2026-04-01T12:00:00.123Z',
    };
    const message = await encode(profileOf(metadata, [{ timeUs: 5 }]));
    expect(String(message.timeNanos)).toBe(`${Date.UTC(2026, 3, 1, 12, 0, 0, 123)}000000`);
    expect(Number(message.durationNanos)).toBe(2_100_000);
    expect(Number(message.period)).toBe(1000);
    expect(text(message, message.periodType!.type)).toBe('wall');
    expect(text(message, message.periodType!.unit)).toBe('microseconds');
    expect(message.comment.map((id) => text(message, id))).toEqual([
      'mode: wall',
      'interval: 1000',
      'duration: 2100',
      'python: 3.11.4',
      'x-start-time: 2026-04-01T12:00:00.123Z',
    ]);
  });

  it('takes the longest thread for the duration when none is given', async () => {
    const message = await encode(
      profileOf({ mode: 'wall' }, [{ timeUs: 5 }, { timeUs: 6 }, { timeUs: 4, tid: '2' }]),
    );
    expect(Number(message.durationNanos)).toBe(11_000);
  });

  it('writes many rows in pieces', async () => {
    const samples = Array.from({ length: 10_000 }, (_, i) => ({
      frames: [py('m.py', `f${i}`, 1)],
      timeUs: 1,
    }));
    const message = await encode(profileOf({ mode: 'wall' }, samples));
    expect(message.sample).toHaveLength(10_000);
    checkRules(message);
  }, 30_000);

  it('has code that was generated from the committed .proto', () => {
    const generator = fileURLToPath(new URL('../../../generate.mjs', import.meta.url));
    const run = spawnSync(process.execPath, [generator, folder], { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    for (const name of ['profile.js', 'profile.d.ts']) {
      const committed = new URL(`generated/${name}`, import.meta.url);
      expect(readFileSync(join(folder, name), 'utf8')).toBe(readFileSync(committed, 'utf8'));
    }
  }, 30_000);
});

const hasGo = spawnSync('go', ['tool', 'pprof', '-h'], { encoding: 'utf8' }).error === undefined;
if (!hasGo) console.warn('skipped: checks by `go tool pprof`, which is not installed');

describe.skipIf(!hasGo)('go tool pprof', () => {
  const run = async (name: string, ...args: string[]): Promise<string> => {
    const path = join(folder, `${name}.pprof`);
    writeFileSync(path, await collect(writeProfile(await load(name), 'pprof')));
    const result = spawnSync('go', ['tool', 'pprof', ...args, path], { encoding: 'utf8' });
    expect(result.status, result.stderr).toBe(0);
    return result.stdout;
  };

  it.each(fixtures)(
    '%s: opens without complaint',
    async (name) => {
      expect(await run(name, '-top')).toContain('flat%');
      expect(await run(name, '-raw')).toContain('Mappings');
      await run(name, '-tags');
    },
    30_000,
  );

  it('shows the time there is, scaled, in the type to open', async () => {
    const top = await run('wall-3.7.austin', '-top', '-unit=us');
    const profile = await load('wall-3.7.austin');
    const metric: Metric = 'wall';
    const total = aggregateCalls(profile, { metric }).reduce((sum, root) => sum + root.total, 0);
    expect(top).toContain('Type: wall');
    expect(top).toContain(`of ${total}us total`);
    expect(top).toContain('<no Python frames>');
    expect(top).toContain('<module>');
    expect(top).toMatch(/Duration: 2\.10ms/);
  }, 30_000);

  it('serves pages that show the same self and total of every function', async () => {
    const profile = await load('full.austin');
    const path = join(folder, 'page.pprof');
    writeFileSync(path, await collect(writeProfile(profile, 'pprof')));
    const all = ['-nodefraction=0', '-nodecount=1000'];
    // `go` runs it as a child: a group, to end both.
    const server = spawn('go', ['tool', 'pprof', ...all, '-no_browser', '-http=localhost:', path], {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    try {
      const address = await new Promise<string>((resolve, reject) => {
        let said = '';
        server.stderr.setEncoding('utf8').on('data', (text: string) => {
          said += text;
          const url = /http:\/\/\S+/.exec(said)?.[0];
          if (url !== undefined) resolve(url);
        });
        server.once('exit', () => reject(new Error(said)));
      });
      const page = async (name: string): Promise<string> => {
        const response = await fetch(`${address}/ui/${name}`);
        expect(response.status).toBe(200);
        return await response.text();
      };
      for (const type of weightTypes(profile)) {
        const name = PPROF_TYPES[type.metric] ?? type.metric;
        const html = await page(`top?si=${name}`);
        const [, total, json] = /makeTopTable\( *(\d+) *, *(\[.*\])\)/.exec(html)!;
        const rows = JSON.parse(json!) as { Name: string; Flat: number; Cum: number }[];
        const shown = rows.map(({ Name, Flat, Cum }) => [Name, { self: Flat, total: Cum }] as const);
        const functions = shown.filter(([fn]) => fn !== NO_FRAMES);
        expect(Object.fromEntries(functions), name).toEqual({
          ...functionTotals(profile, type, undefined, false),
        });
        const whole = Array.from({ length: profile.samples.length }, (_, i) => weightOf(profile, i, type));
        expect(Number(total), name).toBe(whole.reduce((sum, weight) => sum + weight, 0));
        expect(
          rows.reduce((sum, { Flat }) => sum + Flat, 0),
          name,
        ).toBe(Number(total));
      }
      await page('flamegraph?si=wall');
    } finally {
      process.kill(-server.pid!);
      await once(server, 'exit');
    }
  }, 60_000);

  it('shows all labels', async () => {
    const tags = await run('full.austin', '-tags', '-sample_index=samples');
    for (const key of ['pid', 'tid', 'iid', 'gc', 'idle', 'invalid'])
      expect(tags).toContain(` ${key}: Total`);
  }, 30_000);
});
