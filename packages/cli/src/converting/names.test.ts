import { formatById } from '@austin-profiler/convert';
import { expect, it } from 'vitest';
import { extensionOf, withoutExtension } from './names.js';
import { isText, targetFormat } from './target-format.js';

it.each([
  ['app.mojo', 'app'],
  ['out/app.MOJO', 'out/app'],
  ['app.speedscope.json.gz', 'app'],
  ['app.mojo.zst', 'app'],
  ['austin.app.2.mojo', 'austin.app.2'],
  ['app.txt', 'app'],
  ['app', 'app'],
  ['.mojo', '.mojo'],
  ['dir.d/app', 'dir.d/app'],
])('%s without its extension is %s', (path, base) => expect(withoutExtension(path)).toBe(base));

it('a gzipped format has an ending that says so', () => {
  for (const id of ['mojo', 'collapsed']) expect(extensionOf(formatById(id)!)).not.toMatch(/\.gz$/);
  expect(extensionOf(formatById('pprof')!)).toMatch(/\.gz$/);
});

it('the format is named, or follows from the name of the output', () => {
  expect(targetFormat('mojo', 'x.collapsed').id).toBe('mojo');
  expect(targetFormat(undefined, 'x.mojo.gz').id).toBe('mojo');
  for (const [to, output] of [
    ['nope', undefined],
    [undefined, undefined],
    [undefined, '-'],
    [undefined, 'x.zip'],
  ] as const) {
    expect(() => targetFormat(to, output)).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE_FORMAT', hint: expect.stringContaining('mojo, ') }),
    );
  }
});

it('binary formats are known', () => {
  expect(isText(formatById('mojo')!)).toBe(false);
  expect(isText(formatById('pprof')!)).toBe(false);
  expect(isText(formatById('collapsed')!)).toBe(true);
  expect(isText(formatById('speedscope')!)).toBe(true);
});
