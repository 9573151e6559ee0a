import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readMojoRecording } from './read-mojo.mjs';

const CLI_PACKAGE = join(import.meta.dirname, '../../packages/cli');

export const cli = join(CLI_PACKAGE, 'dist/cli.js');

export const ours = {
  id: 'ours',
  label: 'ours',
  version: JSON.parse(readFileSync(join(CLI_PACKAGE, 'package.json'), 'utf8')).version,
  canSample: () => true,
  command: ({ pid, seconds, intervalUs, output }) => [
    process.execPath,
    cli,
    'record',
    '--no-progress',
    '-i',
    `${intervalUs}us`,
    '-x',
    String(seconds),
    '-o',
    output,
    '-p',
    String(pid),
  ],
  read: readMojoRecording,
  encodings: [
    { label: 'ours, MOJO' },
    { label: 'ours, MOJO and gzip', isCompressed: true, compress: gzipSync },
  ],
};
