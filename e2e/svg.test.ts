import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { svg } from '../packages/convert/src/formats/svg/index.js';
import { HOSTILE_NAMES, hostileProfile } from '../packages/convert/src/testing/hostile.js';
import { findChromium, launchChromium } from './browser.js';

const chromium = findChromium();
if (!chromium) console.log('skipped: no Chromium here. Install it, or name it in CHROMIUM.');

describe.skipIf(!chromium)('the SVG flame graph in a browser', { timeout: 120_000 }, () => {
  let folder: string;
  let browser: Browser;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'austin-svg-'));
    browser = await launchChromium(chromium!);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  it('shows hostile names as text: nothing runs, nothing is fetched, and it is well-formed', async () => {
    const file = join(folder, 'hostile.svg');
    writeFileSync(file, [...(svg.write!(hostileProfile(), {}) as Iterable<string>)].join(''));
    const url = pathToFileURL(file).href;
    const page = await browser.newPage();
    const troubles: string[] = [];
    page.on('request', (request) => request.url() !== url && troubles.push(request.url()));
    page.on('dialog', (dialog) => {
      troubles.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('pageerror', (error) => troubles.push(error.message));
    await page.goto(url);
    const seen = await page.evaluate(() => ({
      root: document.documentElement.localName,
      errors: document.querySelectorAll('parsererror').length,
      elements: [...new Set([...document.querySelectorAll('*')].map((element) => element.localName))].sort(),
      titles: [...document.querySelectorAll('g > title')].map((title) => title.textContent!.split('\n')[0]!),
    }));
    expect(seen).toMatchObject({
      root: 'svg',
      errors: 0,
      elements: ['desc', 'g', 'rect', 'style', 'svg', 'text', 'title'],
    });
    for (const name of HOSTILE_NAMES.filter((text) => !/\p{Cc}|\p{Surrogate}|[\u2028\u202e]/u.test(text))) {
      expect(seen.titles, name.slice(0, 40)).toContain(`${name} (${name})`);
    }
    expect(troubles).toEqual([]);
    await page.close();
  });
});
