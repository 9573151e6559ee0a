import { spawn } from 'node:child_process';
import { say } from '../output/stdio.js';

/** What each system opens an address with. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Opens an address in the browser of the user, who is told if that is not possible. `BROWSER` names another program. */
export function openBrowser(url: string): void {
  const [program, ...args] = process.env.BROWSER
    ? [process.env.BROWSER]
    : (OPENERS[process.platform] ?? ['xdg-open']);
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => say(`austin: no browser was opened: ${program} cannot be started`));
  child.unref();
}
