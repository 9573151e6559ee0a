// Writes the protobuf code of the pprof format from profile.proto, into the folder given or the committed one.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'src/formats/pprof');
const out = resolve(process.argv[2] ?? join(folder, 'generated'));
const pbjs = join(dirname(createRequire(import.meta.url).resolve('protobufjs-cli/package.json')), 'bin/pbjs');
const leftOut = ['create', 'verify', 'convert', 'delimited', 'typeurl', 'service'].map(
  (part) => `--no-${part}`,
);
// A root of its own: the code looks its messages up there at run time, and other packages use "default".
const options = ['-t', 'static-module', '-w', 'esm', '--dts', '-r', 'austin-pprof', ...leftOut];

const run = spawnSync(
  process.execPath,
  [pbjs, ...options, '-o', join(out, 'profile.js'), join(folder, 'profile.proto')],
  {
    stdio: 'inherit',
  },
);
process.exitCode = run.status ?? 1;
