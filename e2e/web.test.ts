import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LiveProfile, readProfile } from '../packages/convert/dist/index.js';
import { MojoReader } from '../packages/mojo/dist/index.js';
import type { FunctionId, Profile } from '../packages/profile/dist/index.js';
import { startRecording } from '../packages/sampler/dist/index.js';
import { startWebServer } from '../packages/web/dist/index.js';
import {
  austin,
  fileText,
  linesOf,
  PYTHON,
  runs,
  script,
  start,
  startAustin,
  startTool,
  temporaryFolder,
  tool,
} from './cli-helpers.js';
import { chromium, cursor, HOSTILE, press, text } from './html-page.js';
import { findPythons } from './pythons.js';
import {
  addressOf,
  expectNoTrouble,
  fact,
  liveState,
  liveVisitor,
  moreSamples,
  SHOP,
  shown,
  startWeb,
} from './web-page.js';

const pythons = await findPythons();
const [oldest] = pythons;
const newest = pythons.at(-1);
const ends = [...new Set([oldest, newest])].filter((python) => python !== undefined);

const ODD = `${HOSTILE};"'\n\u202e\u2028`;

function functionNames({ tables }: Profile): string[] {
  return Array.from({ length: tables.functionCount }, (_, fn) =>
    tables.string(tables.functionName(fn as FunctionId)),
  );
}

describe.skipIf(!chromium)('austin web in a browser', { timeout: 120_000 }, () => {
  const visit = liveVisitor();

  it.each(ends)(
    'shows $name while it runs: grows, searches, zooms, selects, pauses, downloads',
    async (python) => {
      const folder = temporaryFolder();
      const program = script(folder, SHOP(ODD));
      const { child, finished, url } = await startWeb(['web', '-f', '--', python.path, program]);
      const visited = await visit(url, { acceptDownloads: true });
      const { page } = visited;
      await shown(page);
      await liveState(page, 'running');
      const before = await fact(page, 'Samples');

      // It grows by what comes: the page is not loaded again.
      await page.evaluate(() => Object.assign(globalThis, { isSame: true }));
      await moreSamples(page, before + 200);
      expect(await page.evaluate(() => 'isSame' in globalThis)).toBe(true);
      await page.waitForFunction(() => document.querySelector('#threads')!.textContent!.includes('napper'));

      await page.fill('#search', 'parse');
      await page.waitForFunction(() =>
        document.querySelector('#matched')!.textContent!.startsWith('Matched '),
      );
      expect(await text(page, '#functions-body')).toContain('parse');
      await page.fill('#search', '');

      // Down to the hostile name, and into it. What it says is text.
      await page.selectOption('#threads', { label: await mainThread(page) });
      await press(page, 'ArrowDown', 'ArrowDown', 'Enter');
      expect(await page.isDisabled('#reset')).toBe(false);
      expect(await cursor(page)).toContain('</script><img src=x onerror=');
      await moreSamples(page, await fact(page, 'Samples'));
      // The zoom and the focus stay while it grows.
      expect(await page.isDisabled('#reset')).toBe(false);
      expect(await cursor(page)).toContain('</script><img src=x onerror=');
      expect(await page.evaluate(() => 'broken' in globalThis)).toBe(false);
      await page.click('#reset');

      // A part of the time stays the same part while it goes on.
      const whole = await text(page, '#range');
      expect(whole).toMatch(/^Everything is shown/);
      await page.focus('#edge-from');
      await page.keyboard.press('PageUp');
      await page.keyboard.press('PageUp');
      await page.focus('#edge-to');
      for (let i = 0; i < 4; i++) await page.keyboard.press('PageDown');
      expect(await text(page, '#range')).toMatch(/^Selected: /);
      await moreSamples(page, await fact(page, 'Samples'));
      expect(await text(page, '#range')).toMatch(/^Selected: /);
      await page.click('#whole-time');

      // Two moments, and what has changed between them: nothing much in this program.
      await page.click('#mark');
      expect(await text(page, '#moments-note')).toMatch(/^Marked at /);
      await moreSamples(page, (await fact(page, 'Samples')) + 100);
      await page.click('#mark');
      expect(await text(page, '#changes')).toContain('parse');
      expect(await text(page, '#moments-note')).toMatch(/^From 0 µs to .* \(before\)/);

      // The text of the hottest file, once somebody looks.
      await page.locator('#source-section').scrollIntoViewIfNeeded();
      await page.waitForFunction(() =>
        document
          .querySelector('#source-content')!
          .textContent!.includes('return sum(i * i for i in range(n))'),
      );

      await page.click('#pause');
      await liveState(page, 'paused');
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
      const paused = await fact(page, 'Samples');
      await page.click('#forget');
      // The state of the program is still told.
      for (let i = 0; i < 2; i++) {
        const told = await text(page, '#live-facts');
        await page.waitForFunction(
          (seen) =>
            document.querySelector('#live-facts')!.textContent!.replace(/[\u00a0\u202f]/g, ' ') !== seen,
          told,
        );
      }
      expect(await fact(page, 'Samples')).toBe(paused);
      await page.click('#pause');
      await liveState(page, 'running');
      await page.waitForFunction(
        (most) =>
          Number(
            document
              .querySelector('#facts')!
              .textContent!.replace(/[\u202f]/g, '')
              .match(/Samples(\d+)/)![1],
          ) < most,
        paused,
      );

      for (const format of ['mojo', 'speedscope', 'pprof']) {
        await page.selectOption('#format', format);
        const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
        const profile = await readProfile([readFileSync(await download.path())], { strict: true });
        expect(profile.diagnostics).toEqual([]);
        const names = functionNames(profile);
        expect(names).toEqual(expect.arrayContaining(['parse', 'load']));
        expect(names.some((name) => name.includes(HOSTILE))).toBe(true);
        // Everything, also what the page was told to forget.
        expect(profile.samples.length).toBeGreaterThan(0);
      }

      // Ctrl-C is meant for the program too, and then everything ends.
      expectNoTrouble(visited);
      child.kill('SIGINT');
      const { code, stderr } = await finished;
      expect(code).toBe(130);
      expect(stderr).toContain('austin: recorded');
      await liveState(page, 'lost');
      expect(await text(page, '#functions-body')).toContain('parse');
    },
  );

  const mainThread = async (page: import('playwright-core').Page): Promise<string> => {
    await page.waitForFunction(() => document.querySelector('#threads')!.textContent!.includes('MainThread'));
    return page.$$eval('#threads option', (options) =>
      options.map((option) => option.textContent!).find((label) => label.startsWith('MainThread')),
    ) as Promise<string>;
  };

  it('opens what was recorded in speedscope, which asks nobody else', async () => {
    const folder = temporaryFolder();
    const { child, finished, url } = await startWeb(['web', '--', PYTHON, script(folder, SHOP('odd'))]);
    const visited = await visit(url);
    await shown(visited.page);
    const [viewer] = await Promise.all([
      visited.context.waitForEvent('page'),
      visited.page.click('#speedscope'),
    ]);
    await viewer.waitForFunction(() => document.title.includes('app') || document.title.includes('austin'));
    await viewer.waitForSelector('canvas');
    expectNoTrouble(visited);
    child.kill('SIGTERM');
    await finished;
  });

  it('waits for the first sample, says when all is over, and keeps what it shows', async () => {
    const folder = temporaryFolder();
    const program = script(
      folder,
      'import sys\nsys.stdin.read(1)\ndef work():\n    for i in range(2 * 10**7): pass\nwork()\nwork()\n',
    );
    // Idle threads are no samples of CPU time.
    const args = ['web', '-c', '--', PYTHON, program];
    const { child, finished, url } = await startWeb(args, { keepsInput: true });
    const visited = await visit(url);
    const { page } = visited;
    await page.waitForSelector('#live[data-state="waiting"], #live[data-state="running"]');
    child.stdin!.end('x');
    await shown(page);
    await liveState(page, 'ended');
    expect(await text(page, '#live-state')).toContain('The program has ended.');
    await page.waitForFunction(() =>
      document.querySelector('#functions-body')!.textContent!.includes('work'),
    );
    // The command has ended, and can be started again.
    await page.click('#restart');
    await page.waitForSelector('#live:not([data-state="ended"])');
    expectNoTrouble(visited);
    child.kill('SIGTERM');
    await finished;
  });

  it('records a process that is chosen in the page, stops, and goes on with it', async () => {
    const folder = temporaryFolder();
    const target = start(PYTHON, [script(folder, SHOP('odd'))]);
    await linesOf(target, 1);
    const { child, finished, url } = await startWeb(['web']);
    const visited = await visit(url);
    const { page } = visited;
    await liveState(page, 'idle');
    await page.click(`#processes button[aria-label="Record process ${target.pid}"]`);
    await shown(page);
    await page.waitForFunction(() =>
      document.querySelector('#functions-body')!.textContent!.includes('parse'),
    );
    await page.click('#stop');
    await liveState(page, 'ended');
    expect(runs(target.pid)).toBe(true);
    await page.click('#restart');
    await liveState(page, 'running');
    expectNoTrouble(visited);
    child.kill('SIGTERM');
    expect((await finished).code).toBe(0);
    expect(runs(target.pid)).toBe(true);
  });

  it('goes on where it was when the connection was lost', async () => {
    const folder = temporaryFolder();
    const target = start(PYTHON, [script(folder, SHOP('odd'))]);
    await linesOf(target, 1);
    const profile = new LiveProfile();
    const reader = new MojoReader(profile, { live: true });
    const recording = startRecording({
      pid: target.pid,
      intervalUs: 1000,
      onChunk: (chunk) => reader.push(chunk),
    });
    const nothing = async (): Promise<never> => {
      throw new Error('this is not asked for here');
    };
    const server = await startWebServer({
      session: {
        live: () => profile,
        status: () => ({ title: 'shop', phase: 'running', can: [] }),
        readSource: () => ({ problem: 'none' }),
        control: nothing,
        download: nothing,
        processes: nothing,
      },
    });
    try {
      const visited = await visit(server.url);
      const { page } = visited;
      await shown(page);
      await press(page, 'ArrowDown', 'Enter');
      server.dropViewers();
      await liveState(page, 'lost');
      const before = await fact(page, 'Samples');
      await liveState(page, 'running');
      await moreSamples(page, before);
      expect(await page.isDisabled('#reset')).toBe(false);
      await server.close();
      await liveState(page, 'lost');
      expect(await text(page, '#live-state')).toContain('what it shows is what came before');
      expect(await text(page, '#functions-body')).toContain('parse');
      for (const wish of ['download', 'speedscope', 'pause']) {
        expect(await page.getAttribute(`#${wish}`, 'aria-disabled')).toBe('true');
        await page.evaluate(() => document.querySelector('#live-answer')!.setAttribute('hidden', ''));
        // As the keyboard does it, which what is disabled would keep from it.
        await page.focus(`#${wish}`);
        await page.keyboard.press('Enter');
        await page.waitForSelector('#live-answer:not([hidden])');
        expect(await text(page, '#live-answer')).toBe('austin does not answer: it may have ended.');
      }
      expect(page.context().pages()).toHaveLength(1);
    } finally {
      recording.stop();
      await recording.finished;
      await server.close();
    }
  });

  it('shows a file, and has it in other formats', async () => {
    const folder = temporaryFolder();
    const recording = join(folder, 'app.mojo');
    await austin(['record', '-o', recording, '--', PYTHON, '-c', 'for i in range(10**6): pass']);
    const { child, finished, url } = await startWeb(['view', recording]);
    const visited = await visit(url, { acceptDownloads: true, viewport: { width: 320, height: 640 } });
    const { page } = visited;
    await shown(page);
    await liveState(page, 'ended');
    expect(await text(page, '#live-state')).toContain('app.mojo');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    const { stdout } = await austin(['summary', recording, '--json']);
    const summary = JSON.parse(stdout.toString()) as { samples: number };
    expect(await fact(page, 'Samples')).toBe(summary.samples);
    await page.selectOption('#format', 'collapsed');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
    expect(readFileSync(await download.path(), 'utf8')).toContain('<module>');
    expectNoTrouble(visited);
    child.kill('SIGINT');
    expect((await finished).code).toBe(0);
  });
});

describe('austin-web, the front end of Austin', () => {
  it('serves with its own options', async () => {
    const folder = temporaryFolder();
    const program = script(folder, SHOP('odd'));
    const args = [
      '-C',
      '-e',
      '-i',
      '1ms',
      '-s',
      '-t',
      '5s',
      '-x',
      '600',
      '-H',
      '127.0.0.1',
      '-P',
      '0',
      '-S',
      PYTHON,
      program,
    ];
    const { child, finished, ...running } = startTool('austin-web', args);
    const ready = linesOf({ child, finished, ...running }, 1);
    const url = await addressOf({ child, finished, ...running });
    expect((await fetch(url)).status).toBe(200);
    // Before that, Python would end in another way.
    await ready;
    child.kill('SIGINT');
    expect((await finished).code).toBe(130);
  });

  it('compiles a page', async () => {
    const folder = temporaryFolder();
    const page = join(folder, 'page.html');
    const program = script(folder, 'def work():\n    return sum(range(10**7))\nwork()\n');
    const { code } = await tool('austin-web', ['-i', '1ms', '-c', page, PYTHON, program]);
    expect(code).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('return sum(range(10**7))');
  });

  it('refuses to serve and to compile at the same time, and to do nothing', async () => {
    for (const args of [['-S', '-c', 'page.html', 'true'], []]) {
      const { code, stderr } = await tool('austin-web', args);
      expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('ERR_USAGE') });
    }
  });
});

describe('austin web', () => {
  it('opens a browser with an address that is good once, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const browser = join(folder, 'browser');
    writeFileSync(browser, `#!/bin/sh\necho "$1" > ${folder}/opened\n`);
    chmodSync(browser, 0o755);
    const program = script(folder, 'import time\ntime.sleep(60)\n');
    const temporary = temporaryFolder();
    const { child, finished, url } = await startWeb(['web', '--open', '--', PYTHON, program], {
      env: { BROWSER: browser, TMPDIR: temporary },
    });
    const opened = (await fileText(join(folder, 'opened'))).trim();
    expect(opened).not.toContain(new URL(url).pathname.slice(1, -1));
    expect((await fetch(opened, { redirect: 'follow' })).url).toBe(url);
    expect((await fetch(opened)).status).toBe(403);
    child.kill('SIGTERM');
    expect((await finished).code).toBe(143);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('leaves nothing behind when it is killed, and has the whole recording until then', async () => {
    const folder = temporaryFolder();
    const program = script(folder, SHOP('f'));
    const temporary = temporaryFolder();
    const { child, finished, url } = await startWeb(['web', '--', PYTHON, program], {
      env: { TMPDIR: temporary },
    });
    for (;;) {
      const answer = await fetch(`${url}download?format=mojo`);
      const profile = answer.ok
        ? await readProfile([new Uint8Array(await answer.arrayBuffer())]).catch(() => undefined)
        : undefined;
      if (!profile || profile.samples.length < 100) continue;
      expect(profile.diagnostics).toEqual([]);
      break;
    }
    expect(readdirSync(temporary)).toEqual([]);
    child.kill('SIGKILL');
    await finished;
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('keeps the recording where it is told to', async () => {
    const folder = temporaryFolder();
    const output = join(folder, 'kept.mojo');
    const { finished, child } = await startWeb([
      'web',
      '-o',
      output,
      '--',
      PYTHON,
      '-c',
      'sum(range(10**7))',
    ]);
    let stderr = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    while (!stderr.includes('stays until')) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    expect((await finished).code).toBe(0);
    expect((await readProfile([readFileSync(output)], { strict: true })).samples.length).toBeGreaterThan(0);
  });

  it('writes the page as one file', async () => {
    const folder = temporaryFolder();
    const page = join(folder, 'page.html');
    const program = script(folder, 'def work():\n    return sum(range(10**7))\nwork()\n');
    const { code, stderr } = await austin(['web', '--compile', page, '--', PYTHON, program]);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('page.html') });
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('"work"');
    expect(html).toContain('return sum(range(10**7))');
  });

  it.each([
    [['web', '--port', '70000', '--', 'true'], 'ERR_USAGE_PORT'],
    [['web', 'no-profile.py'], 'ERR_USAGE_TARGET'],
    [['web', '-p', '1', 'python3'], 'ERR_USAGE_TARGET'],
    [['web', '--compile', 'page.html'], 'ERR_USAGE_TARGET'],
    [['web', '--compile', 'page.html', '--open', '--', 'true'], 'ERR_USAGE_COMPILE'],
    [['web', '-o', '-', '--', 'true'], 'ERR_USAGE_OUTPUT'],
  ])('refuses %j', async (args, code) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'no-profile.py'), 'import this\n');
    const ended = await austin(args, { cwd: folder });
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining(code) });
    expect(existsSync(join(folder, 'page.html'))).toBe(false);
  });

  it('listens where the environment says, on this machine; elsewhere only if the command line says so', async () => {
    const refused = await austin(['web', '--', 'true'], { env: { WEBAUSTIN_HOST: '0.0.0.0' } });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('ERR_USAGE_HOST') });
    const { url, child, finished } = await startWeb(['web'], { env: { WEBAUSTIN_HOST: '127.0.0.2' } });
    expect(new URL(url).hostname).toBe('127.0.0.2');
    child.kill('SIGTERM');
    expect((await finished).code).toBe(0);
    const open = startAustin(['web', '--host', '0.0.0.0']);
    expect(new URL(await addressOf(open)).hostname).toBe('0.0.0.0');
    open.child.kill('SIGTERM');
    expect((await open.finished).stderr).toMatch(/can be reached from other machines/);
  });
});
