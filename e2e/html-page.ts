import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Piece, WriteOptions } from '../packages/convert/src/format.js';
import { html } from '../packages/convert/src/formats/html/index.js';
import {
  EMPTY_STACK,
  type Profile,
  ProfileBuilder,
  SampleFlag,
  type ThreadId,
} from '../packages/profile/dist/index.js';
import { findChromium, launchChromium } from './browser.js';

/** Chromium, or undefined, which is then said. */
export const chromium = findChromium();
if (!chromium) console.log('skipped: no Chromium here. Install it, or name it in CHROMIUM.');

export const HOSTILE = '</script><img src=x onerror="window.broken=1"><script>window.broken=1</script>';

export function addStack(
  builder: ProfileBuilder,
  thread: ThreadId,
  path: string,
  timeUs: number,
  memory = 0,
  flags = 0,
) {
  const { tables } = builder;
  let stack = EMPTY_STACK;
  for (const name of path.split(' ').filter((part) => part !== '')) {
    const fn = tables.internFunction(tables.internString(name), tables.internString(`/srv/${name}.py`), 3);
    stack = tables.internStack(stack, tables.internFrame(fn, 7));
  }
  builder.addSample(stack, thread, timeUs, memory, flags);
}

/** Wall 1 s, CPU 0.9 s: thread one 0.8 s, thread two 0.2 s; 100 samples of 10 ms. */
export function shop(): Profile {
  const builder = new ProfileBuilder();
  builder.addMetadata('mode', 'full');
  builder.addMetadata('python', '3.12.4');
  builder.addMetadata('interval', '10000');
  builder.addMetadata('duration', '1000000');
  builder.addMetadata('x-command', 'python shop.py --fast');
  const one = builder.tables.internThread(40, 0, 'a1');
  const two = builder.tables.internThread(40, 0, 'a2');
  builder.tables.setThreadName(one, 'MainThread');
  for (let i = 0; i < 100; i++) {
    if (i < 50) addStack(builder, one, 'main load parse', 10_000, 2048);
    else if (i < 65) addStack(builder, one, 'main load load', 10_000);
    else if (i < 75) addStack(builder, one, 'main wait', 10_000, 0, SampleFlag.Idle);
    else if (i < 78) addStack(builder, one, 'main', 10_000, 0, SampleFlag.Gc);
    else if (i < 80) addStack(builder, one, '', 10_000, -1024, SampleFlag.Invalid);
    else addStack(builder, two, 'serve parse', 10_000);
  }
  return builder.build();
}

export interface VisitOptions extends BrowserContextOptions {
  /** What the page may do that it should not: messages that are expected. */
  readonly expected?: unknown[];
  readonly write?: WriteOptions;
}

/** Starts Chromium for the tests of a block; returns what opens a profile in it. */
export function visitor() {
  let folder: string;
  let browser: Browser;
  let count = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'austin-html-'));
    browser = await launchChromium(chromium!);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  /** Opens a profile from disk, does something with it, and fails on any request, error or violation. */
  return async function visit(
    profile: Profile,
    act: (page: Page) => Promise<void>,
    { expected = [], write, ...options }: VisitOptions = {},
  ): Promise<void> {
    const file = join(folder, `profile-${count++}.html`);
    const pieces: Piece[] = [];
    for await (const piece of html.write!(profile, { name: 'shop.mojo', ...write })) pieces.push(piece);
    writeFileSync(file, pieces.join(''));
    const url = pathToFileURL(file).href;
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    const troubles: string[] = [];
    context.on('request', (request) => {
      if (request.url() !== url) troubles.push(`request: ${request.url()}`);
    });
    context.on('requestfailed', (request) =>
      troubles.push(`request refused: ${request.failure()?.errorText}`),
    );
    context.on('console', (message) => troubles.push(`console: ${message.text()}`));
    context.on('weberror', (error) => troubles.push(`error: ${error.error().stack}`));
    const page = await context.newPage();
    await page.goto(url);
    await act(page);
    await context.close();
    expect(troubles.sort()).toEqual(expected);
  };
}

const plain = (found: string | null): string => (found ?? '').replace(/[\u00a0\u202f]/g, ' ');

/** The text of an element, with plain spaces. */
export async function text(page: Page, selector: string): Promise<string> {
  return plain(await page.textContent(selector));
}

/** What assistive technology hears of the frame that the keyboard is on. */
export async function cursor(page: Page): Promise<string> {
  return plain(await page.getAttribute('#graph-cursor', 'aria-label'));
}

/** The rows of the table in the panel: label, weight, share, interval. */
export async function details(page: Page): Promise<Record<string, string[]>> {
  const rows = await page.$$eval('#details .measures tbody tr:not(.bars)', (found) =>
    found.map((row) => [...row.children].map((cell) => cell.textContent!.replace(/[\u00a0\u202f]/g, ' '))),
  );
  return Object.fromEntries(rows.map(([label, ...cells]) => [label, cells]));
}

/** Presses keys with the focus on the graph. */
export async function press(page: Page, ...keys: string[]): Promise<void> {
  await page.focus('#graph');
  for (const key of keys) await page.keyboard.press(key);
}
