import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { existingPart, isGzipName, partPath, splitExtension } from './part-names.js';

it.each([
  ['app.mojo', 'app', '.mojo'],
  ['app.mojo.gz', 'app', '.mojo.gz'],
  ['a.b/app', 'a.b/app', ''],
  ['a.b/app.gz', 'a.b/app', '.gz'],
  ['app.v2.MOJO.GZ', 'app.v2', '.MOJO.GZ'],
])('%s is %s and %s', (path, base, extension) => {
  expect(splitExtension(path)).toEqual({ base, extension });
  expect(isGzipName(path)).toBe(/gz$/i.test(path));
});

it('numbers are in the order of names', () => {
  expect([1, 42, 12345].map((number) => partPath('out/app', '.mojo', number))).toEqual([
    'out/app.0001.mojo',
    'out/app.0042.mojo',
    'out/app.12345.mojo',
  ]);
});

it('finds a file in the way, and nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'austin-cli-'));
  try {
    const base = join(folder, 'app');
    for (const name of [
      'app.mojo',
      'app.2.mojo',
      'app.0001.mojo.gz',
      'app.0001.txt',
      'xapp.0001.mojo',
      'app.00a1.mojo',
    ]) {
      writeFileSync(join(folder, name), '');
    }
    expect(existingPart(base, '.mojo')).toBeUndefined();
    expect(existingPart(base, '.mojo.gz')).toBe('app.0001.mojo.gz');
    writeFileSync(join(folder, 'app.0017.mojo'), '');
    expect(existingPart(base, '.mojo')).toBe('app.0017.mojo');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
