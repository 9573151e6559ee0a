import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { cpuClockOf, memoryOf } from './pty.mjs';
import { executable } from './search.mjs';

/** `$CHROMIUM`, or what is on PATH. */
export const chromiumPath = [
  process.env.CHROMIUM,
  ...['chromium', 'chromium-browser', 'google-chrome'].map(executable),
].find((path) => path && existsSync(path));

const VIEWPORT = { width: 1280, height: 1000 };
const LOOK_MS = 100;
/** Between two looks at a page that does nothing, its main thread uses less. */
const IDLE_MS = 3;

/**
 * Opens a page in a browser of its own, hands it to `use`, and ends the browser. What is handed over besides:
 *
 * - `work(act, isDone)` does something, waits until it shows and the page rests, and answers with the milliseconds of CPU time that
 *   the page's main thread has used for it (scripts, styles, layout, painting), and all processes of the browser.
 * - `memory()` is the memory of the page's process, shared pages counted in parts, after all that is not used has been collected.
 */
export async function withPage(url, use) {
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage({ viewport: VIEWPORT });
    const session = await page.context().newCDPSession(page);
    const processes = await browser.newBrowserCDPSession();
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const metric = async (name) => {
      const { metrics } = await session.send('Performance.getMetrics');
      return metrics.find((one) => one.name === name).value;
    };
    const usedMs = async () => (await metric('TaskDuration')) * 1000;
    const pidsOf = async (type) => {
      const { processInfo } = await processes.send('SystemInfo.getProcessInfo');
      return processInfo.filter((one) => !type || one.type === type).map(({ id }) => id);
    };
    await page.goto(url);
    return await use(page, {
      async work(act, isDone) {
        const clock = cpuClockOf(await pidsOf());
        const before = await usedMs();
        await act();
        let last = before;
        for (;;) {
          await sleep(LOOK_MS);
          const now = await usedMs();
          if (now - last < IDLE_MS && (await isDone()))
            return { mainMs: now - before, allMs: clock() * 1000 };
          last = await usedMs();
        }
      },
      async memory() {
        await session.send('HeapProfiler.collectGarbage');
        const renderers = await pidsOf('renderer');
        return {
          // Chromium keeps another one ready, which is smaller.
          bytes: Math.max(...renderers.map((pid) => memoryOf([pid]))),
          elements: await metric('Nodes'),
        };
      },
    });
  } finally {
    await browser.close();
  }
}
