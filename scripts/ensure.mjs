// Makes a checkout ready to run: checks the machine, installs the dependencies, builds. Node built-ins only, because
// nothing is installed yet. All words go to stderr: stdout belongs to the command that runs afterwards.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withLock } from './lock.mjs';
import { missingTools, tooOldNode } from './machine.mjs';
import { runQuietly } from './run-quietly.mjs';

const root = dirname(import.meta.dirname);
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pnpm = manifest.packageManager;

const trouble = tooOldNode(manifest.engines.node) ?? missingTools();
if (trouble) {
  process.stderr.write(`austin: ${trouble}\n`);
  process.exit(1);
}

// One at a time: two installations, or two compilers, in one folder would spoil each other's files.
await withLock(join(root, '.nx/ensure.lock'), async () => {
  if (!isInstalled()) {
    await step(`installing the dependencies with ${pnpm}`, 'npx', [
      '-y',
      pnpm,
      'install',
      '--frozen-lockfile',
    ]);
  }
  await step('building', 'npm', ['run', '--silent', 'build']);
});

/** pnpm ends an installation by leaving a copy of the lockfile it installed. */
function isInstalled() {
  const wanted = readText('pnpm-lock.yaml');
  return wanted !== undefined && readText('node_modules/.pnpm/lock.yaml') === wanted;
}

function readText(path) {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}

async function step(what, command, args) {
  // .npmrc silences npm, and with it the reasons of a failure.
  const env = { ...process.env, npm_config_loglevel: 'warn' };
  const status = await runQuietly(what, command, args, { cwd: root, env });
  if (status === 0) return;
  process.stderr.write(`austin: ${what} failed; the output is above\n`);
  process.exit(1);
}
