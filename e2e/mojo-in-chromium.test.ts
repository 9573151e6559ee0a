import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium } from './browser.js';
import { mojoReport } from './page/mojo-report.js';

const chromium = findChromium();
if (!chromium) console.log('skipped: no Chromium here. Install it, or name it in CHROMIUM.');

function fixtures(folder: string, ending: string): string[] {
  const files = readdirSync(new URL(`../fixtures/${folder}`, import.meta.url));
  return files.filter((file) => file.endsWith(ending)).map((file) => `${folder}/${file}`);
}

const FILES = [
  ...fixtures('mojo', '.mojo'),
  ...fixtures('mojo/native-vectors', '.mojo'),
  ...fixtures('recordings', '.mojo'),
  ...fixtures('packed', '.zst'),
];

function bytesOf(file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../fixtures/${file}`, import.meta.url)));
}

describe.runIf(chromium)('the codec, bundled, in Chromium', () => {
  let browser: Browser;
  let page: Page;
  const mistakes: string[] = [];

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('page/mojo-report.ts', import.meta.url))],
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'bundle',
      platform: 'browser',
      target: ['es2023'],
      logLevel: 'silent',
    });
    browser = await launchChromium(chromium!);
    page = await browser.newPage();
    page.on('pageerror', (error) => mistakes.push(String(error)));
    await page.addScriptTag({ content: outputFiles[0]!.text });
  });

  afterAll(async () => {
    await browser?.close();
  });

  const inChromium = (bytes: Uint8Array): Promise<string> =>
    page.evaluate((base64) => {
      const text = atob(base64);
      const input = Uint8Array.from(text, (char) => char.charCodeAt(0));
      return (globalThis as unknown as { bundle: { mojoReport: typeof mojoReport } }).bundle.mojoReport(
        input,
      );
    }, Buffer.from(bytes).toString('base64'));

  it.each(FILES)('%s: says what it says in Node', async (file) => {
    const bytes = bytesOf(file);
    const here = await mojoReport(bytes);
    expect(here.length).toBeGreaterThan(20);
    expect((await inChromium(bytes)) === here).toBe(true);
  });

  it('reads what is gzipped', async () => {
    const bytes = bytesOf('mojo/b.mojo');
    const report = JSON.parse(await inChromium(new Uint8Array(gzipSync(bytes)))) as { samples: unknown[] };
    expect(report.samples).toHaveLength(3);
    expect(report).toEqual(JSON.parse(await mojoReport(bytes)));
    expect(mistakes).toEqual([]);
  });
});
