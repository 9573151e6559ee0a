import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = dirname(import.meta.dirname);
const folders = ['.', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)];

/** Scripts that a package manager runs by itself when somebody installs the package. */
const LIFECYCLE = [
  'preinstall',
  'install',
  'postinstall',
  'prepublish',
  'preprepare',
  'prepare',
  'postprepare',
  'dependencies',
];

describe.each(folders)('the manifest of %s', (folder) => {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    scripts?: Record<string, string>;
    files?: string[];
    private?: boolean;
  };

  it('runs nothing at install', () => {
    expect(Object.keys(manifest.scripts ?? {}).filter((name) => LIFECYCLE.includes(name))).toEqual([]);
  });

  // npm and pnpm would run node-gyp at install for it, whatever the manifest says.
  it('has no binding.gyp beside it', () => {
    expect(existsSync(join(root, folder, 'binding.gyp'))).toBe(false);
  });

  if (!manifest.private) {
    it('names the files it publishes', () => {
      expect(manifest.files).toContain('dist');
    });
  }
});
