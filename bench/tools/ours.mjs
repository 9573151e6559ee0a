import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attachWords } from './attach-words.mjs';
import { readMojoRecording } from './read-mojo.mjs';

const CLI_PACKAGE = join(import.meta.dirname, '../../packages/cli');

export const cli = join(CLI_PACKAGE, 'dist/cli.js');

export const ours = {
  id: 'ours',
  label: 'ours',
  version: JSON.parse(readFileSync(join(CLI_PACKAGE, 'package.json'), 'utf8')).version,
  canSample: () => true,
  command: (what) => [process.execPath, cli, 'record', '--no-progress', ...attachWords(what)],
  read: readMojoRecording,
  encodings: [
    { label: 'ours, MOJO' },
    // Compressed as it is written, a piece every 100 ms.
    { label: 'ours, MOJO and gzip', isCompressed: true, extension: '.mojo.gz' },
  ],
};
