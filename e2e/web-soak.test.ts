import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readProfile } from '../packages/convert/dist/index.js';
import { PYTHON, script, temporaryFolder } from './cli-helpers.js';
import { SOAK_SECONDS } from './counts.js';
import { chromium, text } from './html-page.js';
import { expectNoTrouble, fact, liveState, liveVisitor, SHOP, shown, startWeb } from './web-page.js';

/** As many looks at the server's memory as make a curve. */
const LOOKS = 60;

/** Below this the memory of a process that has just started is still growing towards what it needs. */
const LEAST_SECONDS_FOR_MEMORY = 300;

function residentMib(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

describe.skipIf(!chromium)(
  'a long recording in a browser',
  { timeout: SOAK_SECONDS * 2000 + 120_000 },
  () => {
    const visit = liveVisitor();

    it(`for ${SOAK_SECONDS} s at 1 kHz: each sample is in the page, and memory stays flat`, async () => {
      const program = script(temporaryFolder(), SHOP('odd'));
      const { child, pid, finished, url } = await startWeb(['web', '--', PYTHON, program]);
      const visited = await visit(url, { acceptDownloads: true });
      const { page } = visited;
      await shown(page);
      const memory: number[] = [];
      for (let look = 0; look < LOOKS; look++) {
        await delay((SOAK_SECONDS * 1000) / LOOKS);
        memory.push(residentMib(pid));
      }
      await liveState(page, 'running');
      await page.click('#stop');
      await liveState(page, 'ended');
      await page.selectOption('#format', 'mojo');
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
      const { samples } = await readProfile([readFileSync(await download.path())], { strict: true });
      expect(await fact(page, 'Samples')).toBe(samples.length);
      const told = await text(page, '#live-facts');
      expectNoTrouble(visited);
      child.kill('SIGINT');
      const { stderr } = await finished;
      const half = memory.slice(memory.length / 2);
      const [least, most] = [Math.min(...half), Math.max(...half)];
      console.log(
        `${samples.length} samples, ${told}; server: ${memory[0]!.toFixed(0)} MiB at first, ` +
          `${least.toFixed(0)} to ${most.toFixed(0)} MiB in the second half\n${stderr}`,
      );
      if (SOAK_SECONDS >= LEAST_SECONDS_FOR_MEMORY) {
        // What was collected last makes one look differ from the next; what is kept would move them all.
        const before = median(memory.slice(memory.length / 4, memory.length / 2));
        expect(median(memory.slice((memory.length * 3) / 4))).toBeLessThan(before * 1.1);
      }
    });
  },
);
