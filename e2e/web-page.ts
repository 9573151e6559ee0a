import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchChromium } from './browser.js';
import { type Running, startAustin } from './cli-helpers.js';
import { chromium } from './html-page.js';

/**
 * A program with a thread that computes, in functions with names to look for and a hostile one, and one that sleeps. It ends when
 * whoever started it is gone.
 */
export const SHOP = (hostile: string): string => `
import os, threading, time

def parse(n):
    return sum(i * i for i in range(n))

def load(rounds):
    for _ in range(rounds):
        parse(2000)

def odd():
    load(5)

name = ${JSON.stringify(hostile)}
changes = {'co_name': name}
if hasattr(odd.__code__, 'co_qualname'):
    changes['co_qualname'] = name
odd.__code__ = odd.__code__.replace(**changes)

def nap():
    while True:
        time.sleep(0.05)

threading.Thread(target=nap, name='napper', daemon=True).start()
print('ready', flush=True)
parent = os.getppid()
while os.getppid() == parent:
    odd()
`;

/** Waits for the address that a running \`austin web\` prints. */
export async function addressOf({ child, finished }: Running): Promise<string> {
  let text = '';
  const printed = new Promise<string>((resolve) => {
    child.stderr!.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const url = /the page is at (\S+)/.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const ended = finished.then(({ stderr }) => Promise.reject(new Error(`austin has ended: ${stderr}`)));
  ended.catch(() => {});
  return Promise.race([printed, ended]);
}

/** Starts austin with a page. */
export async function startWeb(
  args: readonly string[],
  options: Parameters<typeof startAustin>[1] = {},
): Promise<Running & { url: string }> {
  const running = startAustin(args, options);
  return { ...running, url: await addressOf(running) };
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Everything that the page should not have done: requests elsewhere, errors, violations of its policy. */
  readonly troubles: string[];
}

/** Starts Chromium, which finds no other machine, for the tests of a block; returns what opens a page in it. */
export function liveVisitor() {
  let browser: Browser;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    browser = await launchChromium(chromium!, ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1']);
  }, 120_000);
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(() => browser?.close());

  return async function visit(url: string, options: BrowserContextOptions = {}): Promise<Visit> {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    contexts.push(context);
    const troubles: string[] = [];
    const { origin } = new URL(url);
    context.on('request', (request) => {
      if (!request.url().startsWith(origin) && !/^(?:blob|data):/.test(request.url()))
        troubles.push(`request: ${request.url()}`);
    });
    context.on('console', (message) => {
      // Drawing without a graphics card is slow, which is said.
      if (message.text().includes('GL Driver Message')) return;
      if (['error', 'warning'].includes(message.type())) troubles.push(`console: ${message.text()}`);
    });
    context.on('weberror', (error) => troubles.push(`error: ${error.error().stack}`));
    const page = await context.newPage();
    await page.goto(url);
    return { page, context, troubles };
  };
}

/** Waits until the page shows samples. */
export async function shown(page: Page): Promise<void> {
  await page.waitForSelector('#views:not([hidden])');
}

/** A number in the head of the page. */
export async function fact(page: Page, term: string): Promise<number> {
  const value = await page.$$eval(
    '#facts div',
    (rows, wanted) =>
      rows.find((row) => row.querySelector('dt')?.textContent === wanted)?.querySelector('dd')?.textContent,
    term,
  );
  return Number((value ?? '').replace(/[\u00a0\u202f]/g, '').replace(/\(.*/, ''));
}

/** Waits until the head of the page says more samples than that. */
export async function moreSamples(page: Page, than: number): Promise<number> {
  for (;;) {
    const samples = await fact(page, 'Samples');
    if (samples > than) return samples;
    await page.waitForTimeout(50);
  }
}

/** Waits for the state that the bar tells. */
export async function liveState(page: Page, state: string): Promise<void> {
  await page.waitForSelector(`#live[data-state="${state}"]`);
}

export function expectNoTrouble({ troubles }: Visit): void {
  expect(troubles).toEqual([]);
}
