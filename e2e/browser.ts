import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Chromium is, or undefined: `$CHROMIUM`, the Debian package, or whatever the shell finds. */
export function findChromium(): string | undefined {
  const { CHROMIUM } = process.env;
  for (const path of [CHROMIUM, '/usr/bin/chromium']) {
    if (path && existsSync(path)) return path;
  }
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const found = spawnSync('which', [name], { encoding: 'utf8' });
    if (found.status === 0) return found.stdout.trim();
  }
  return undefined;
}

/** Starts Chromium without a window, with `more` arguments, and without what it does on the network of its own accord. */
export function launchChromium(executablePath: string, more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });
}
