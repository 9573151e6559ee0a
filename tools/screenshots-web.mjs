// Makes the pictures of docs/web.md: `pnpm build && node tools/screenshots-web.mjs`. Needs Chromium (`CHROMIUM` names another one).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';

const root = dirname(import.meta.dirname);
const folder = join(root, 'docs/images');
mkdirSync(folder, { recursive: true });

const austin = spawn(
  process.execPath,
  ['packages/cli/dist/cli.js', 'web', '-f', '--', 'python3', 'examples/queens.py', '11'],
  { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const url = await printedAddress();
  for (const [name, colorScheme] of [
    ['web', 'light'],
    ['web-dark', 'dark'],
  ]) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 }, colorScheme });
    await page.goto(url);
    // Until there is something to see.
    await page.waitForFunction(() => {
      const shown = document.querySelector('#functions-body')?.textContent ?? '';
      return shown.includes('is_safe') && shown.includes('count_by_recursion');
    });
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.close();
  }
} finally {
  await browser.close();
  austin.kill('SIGINT');
  await once(austin, 'exit');
}

async function printedAddress() {
  let text = '';
  for await (const chunk of austin.stderr) {
    text += chunk;
    const found = /the page is at (\S+)/.exec(text)?.[1];
    if (found) {
      austin.stderr.resume();
      return found;
    }
  }
  throw new Error(`austin has ended: ${text}`);
}
