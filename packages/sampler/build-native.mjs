// Builds native/build/Release/austin_sampler.node. `--clean` starts from nothing.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

const native = join(import.meta.dirname, 'native');
if (process.argv.includes('--clean')) rmSync(join(native, 'build'), { recursive: true, force: true });

const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
// configure writes the list of sources, build compiles what changed: `rebuild` would compile everything.
const args = [
  nodeGyp,
  'configure',
  'build',
  '-C',
  native,
  `--jobs=${availableParallelism()}`,
  '--loglevel=warn',
];
const prefix = dirname(dirname(process.execPath));
// Without headers at hand node-gyp downloads them, which fails offline.
if (existsSync(join(prefix, 'include/node/node_api.h'))) args.push(`--nodedir=${prefix}`);

// node-gyp runs "node" to read binding.gyp: it must be this one.
const PATH = `${dirname(process.execPath)}:${process.env.PATH ?? ''}`;
const { status, error } = spawnSync(process.execPath, args, {
  stdio: 'inherit',
  env: { ...process.env, PATH },
});
if (error) throw error;
process.exitCode = status ?? 1;
