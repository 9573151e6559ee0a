import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { EMPTY_STACK, type Profile, ProfileBuilder, SampleFlag } from '../packages/profile/dist/index.js';
import { chromium, cursor, details, HOSTILE, press, text, visitor } from './html-page.js';

interface Frame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly columns?: readonly [column: number, end: number];
}

const APP = '/srv/shop/app.py';
const LIBRARY = '/srv/venv/lib/python3.12/site-packages/flask/app.py';
const run: Frame = { name: 'run', file: APP, line: 2 };
const first: Frame = { name: 'first', file: APP, line: 5, columns: [12, 20] };
const second: Frame = { name: 'second', file: APP, line: 8 };
const route: Frame = { name: 'route', file: LIBRARY, line: 90 };

const SOURCE = `def run():
    first() or second()

def first():
    return (sum(x) + 1)

def second():
    return "</script><!--" + '\u202egnp.exe' \u2028 # \ud800
`;

/** Two threads of 1 s each, 10 ms a sample: one calls `first` for 600 ms, then `second`; one is in a library. */
function halves(): Profile {
  const builder = new ProfileBuilder();
  builder.addMetadata('mode', 'full');
  const one = builder.tables.internThread(40, 0, 'a1');
  const two = builder.tables.internThread(40, 0, 'a2');
  builder.tables.setThreadName(one, 'MainThread');
  builder.addMetadata('x-thread-start:40:0:a2', '0');
  const add = (thread: typeof one, frames: readonly Frame[], flags = 0) => {
    const { tables } = builder;
    let stack = EMPTY_STACK;
    for (const { name, file, line, columns = [0, 0] } of frames) {
      const fn = tables.internFunction(tables.internString(name), tables.internString(file), line - 1);
      stack = tables.internStack(stack, tables.internFrame(fn, line, line, ...columns));
    }
    builder.addSample(stack, thread, 10_000, 0, flags);
  };
  for (let i = 0; i < 100; i++) {
    if (i < 60) add(one, [run, first], i < 10 ? SampleFlag.Gc : 0);
    else add(one, [run, second], i < 80 ? SampleFlag.Idle : 0);
    add(two, [run, route], i === 99 ? SampleFlag.Invalid : 0);
  }
  return builder.build();
}

const readSource = (file: string) => (file === APP ? { text: SOURCE } : { problem: 'no such file' });

/** Drags over the lanes, from and to a place between 0 and 1. */
async function drag(page: Page, from: number, to: number): Promise<void> {
  await page.locator('#time-section').scrollIntoViewIfNeeded();
  const box = (await page.locator('#track').boundingBox())!;
  const y = box.y + 8;
  await page.mouse.move(box.x + from * box.width, y);
  await page.mouse.down();
  await page.mouse.move(box.x + ((from + to) / 2) * box.width, y);
  await page.mouse.move(box.x + to * box.width, y);
  await page.mouse.up();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

describe.skipIf(!chromium)('the HTML page over time and by line', { timeout: 120_000 }, () => {
  const visit = visitor();
  const wall = (page: Page) => page.selectOption('#metric', { label: 'Wall time' });
  const total = async (page: Page): Promise<string> => (await details(page)).Total![0]!;
  const milliseconds = async (page: Page): Promise<number> => {
    const [value, unit] = (await total(page)).split(' ');
    return Number(value) * (unit === 's' ? 1000 : unit === 'ms' ? 1 : 0.001);
  };

  it('shows the part of the time that is selected, by pointer', async () => {
    await visit(halves(), async (page) => {
      await wall(page);
      expect(await total(page)).toBe('2 s');
      await drag(page, 0.1, 0.4);
      expect(await text(page, '#range')).toMatch(/^Selected: .* ms to .* ms, 30\.\d % of the time\.$/);
      // 30 samples of each thread, or one more or less where an edge falls within a sample.
      expect(await milliseconds(page)).toBeGreaterThanOrEqual(580);
      expect(await milliseconds(page)).toBeLessThanOrEqual(640);
      expect(await text(page, '#functions-body')).not.toContain('second');
      expect(await text(page, '#summary')).toMatch(/in [56]\d samples$/);
      await drag(page, 0.7, 1);
      expect(await text(page, '#functions-body')).not.toContain('first');
      await page.click('#whole-time');
      await page.waitForFunction(() => document.querySelector('#summary')!.textContent!.includes('200'));
      expect(await total(page)).toBe('2 s');
    });
  });

  it('shows the part of the time that is selected, by keyboard alone', async () => {
    await visit(halves(), async (page) => {
      await wall(page);
      await page.focus('#edge-from');
      for (let i = 0; i < 7; i++) await page.keyboard.press('PageUp');
      await page.waitForFunction(
        () => !document.querySelector('#functions-body')!.textContent!.includes('first'),
      );
      expect(await page.getAttribute('#edge-from', 'aria-valuetext')).toMatch(/^[67]\d\d.ms$/);
      await page.keyboard.press('Escape');
      await page.waitForFunction(() =>
        document.querySelector('#functions-body')!.textContent!.includes('first'),
      );
      await page.focus('#edge-to');
      await page.keyboard.press('Shift+ArrowLeft');
      await page.waitForFunction(() =>
        document.querySelector('#range')!.textContent!.startsWith('Selected: 0'),
      );
      expect(await milliseconds(page)).toBeGreaterThan(1700);
      expect(await milliseconds(page)).toBeLessThan(1900);
    });
  });

  it('selects a thread by its lane, and everything again', async () => {
    await visit(halves(), async (page) => {
      await page.click('#track', { position: { x: 300, y: 35 } });
      expect(await page.inputValue('#threads')).toBe('t1');
      expect(await text(page, '#functions-body')).not.toContain('first');
      await page.hover('#track', { position: { x: 20, y: 10 } });
      expect(await text(page, '#tooltip')).toMatch(/^MainThread \(a1\)process 40, .*garbage collection: /);
      await page.click('#track', { position: { x: 300, y: 35 } });
      expect(await page.inputValue('#threads')).toBe('all');
    });
  });

  it('draws what threads did: the collector, invalid stacks, and time off the CPU', async () => {
    await visit(halves(), async (page) => {
      await wall(page);
      const colours = await page.evaluate(async () => {
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const canvas = document.querySelector<HTMLCanvasElement>('#lanes-canvas')!;
        const { width, height } = canvas;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
        const found = new Set<string>();
        for (let i = 0; i < data.length; i += 4) found.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
        return [...found];
      });
      for (const colour of ['232,145,43', '233,210,131', '91,63,140', '163,38,26', '217,213,204']) {
        expect(colours).toContain(colour);
      }
      await page.selectOption('#metric', { label: 'Off-CPU time' });
      expect((await details(page)).Total!.slice(0, 2)).toEqual(['200 ms', '100 %']);
      await press(page, 'ArrowDown', 'ArrowDown');
      expect(await cursor(page)).toMatch(/^second; /);
    });
  });

  it('merges by module, by line, and into the code that one wrote', async () => {
    await visit(halves(), async (page) => {
      await wall(page);
      await page.selectOption('#rows', 'module');
      await press(page, 'ArrowDown');
      expect(await cursor(page)).toMatch(/^app; .*Self 900.ms.*Total 1\.99.s/);
      await press(page, 'ArrowDown');
      expect(await cursor(page)).toMatch(/^flask\.app; .*Total 990.ms/);
      await page.selectOption('#rows', 'line');
      await press(page, 'Home', 'ArrowDown', 'ArrowDown');
      expect(await cursor(page)).toMatch(/^route:90; /);
      await page.selectOption('#rows', 'function');
      await page.check('#own');
      await press(page, 'Home', 'ArrowDown');
      expect(await cursor(page)).toMatch(/^run; .*Self 990.ms.*Total 1\.99.s/);
      expect(await text(page, '#functions-body')).not.toContain('route');
    });
  });

  const lines = (page: Page): Promise<string[]> =>
    page.$$eval('#source-content .source-line', (rows) =>
      rows
        .sort((a, b) => Number(a.ariaRowIndex) - Number(b.ariaRowIndex))
        .map((row) =>
          [...row.children]
            .map((cell) => cell.textContent)
            .join('|')
            .replace(/\u00a0/g, ' '),
        ),
    );

  it('shows the sources with the weight of each line, and of expressions where columns are known', async () => {
    await visit(
      halves(),
      async (page) => {
        await wall(page);
        const shown = await lines(page);
        expect(shown.slice(0, 5)).toEqual([
          '1|||def run():',
          '2||100 %|    first() or second()',
          '3|||',
          '4|||def first():',
          '5|25.0 %|30.0 %|    return (sum(x) + 1)',
        ]);
        expect(
          await page.$$eval('.source-line .column', (marks) => marks.map((mark) => mark.textContent)),
        ).toEqual(['(sum(x) ']);
        // What would hide or turn text around is written out.
        expect(shown[7]).toBe(
          `8|20.0 %|20.0 %|    return "</script><!--" + '\\u202egnp.exe' \\u2028 # \\ud800`,
        );
        expect(await text(page, '#hottest')).toContain('shop/app.py:5');
        await drag(page, 0.7, 1);
        expect((await lines(page))[4]).toBe('5|||    return (sum(x) + 1)');
        await page.selectOption('#file', { index: 1 });
        expect(await text(page, '#source-note')).toMatch(/could not be embedded: no such file/);
        expect(await lines(page)).toEqual(
          ['90|48.3 %|50.0 %|in route'].map(() => expect.stringMatching(/^90\|.*\|in route$/)),
        );
        expect(await text(page, '#notes')).toBe('1 source files could not be embedded.');
      },
      { write: { readSource } },
    );
  });

  it('leads from a frame to its line, and from hot line to hot line', async () => {
    await visit(
      halves(),
      async (page) => {
        await wall(page);
        await press(page, 'ArrowDown', 'ArrowDown', 'ArrowRight');
        expect(await cursor(page)).toMatch(/^first; /);
        await page.click('#details .link >> text=5');
        expect(await text(page, '.source-line.marked .number')).toBe('5');
        await page.focus('#source');
        await page.keyboard.press('n');
        expect(await text(page, '.source-line.marked .number')).toBe('8');
        await page.keyboard.press('p');
        expect(await text(page, '.source-line.marked .number')).toBe('5');
      },
      { write: { readSource } },
    );
  });

  it('says how to embed sources when there are none, and shows the lines by function', async () => {
    await visit(halves(), async (page) => {
      expect(await text(page, '#source-note')).toContain('--sources');
      const shown = await lines(page);
      expect(shown.map((line) => line.replace(/\|.*\|/, ' '))).toEqual([
        '2 in run',
        '5 in first',
        '8 in second',
      ]);
    });
  });

  it('keeps a file of 50 000 lines out of the document but for those in view', async () => {
    const text = `${'x = 1\n'.repeat(50_000)}`;
    await visit(
      halves(),
      async (page) => {
        expect(await page.$$eval('.source-line', (rows) => rows.length)).toBeLessThan(100);
        await page.$eval('#source', (host) => host.scrollTo(0, host.scrollHeight));
        await page.waitForSelector('.source-line >> text=50000');
        expect(await page.$$eval('.source-line', (rows) => rows.length)).toBeLessThan(100);
      },
      { write: { readSource: () => ({ text }) } },
    );
  });

  it('lets names of 64 KB, turned around and broken, and sources like them, do nothing', async () => {
    const builder = new ProfileBuilder();
    const { tables } = builder;
    const names = [
      `${HOSTILE}${'x'.repeat(65_536)}`,
      `\u202e${HOSTILE}\u2066\ud800\udc00\ud800"'`,
      `\udc00;\n\r\t\u0000\u001b[31m${HOSTILE}\u2028-->]]>`,
    ];
    for (const [i, name] of names.entries()) {
      const thread = tables.internThread(i, 0, name);
      tables.setThreadName(thread, name);
      const fn = tables.internFunction(tables.internString(name), tables.internString(`${name}.py`), 1);
      for (let k = 0; k < 3; k++) {
        builder.addSample(
          tables.internStack(EMPTY_STACK, tables.internFrame(fn, 1, 1, 2, 9)),
          thread,
          1000,
          0,
          0,
        );
      }
    }
    await visit(
      builder.build(),
      async (page) => {
        for (const rows of ['line', 'module', 'function']) {
          await page.selectOption('#rows', rows);
          await press(page, 'ArrowDown', 'Enter', 'ArrowRight', 'Escape', 'ArrowRight');
          await page.hover('#graph', { position: { x: 60, y: 30 } });
          await page.hover('#track', { position: { x: 60, y: 10 } });
        }
        await page.check('#split');
        for (const index of [0, 1, 2]) await page.selectOption('#file', { index });
        await page.fill('#search', 'broken');
        expect(await text(page, '#matched')).toMatch(/^Matched 9 ms, 100 %/);
        expect(await page.evaluate(() => 'broken' in window)).toBe(false);
        expect(await page.$$eval('img, body script', (found) => found.map((element) => element.id))).toEqual([
          'profile',
          '',
        ]);
        // Nothing that turns text around or stands for no character reaches the screen.
        expect(
          await page.evaluate(() =>
            /[\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])/.test(
              document.querySelector('#views')!.textContent!,
            ),
          ),
        ).toBe(false);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
      },
      {
        viewport: { width: 320, height: 700 },
        write: { readSource: (file) => ({ text: `${file}\n${file}` }) },
      },
    );
  });
});
