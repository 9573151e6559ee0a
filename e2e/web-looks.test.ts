import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { LiveProfile } from '../packages/convert/dist/live.js';
import { EMPTY_STACK } from '../packages/profile/dist/index.js';
import { startWebServer, type WebSession } from '../packages/web/dist/index.js';
import { chromium, text } from './html-page.js';
import { contrast, type Rgb } from './vision.js';
import { expectNoTrouble, fact, liveState, liveVisitor, shown } from './web-page.js';

const nothing = async (): Promise<never> => {
  throw new Error('this is not asked for here');
};

/** A recording that is being made, of `count` different stacks so far, and what adds as many more. */
function growing(count: number) {
  const live = new LiveProfile();
  const { tables } = live;
  live.addMetadata('mode', 'full');
  live.addMetadata('x-gil-holders', 'on');
  live.addMetadata('x-command', '["python3", "shop.py"]');
  const threads = ['1', '2'].map((tid) => tables.internThread(1, 0, tid));
  const places = ['/home/ann/shop/views.py', '/usr/lib/python3.12/json/decoder.py', 'native@2a'];
  const frames = Array.from({ length: 3000 }, (_, n) => {
    const file = tables.internString(places[n % places.length]!);
    return tables.internFrame(tables.internFunction(tables.internString(`function_${n}`), file), n + 1);
  });
  let state = 1;
  const add = (more: number): void => {
    for (let i = 0; i < more; i++) {
      let stack = EMPTY_STACK;
      for (let depth = 0; depth < 20; depth++) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        const choices = depth < 12 ? 2 : 40;
        stack = tables.internStack(stack, frames[depth * 150 + ((state >>> 16) % choices)]!);
      }
      live.addSample(stack, threads[i % 2]!, 1000, i % 5 === 0 ? 4096 : 0, [0, 1, 2, 4, 8][i % 5]!);
    }
  };
  add(count);
  const session: WebSession = {
    live: () => live,
    status: () => ({
      title: 'shop',
      phase: 'running',
      pid: 1,
      elapsedUs: 1e6,
      rateGot: 999,
      rateAsked: 1000,
      can: ['stop', 'restart', 'attach'],
    }),
    readSource: () => ({ problem: 'none' }),
    control: nothing,
    download: nothing,
    processes: async () => [{ pid: 7, command: 'python3 other.py' }],
  };
  return { session, add };
}

/** Texts that are seen, with their colours and what is behind them. Those of controls that are switched off do not count. */
async function textColours(page: Page): Promise<{ text: string; ink: Rgb; ground: Rgb }[]> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    /** Parts from 0 to 255, however the colour is written; the last one says how much of it there is. */
    const parts = (colour: string): [number, number, number, number] => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data] as [number, number, number, number];
    };
    const groundOf = (element: Element): [number, number, number] => {
      for (let at: Element | null = element; at; at = at.parentElement) {
        const [red, green, blue, alpha] = parts(getComputedStyle(at).backgroundColor);
        if (alpha === 255) return [red, green, blue];
      }
      throw new Error('nothing is behind it');
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found: { text: string; ink: [number, number, number]; ground: [number, number, number] }[] = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement!;
      const shown = (node.textContent ?? '').trim();
      if (shown === '' || element.closest('script, option, :disabled') || !element.checkVisibility())
        continue;
      const [red, green, blue] = parts(getComputedStyle(element).color);
      found.push({ text: shown.slice(0, 40), ink: [red, green, blue], ground: groundOf(element) });
    }
    return found;
  });
}

describe.skipIf(!chromium)('the page of a recording', { timeout: 120_000 }, () => {
  const visit = liveVisitor();

  it.each([
    [320, 640, 'light'],
    [320, 640, 'dark'],
    [3840, 2160, 'light'],
    [3840, 2160, 'dark'],
  ] as const)('can be read at %d x %d, %s', async (width, height, colorScheme) => {
    const { session, add } = growing(2000);
    const server = await startWebServer({ session });
    try {
      const visited = await visit(server.url, { viewport: { width, height }, colorScheme });
      const { page } = visited;
      await shown(page);
      await page.click('#record summary');
      await page.fill('#search', 'function_1');
      await page.click('#mark');
      add(500);
      await page.waitForFunction(() => document.querySelector('#facts')!.textContent!.includes('500'));
      await page.click('#mark');
      await page.waitForSelector('#moments:not([hidden])');
      const wide = await page.evaluate(() =>
        document.documentElement.scrollWidth <= innerWidth
          ? []
          : [...document.querySelectorAll('body *')]
              .filter((element) => element.getBoundingClientRect().right > innerWidth)
              .map(({ tagName, id, className }) => `${tagName} #${id} .${String(className)}`),
      );
      expect(wide).toEqual([]);
      const graph = await page.$eval('#graph-canvas', (canvas) => canvas.clientWidth);
      expect(graph).toBeGreaterThan(width * 0.6);
      const texts = await textColours(page);
      expect(texts.length).toBeGreaterThan(50);
      const unreadable = texts.filter(({ ink, ground }) => contrast(ink, ground) < 4.5);
      expect(unreadable).toEqual([]);
      // On a large screen letters grow with it.
      const letters = await page.evaluate(() => Number.parseFloat(getComputedStyle(document.body).fontSize));
      expect(letters).toBeGreaterThanOrEqual(width > 3000 ? 20 : 15);
      expectNoTrouble(visited);
    } finally {
      await server.close();
    }
  });

  it('can be used with the keyboard alone', async () => {
    const { session } = growing(2000);
    const server = await startWebServer({ session });
    try {
      const { page } = await visit(server.url);
      await shown(page);
      const wanted = await page.$$eval(
        ':is(button, select, input, summary, a[href], [tabindex="0"])',
        (elements) =>
          elements
            .filter((element) => element.checkVisibility() && !element.matches(':disabled, [tabindex="-1"]'))
            .map((element, n) => {
              element.setAttribute('data-n', String(n));
              return String(n);
            }),
      );
      const reached = new Set<string>();
      await page.evaluate(() => document.body.focus());
      for (let i = 0; i < 3 * wanted.length; i++) {
        await page.keyboard.press('Tab');
        const { n, isSeen } = await page.evaluate(() => {
          const { activeElement: at } = document;
          const { outlineStyle, boxShadow } = getComputedStyle(at!);
          return {
            n: at?.getAttribute('data-n') ?? `${at?.tagName} #${at?.id}`,
            isSeen:
              at === document.body || outlineStyle !== 'none' || boxShadow !== 'none' || at?.id === 'graph',
          };
        });
        expect(isSeen, `focus of ${n}`).toBe(true);
        reached.add(n);
        if (reached.size > wanted.length) break;
      }
      expect(wanted.filter((n) => !reached.has(n))).toEqual([]);
      await page.focus('#pause');
      await page.keyboard.press('Space');
      await liveState(page, 'paused');
      await page.keyboard.press('Space');
      await liveState(page, 'running');
      await page.focus('#metric');
      await page.keyboard.type('Time with');
      await page.waitForFunction(() =>
        document.querySelector('#summary')!.textContent!.startsWith('Time with the interpreter lock: '),
      );
      await page.focus('#pause');
      await page.keyboard.press('/');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('search');
    } finally {
      await server.close();
    }
  });

  it('grows with 100,000 different stacks', async () => {
    const { session, add } = growing(100_000);
    const server = await startWebServer({ session });
    const timer = setInterval(() => add(500), 500);
    try {
      const { page } = await visit(server.url);
      await shown(page);
      const frames = await page.evaluate(async () => {
        const between: number[] = [];
        const until = performance.now() + 5000;
        for (let last = performance.now(); last < until; ) {
          const now = await new Promise<number>((done) => requestAnimationFrame(done));
          between.push(now - last);
          last = now;
        }
        return between.sort((a, b) => a - b);
      });
      const at = (share: number): number => Math.round(frames[Math.floor(share * (frames.length - 1))]!);
      console.log(
        `milliseconds between frames while it grows: median ${at(0.5)}, 95th percentile ${at(0.95)}, longest ${at(1)}`,
      );
      clearInterval(timer);
      const { samples } = session.live().counts;
      await page.waitForFunction(
        (wanted) =>
          [...document.querySelectorAll('#facts dd')].some(
            (value) => value.textContent!.replace(/\D/g, '') === wanted,
          ),
        String(samples),
      );
      expect(await fact(page, 'Samples')).toBe(samples);
      expect(await text(page, '#live-state')).not.toBe('');
    } finally {
      clearInterval(timer);
      await server.close();
    }
  });
});
