// Makes the pictures of docs/top.md: runs the view on a terminal of tmux, and writes what it shows as SVG.
//   node tools/screenshots.mjs
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { svgOf } from './lib/terminal-svg.mjs';

const root = dirname(import.meta.dirname);
const SOCKET = `austin-screenshots-${process.pid}`;
const [COLUMNS, ROWS] = [104, 26];
/** By then the program has done a bit of everything. */
const PATIENCE_MS = 4000;
const DRAWN_MS = 400;

/** A picture for each, by the keys that lead to it. */
const PICTURES = { 'top-functions': ['1'], 'top-flame': ['4'] };

const tmux = (...args) => execFileSync('tmux', ['-L', SOCKET, ...args], { encoding: 'utf8' });
// Whoever makes the pictures has the checkout somewhere else.
const folder = mkdtempSync(join(tmpdir(), 'demo-'));
copyFileSync(join(root, 'examples/wordcount.py'), join(folder, 'wordcount.py'));
const command = `PATH=/usr/bin:/bin '${process.execPath}' '${root}/packages/cli/dist/cli.js' top python3 wordcount.py 100000`;

mkdirSync(join(root, 'docs/images'), { recursive: true });
tmux('-f', '/dev/null', 'new-session', '-d', '-x', `${COLUMNS}`, '-y', `${ROWS}`, '-c', folder, command);
try {
  await sleep(PATIENCE_MS);
  for (const [name, keys] of Object.entries(PICTURES)) {
    tmux('send-keys', ...keys);
    await sleep(DRAWN_MS);
    const path = join(root, 'docs/images', `${name}.svg`);
    writeFileSync(path, svgOf(tmux('capture-pane', '-p', '-e', '-N'), name, [COLUMNS, ROWS]));
    console.log(path);
  }
} finally {
  tmux('send-keys', 'q');
  await sleep(DRAWN_MS);
  // With its last program it has ended by itself, perhaps.
  spawnSync('tmux', ['-L', SOCKET, 'kill-server']);
  rmSync(folder, { recursive: true, force: true });
}
