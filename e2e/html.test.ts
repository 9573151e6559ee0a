import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { EMPTY_STACK, ProfileBuilder } from '../packages/profile/dist/index.js';
import { chromium, cursor, details, HOSTILE, press, shop, text, visitor } from './html-page.js';

const MATCH_BLUE = [31, 79, 216];

describe.skipIf(!chromium)('the HTML page', { timeout: 120_000 }, () => {
  const visit = visitor();

  /** Colour in the middle of a frame's row, next to its left edge. */
  const pixel = (page: Page, x: number, row: number): Promise<number[]> =>
    page.evaluate(
      async ([left, index]) => {
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const canvas = document.querySelector<HTMLCanvasElement>('#graph-canvas')!;
        const height = document.querySelector<HTMLElement>('#graph-cursor')!.offsetHeight;
        const copy = new OffscreenCanvas(1, 1).getContext('2d')!;
        copy.drawImage(canvas, -left!, 3 - Math.round((index! + 1) * height));
        return [...copy.getImageData(0, 0, 1, 1).data].slice(0, 3);
      },
      [x, row],
    );

  it('says where the profile comes from and how much of it is invalid', async () => {
    await visit(shop(), async (page) => {
      expect(await page.title()).toBe('shop.mojo – flame graph');
      const facts = await text(page, '#facts');
      for (const fact of [
        'python shop.py --fast',
        '3.12.4',
        'Duration1 s',
        'Interval asked10 ms',
        'Samples100',
      ]) {
        expect(facts).toContain(fact);
      }
      expect(facts).toContain('Invalid stacks2 (2.0 %)');
    });
  });

  it('shows the totals of the profile, for each metric and each thread', async () => {
    await visit(shop(), async (page) => {
      expect(await text(page, '#summary')).toBe('CPU time: 900 ms in 90 samples');
      await page.selectOption('#metric', { label: 'Wall time' });
      expect(await text(page, '#summary')).toBe('Wall time: 1 s in 100 samples');
      expect((await details(page)).Total).toEqual(['1 s', '100 %', '96.3–100 %']);
      await page.selectOption('#threads', { label: 'MainThread (a1)' });
      expect((await details(page)).Total!.slice(0, 2)).toEqual(['800 ms', '100 %']);
      await page.selectOption('#threads', { label: 'thread a2' });
      expect((await details(page)).Total!.slice(0, 2)).toEqual(['200 ms', '100 %']);
      await page.selectOption('#threads', 'all');
      await page.selectOption('#metric', { label: 'Resident memory gained' });
      expect(await text(page, '#summary')).toBe('Resident memory gained: 100 KiB in 50 samples');
      await page.selectOption('#metric', { label: 'Resident memory given back' });
      expect((await details(page)).Total!.slice(0, 2)).toEqual(['2 KiB', '100 %']);
    });
  });

  it('is driven by the keyboard alone, and names each frame for those who cannot see it', async () => {
    await visit(shop(), async (page) => {
      await page.selectOption('#metric', { label: 'Wall time' });
      await press(page, 'ArrowDown');
      expect(await cursor(page)).toMatch(
        /^main; \/srv\/main.py:3; Self 0 µs.*; Total 780.ms, 78\.0.%, interval/,
      );
      await press(page, 'ArrowRight');
      expect(await cursor(page)).toMatch(/^serve; /);
      await press(page, 'ArrowRight');
      expect(await cursor(page)).toMatch(/^<invalid stack>; Self 20.ms/);
      await press(page, 'Home', 'ArrowDown', 'ArrowDown');
      expect(await details(page)).toMatchObject({
        Self: ['0 µs', '0 %', '0–3.7 %'],
        Total: ['650 ms', '65.0 %', '55.3–73.6 %'],
        'Self, all paths': ['150 ms', '15.0 %', '9.3–23.3 %'],
        'Total, all paths': ['650 ms', '65.0 %', '55.3–73.6 %'],
      });
      expect(await page.isDisabled('#reset')).toBe(true);
      await press(page, 'Enter');
      expect(await page.isDisabled('#reset')).toBe(false);
      expect(await text(page, '#details')).toContain('100 % of the zoomed frame');
      await press(page, 'ArrowUp', 'ArrowUp');
      expect(await cursor(page)).toMatch(/^all; /);
      await press(page, 'Escape');
      expect(await page.isDisabled('#reset')).toBe(true);
      await page.keyboard.press('/');
      expect(await page.evaluate(() => document.activeElement!.id)).toBe('search');
    });
  });

  it('zooms by clicking, keeps the ancestors in view, and zooms out again', async () => {
    await visit(shop(), async (page) => {
      const width = await page.$eval('#graph-canvas', (canvas) => canvas.clientWidth);
      const height = await page.$eval('#graph-cursor', (box) => (box as HTMLElement).offsetHeight);
      const right = { x: width - 8, y: height * 1.5 };
      await page.hover('#graph', { position: right });
      expect(await text(page, '#tooltip')).toContain('<invalid stack>');
      await page.click('#graph', { position: { x: 8, y: height * 2.5 } });
      // The ancestor now spans the whole width.
      await page.hover('#graph', { position: right });
      expect(await text(page, '#tooltip strong')).toBe('main');
      expect(await text(page, '#details')).toContain('of the zoomed frame');
      await page.click('#reset');
      await page.hover('#graph', { position: right });
      expect(await text(page, '#tooltip strong')).toBe('<invalid stack>');
    });
  });

  it('highlights matches and counts nested ones once', async () => {
    await visit(shop(), async (page) => {
      await page.selectOption('#metric', { label: 'Wall time' });
      expect(await pixel(page, 2, 2)).not.toEqual(MATCH_BLUE);
      await page.fill('#search', 'LOAD');
      expect(await text(page, '#matched')).toBe('Matched 650 ms, 65.0 % (95 %: 55.3–73.6 %)');
      expect(await pixel(page, 2, 2)).toEqual(MATCH_BLUE);
      expect(await pixel(page, 2, 1)).not.toEqual(MATCH_BLUE);
      expect(await text(page, '#functions-note')).toBe('1 of 1 functions that match the search');
      await page.fill('#search', '/^(main|load|parse)$/');
      expect(await text(page, '#matched')).toMatch(/^Matched 980 ms, 98\.0 %/);
      await page.fill('#search', '/(/');
      expect(await text(page, '#matched')).toMatch(/invalid regular expression/i);
      await page.press('#search', 'Escape');
      expect(await text(page, '#matched')).toBe('');
    });
  });

  it('inverts', async () => {
    await visit(shop(), async (page) => {
      await page.selectOption('#metric', { label: 'Wall time' });
      await page.click('#invert');
      expect(await page.getAttribute('#invert', 'aria-pressed')).toBe('true');
      await press(page, 'ArrowDown');
      expect(await cursor(page)).toMatch(/^parse; \/srv\/parse.py:3; Ends in this path 700.ms, 70\.0.%/);
      await press(page, 'ArrowDown');
      expect(await cursor(page)).toMatch(/^load; .*Ends in this path 500.ms/);
      await press(page, 'ArrowRight');
      expect(await cursor(page)).toMatch(/^serve; .*Ends in this path 200.ms/);
    });
  });

  it('splits by thread', async () => {
    await visit(shop(), async (page) => {
      await page.check('#split');
      await press(page, 'ArrowDown', 'ArrowRight');
      expect(await cursor(page)).toMatch(/^thread a2 in process 40; Self 0.µs.*Total 200.ms/);
    });
  });

  it('lists functions, sortable, recursion counted once', async () => {
    await visit(shop(), async (page) => {
      await page.selectOption('#metric', { label: 'Wall time' });
      const rows = (): Promise<string[]> =>
        page.$$eval('#functions-body tr', (found) =>
          found.map((row) =>
            [...row.querySelectorAll('.link, .weight')]
              .map((cell) => cell.textContent!.replace(/\u00a0/g, ' '))
              .join(' | '),
          ),
        );
      expect((await rows()).slice(0, 2)).toEqual(['parse | 700 ms | 700 ms', 'load | 150 ms | 650 ms']);
      await page.click('#sort-total');
      expect((await rows())[0]).toBe('main | 0 µs | 780 ms');
      await page.click('#sort-name');
      expect((await rows()).slice(0, 3).map((row) => row.split(' | ')[0])).toEqual([
        '<garbage collection>',
        '<invalid stack>',
        'load',
      ]);
      await page.click('#functions-body .link >> text=parse');
      expect(await page.inputValue('#search')).toBe('parse');
    });
  });

  it('lets hostile names do nothing', async () => {
    const builder = new ProfileBuilder();
    const { tables } = builder;
    const name = tables.internString(`${HOSTILE}\u2028${'x'.repeat(500)}`);
    builder.addMetadata('x-command', HOSTILE);
    builder.addDiagnostic({ code: 'ERR_X', message: HOSTILE, count: 1 });
    const thread = tables.internThread(1, 0, HOSTILE);
    tables.setThreadName(thread, HOSTILE);
    const frame = tables.internFrame(tables.internFunction(name, name, 1), 1);
    builder.addSample(tables.internStack(EMPTY_STACK, frame), thread, 1000, 0, 0);
    await visit(
      builder.build(),
      async (page) => {
        await press(page, 'ArrowDown', 'Enter');
        await page.hover('#graph', { position: { x: 60, y: 30 } });
        expect(await cursor(page)).toContain(HOSTILE);
        expect(await page.$$eval('img, body script', (found) => found.map((element) => element.id))).toEqual([
          'profile',
          '',
        ]);
        expect(await page.evaluate(() => 'broken' in window)).toBe(false);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
      },
      { viewport: { width: 320, height: 700 } },
    );
  });

  it('would not run a script or fetch a picture even if a name became markup', async () => {
    const refused = expect.stringMatching(/^console: .*Content Security Policy/);
    await visit(
      shop(),
      async (page) => {
        await page.evaluate(() => {
          const script = document.createElement('script');
          script.textContent = 'window.broken = 1';
          document.body.append(script);
          document.body.insertAdjacentHTML(
            'beforeend',
            '<img src="http://127.0.0.1:9/x" onerror="window.broken=1">',
          );
          return new Promise((done) => setTimeout(done, 200));
        });
        expect(await page.evaluate(() => 'broken' in window)).toBe(false);
      },
      { expected: [refused, refused, refused, 'request refused: csp', 'request: http://127.0.0.1:9/x'] },
    );
  });

  it.each([320, 768, 3840])('needs no scrolling sideways at %d px', async (width) => {
    await visit(
      shop(),
      async (page) => {
        await page.click('summary');
        await page.fill('#search', 'load');
        await press(page, 'ArrowDown');
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        expect(await page.$eval('#graph-canvas', (canvas) => canvas.clientWidth)).toBeGreaterThan(
          width * 0.7,
        );
      },
      { viewport: { width, height: 900 } },
    );
  });

  it('draws as many pixels as the screen has, light or dark', async () => {
    const colours: number[][] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await visit(
        shop(),
        async (page) => {
          colours.push(await pixel(page, 2, 0));
          expect(
            await page.$eval(
              '#graph-canvas',
              (canvas) => (canvas as HTMLCanvasElement).width / canvas.clientWidth,
            ),
          ).toBeCloseTo(2, 1);
        },
        { colorScheme, deviceScaleFactor: 2 },
      );
    }
    const [light, dark] = colours.map((colour) => colour.reduce((sum, part) => sum + part, 0));
    expect(light! - dark!).toBeGreaterThan(300);
  });

  it('says that a profile is empty, and why', async () => {
    const builder = new ProfileBuilder();
    builder.addDiagnostic({ code: 'ERR_X', message: 'the file ends early', count: 1 });
    await visit(builder.build(), async (page) => {
      expect(await text(page, '#empty')).toContain('No sample was recorded');
      expect(await text(page, '#notes')).toBe('the file ends early');
      expect(await page.isVisible('#views')).toBe(false);
    });
  });

  it('opens 100 000 distinct stacks, and a stack of 10 000 frames', async () => {
    const builder = new ProfileBuilder();
    const { tables } = builder;
    const thread = tables.internThread(1, 0, 'a');
    const frames = Array.from({ length: 3000 }, (_, i) => {
      const fn = tables.internFunction(
        tables.internString(`function_${i}`),
        tables.internString(`m${i % 90}.py`),
      );
      return tables.internFrame(fn, i + 1);
    });
    let state = 1;
    for (let i = 0; i < 100_000; i++) {
      let stack = EMPTY_STACK;
      for (let depth = 0; depth < 20; depth++) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        const choices = depth < 12 ? 2 : 40;
        stack = tables.internStack(stack, frames[depth * 150 + ((state >>> 16) % choices)]!);
      }
      builder.addSample(stack, thread, 100, 0, 0);
    }
    let deep = EMPTY_STACK;
    for (let depth = 0; depth < 10_000; depth++) deep = tables.internStack(deep, frames[depth % 3000]!);
    for (let i = 0; i < 1000; i++) builder.addSample(deep, thread, 100, 0, 0);
    await visit(builder.build(), async (page) => {
      expect(await text(page, '#summary')).toBe('Wall time: 10.1 s in 101 000 samples');
      const times = await page.evaluate(async () => {
        const frame = (): Promise<unknown> => new Promise((done) => requestAnimationFrame(done));
        const timed = async (act: () => void): Promise<number> => {
          const start = performance.now();
          act();
          await frame();
          await frame();
          return Math.round(performance.now() - start);
        };
        const graph = document.querySelector<HTMLElement>('#graph')!;
        const search = document.querySelector<HTMLInputElement>('#search')!;
        return {
          load: Math.round(performance.now()),
          search: await timed(() => {
            search.value = '/function_1\\d+2/';
            search.dispatchEvent(new Event('input'));
          }),
          scroll: await timed(() => graph.scrollTo(0, 100_000)),
          invert: await timed(() => document.querySelector<HTMLElement>('#invert')!.click()),
        };
      });
      console.log('milliseconds for 101 000 samples:', JSON.stringify(times));
      expect(times.load).toBeLessThan(60_000);
    });
  });
});
