import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openOutput } from './output-file.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'austin-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('names count up and nothing is replaced', () => {
  const name = join(folder, 'austin.app');
  for (let time = 0; time < 3; time++) openOutput(undefined, name).close();
  expect(readdirSync(folder).sort()).toEqual(['austin.app.2.mojo', 'austin.app.3.mojo', 'austin.app.mojo']);
});

it('a file named by the user is emptied when something is recorded into it', () => {
  const path = join(folder, 'a.mojo');
  writeFileSync(path, 'old');
  const output = openOutput(path, 'unused');
  expect(readFileSync(path, 'utf8')).toBe('old');
  output.empty();
  writeSync(output.fd, 'new');
  output.close();
  output.close();
  expect(readFileSync(path, 'utf8')).toBe('new');
});

it('discarding removes only what was not there before', () => {
  const old = join(folder, 'old.mojo');
  writeFileSync(old, '');
  openOutput(old, 'unused').discard();
  openOutput(join(folder, 'new.mojo'), 'unused').discard();
  openOutput('/dev/null', 'unused').discard();
  expect(readdirSync(folder)).toEqual(['old.mojo']);
  expect(existsSync('/dev/null')).toBe(true);
});

it('a file that cannot be opened is told with the reason', () => {
  expect(() => openOutput(join(folder, 'no/a.mojo'), 'unused')).toThrow(
    expect.objectContaining({
      code: 'ERR_OUTPUT_OPEN',
      message: expect.stringMatching(/a\.mojo: no such file or directory$/),
    }),
  );
});
